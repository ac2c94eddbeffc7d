//! The product's side: its whole API, with a real sign-in.

use crate::place::Place;
use crate::server::Server;
use crm_accounts::PlainPassword;
use crm_api::{RateLimits, Streams, create_app};
use crm_bootstrap::{Crm, Settings};
use std::error::Error;

pub const PASSWORD: &str = "moon-festival-2026";

pub struct Product {
    pub server: Server,
    pub token: String,
    pub crm: Crm,
    pub settings: Settings,
}

impl Product {
    pub async fn start(place: &Place) -> Result<Self, Box<dyn Error>> {
        let settings = place.settings()?;
        let crm = Crm::connect(&settings).await?;
        crm.bootstrap_admin(&settings).await?;
        let password = PlainPassword::new(PASSWORD.to_owned());
        let token = crm.accounts.login("admin", &password).await?.token;
        let limits = RateLimits::new(&settings);
        let server = {
            let (crm, settings) = (crm.clone(), settings.clone());
            let streams = Streams::default();
            Server::start(move || create_app(&crm, &settings, &limits, &streams))?
        };
        Ok(Self {
            server,
            token,
            crm,
            settings,
        })
    }

    pub async fn stop(self) {
        self.server.stop().await;
        self.crm.database.close().await;
    }
}
