//! A hotel with its API on a port of its own.

use crm_accounts::{CreateUser, PlainPassword, Role};
use crm_api::serve_on;
use crm_tests::{Api, Installation, Kind};
use serde_json::Value;
use std::net::TcpListener;
use std::time::Duration;
use tokio::sync::oneshot;

/// Everybody's password.
pub const PASSWORD: &str = "moon-festival-2026";

/// The API, and somebody of each role signed in to it.
pub struct Front {
    /// The hotel behind it.
    pub hotel: Installation,
    /// Where it answers.
    pub base: String,
    /// May do everything.
    pub admin: Api,
    /// Writes and sends campaigns.
    pub marketing: Api,
    /// Looks after guests.
    pub service: Api,
    /// Not signed in.
    pub stranger: Api,
}

/// Runs a test against a fresh front.
pub async fn on<F: AsyncFnOnce(&Front)>(kind: Kind, test: F) {
    let Some(hotel) = Installation::new(kind).await else {
        return;
    };
    for (name, role) in [
        ("admin", Role::Admin),
        ("mei", Role::Marketing),
        ("lin", Role::CustomerService),
    ] {
        let user = CreateUser {
            username: name.to_owned(),
            email: format!("{name}@hotel.example"),
            password: PlainPassword::new(PASSWORD.to_owned()),
            full_name: None,
            role,
        };
        hotel
            .crm
            .accounts
            .create_user(&crm_kernel::Actor::System, user)
            .await
            .unwrap();
    }
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let (stop, stopped) = oneshot::channel::<()>();
    let mut settings = hotel.settings.clone();
    settings.shutdown_grace = Duration::ZERO;
    let crm = hotel.crm.clone();
    let server = tokio::spawn(serve_on(listener, crm, settings, async {
        let _ = stopped.await;
    }));
    let front = Front {
        admin: Api::sign_in(&base, "admin", PASSWORD).await,
        marketing: Api::sign_in(&base, "mei", PASSWORD).await,
        service: Api::sign_in(&base, "lin@hotel.example", PASSWORD).await,
        stranger: Api::stranger(&base),
        base,
        hotel,
    };
    test(&front).await;
    stop.send(()).unwrap();
    server.await.unwrap().unwrap();
    front.hotel.end().await;
}

/// The fields that an answer complains about.
pub fn fields(answer: &Value) -> Vec<&str> {
    let errors = answer["errors"].as_array();
    let fields = errors.map(|list| list.iter().map(|e| e["field"].as_str().unwrap_or_default()));
    fields.map(Iterator::collect).unwrap_or_default()
}
