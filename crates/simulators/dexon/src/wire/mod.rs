//! The endpoints that the hotel's system answers.

mod answer;
mod ask;
mod connection;
mod cursor;
mod gate;
mod rows;

use actix_web::HttpRequest;
use actix_web::web::{self, Data, ServiceConfig};

use crate::faults::Endpoint;
use crate::shared::Shared;

pub(crate) use connection::remember as remember_connection;

pub(crate) fn routes(config: &mut ServiceConfig) {
    for endpoint in [Endpoint::Health, Endpoint::Guests, Endpoint::Stays] {
        config.route(
            endpoint.path(),
            web::get().to(
                move |shared: Data<Shared>, request: HttpRequest| async move {
                    gate::pass(&shared, &request, endpoint).await
                },
            ),
        );
    }
}
