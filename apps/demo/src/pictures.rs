//! The pictures of the sample templates. They have an address of their own, since LINE loads
//! pictures from the web and the product keeps none for a template.

use crate::{DemoError, addresses};
use actix_web::dev::{Server, ServerHandle};
use actix_web::web::Path;
use actix_web::{App, HttpResponse, HttpServer, web};
use crm_bootstrap::Crm;
use sea_orm::{ConnectionTrait, DbErr, Statement};
use std::net::{SocketAddr, TcpListener};

const PICTURES: [(&str, &[u8]); 5] = [
    ("moon.png", include_bytes!("../assets/moon.png")),
    ("room.png", include_bytes!("../assets/room.png")),
    ("dinner.png", include_bytes!("../assets/dinner.png")),
    ("spring.png", include_bytes!("../assets/spring.png")),
    ("sea.png", include_bytes!("../assets/sea.png")),
];

/// Every column in which the address of a picture may be written.
const MENTIONS: [(&str, &str); 6] = [
    ("template_carousel_items", "image_url"),
    ("template_carousel_items", "interaction_result"),
    ("template_carousel_items", "buttons"),
    ("message_templates", "interaction_result"),
    ("message_templates", "buttons"),
    ("campaigns", "frozen_template"),
];

/// A server of pictures.
pub(crate) struct Pictures {
    /// What a picture's name is put behind.
    pub(crate) url: String,
    handle: ServerHandle,
}

impl Pictures {
    /// Serves them at this address, or on any free port beside it.
    pub(crate) fn start(wanted: SocketAddr) -> Result<Self, DemoError> {
        let listener = TcpListener::bind(wanted)
            .or_else(|_| TcpListener::bind(addresses::any_port(wanted)))
            .map_err(|error| DemoError::Listen(wanted, error))?;
        let addr = listener.local_addr().map_err(DemoError::Server)?;
        let server = serve(listener).map_err(DemoError::Server)?;
        let handle = server.handle();
        tokio::spawn(server);
        Ok(Self {
            url: format!("{}/pictures", addresses::url(addr)),
            handle,
        })
    }

    /// Ends the server.
    pub(crate) async fn stop(self) {
        self.handle.stop(false).await;
    }
}

fn serve(listener: TcpListener) -> std::io::Result<Server> {
    let server = HttpServer::new(|| App::new().route("/pictures/{name}", web::get().to(picture)))
        .workers(1)
        .disable_signals()
        .listen(listener)?;
    Ok(server.run())
}

async fn picture(wanted: Path<String>) -> HttpResponse {
    let found = PICTURES.iter().find(|(name, _)| *name == wanted.as_str());
    match found {
        Some((_, bytes)) => HttpResponse::Ok()
            .content_type("image/png")
            .insert_header(("cache-control", "max-age=3600"))
            .body(*bytes),
        None => HttpResponse::NotFound().finish(),
    }
}

/// Lets what is stored follow the pictures to another address.
pub(crate) async fn move_stored(crm: &Crm, from: &str, to: &str) -> Result<(), DbErr> {
    let pool = crm.database.pool();
    for (table, column) in MENTIONS {
        let statement = Statement::from_sql_and_values(
            pool.get_database_backend(),
            format!("UPDATE {table} SET {column} = REPLACE({column}, ?, ?) WHERE {column} LIKE ?"),
            [
                format!("{from}/").into(),
                format!("{to}/").into(),
                format!("%{from}/%").into(),
            ],
        );
        pool.execute_raw(statement).await?;
    }
    Ok(())
}
