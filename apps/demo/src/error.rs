use crm_analytics::AnalyticsError;
use crm_auto_responses::AutoResponseError;
use crm_bootstrap::{BuildError, SettingsError};
use crm_campaigns::CampaignError;
use crm_kernel::StoreError;
use crm_members::MemberError;
use crm_tags::TagError;
use crm_templates::TemplateError;
use crm_workflows::InboundError;
use sea_orm::DbErr;
use std::io;
use std::net::SocketAddr;
use thiserror::Error;

/// Why the demo cannot start or go on.
#[derive(Debug, Error)]
pub enum DemoError {
    /// `HTTP_ADDR` is no address.
    #[error("HTTP_ADDR must be an address with a port such as 127.0.0.1:8000, not {0}")]
    NoAddress(String),
    /// Somebody else listens there.
    #[error(
        "{0} is in use by another program: end that one, or choose another address, for example\n\
         HTTP_ADDR=127.0.0.1:8010 cargo demo"
    )]
    AddressInUse(SocketAddr),
    /// The address cannot be listened on.
    #[error("cannot listen on {0}: {1}")]
    Listen(SocketAddr, #[source] io::Error),
    /// Two demos would share one database.
    #[error("another demo runs in this directory and uses {0}; end that one first")]
    HomeInUse(String),
    /// The folder cannot be used.
    #[error("cannot use {0}: {1}")]
    Home(String, #[source] io::Error),
    /// The simulated LINE cannot start.
    #[error("the LINE simulator cannot start: {0}")]
    Simulator(#[source] io::Error),
    /// The simulated PMS cannot start.
    #[error("the PMS simulator cannot start: {0}")]
    PmsSimulator(#[source] io::Error),
    /// A server broke.
    #[error("a server ended: {0}")]
    Server(#[source] io::Error),
    /// The API does not come up.
    #[error("the API does not answer")]
    Silent,
    /// The settings cannot be used.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The product cannot be put together.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The sample data cannot be stored.
    #[error("the database failed: {0}")]
    Database(#[from] DbErr),
    /// The sample data cannot be stored.
    #[error("the database failed: {0}")]
    Store(#[from] StoreError),
    /// The figures of the sample cannot be counted.
    #[error("the figures cannot be counted: {0}")]
    Figures(#[from] AnalyticsError),
    /// A sample guest was refused.
    #[error("a sample member was refused: {0}")]
    Member(#[from] MemberError),
    /// A sample rule was refused.
    #[error("a sample rule was refused: {0}")]
    AutoResponse(#[from] AutoResponseError),
    /// A sample tag was refused.
    #[error("a sample tag was refused: {0}")]
    Tag(#[from] TagError),
    /// A sample template was refused.
    #[error("a sample template was refused: {0}")]
    Template(#[from] TemplateError),
    /// A sample campaign was refused.
    #[error("a sample campaign was refused: {0}")]
    Campaign(#[from] CampaignError),
    /// A sample tap was refused.
    #[error("a sample tap was refused: {0}")]
    Tap(#[from] InboundError),
    /// The sample data is not what the rest of it relies on.
    #[error("the sample data does not fit together: {0}")]
    Sample(&'static str),
}
