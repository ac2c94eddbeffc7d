//! The history of the schema, for SQLite and MySQL/MariaDB from one text.
//!
//! Each step is SQL in a small vocabulary (see `vocabulary.rs`) that names the few types on which
//! the two databases differ, so that a reader sees the whole table at once and every constraint
//! and index has the same name on both. Steps go forward in small pieces that the code of the
//! release before survives; each can be undone.

mod m0001_users;
mod m0002_members;
mod m0003_templates_and_tags;
mod m0004_campaigns;
mod m0005_jobs_and_inbound;
mod m0006_audit_and_requests;
mod m0007_uploads;
mod m0008_conversations;
mod m0009_imports_and_merges;
mod m0010_member_lists;
mod m0011_tries_and_pictures;
mod m0012_plans_and_senders;
mod m0013_pace_and_brake;
mod m0014_campaign_watching;
mod m0015_stays_by_rule;
mod m0016_inbox;
mod m0017_talking;
mod m0018_live_events;
mod m0019_clicks;
mod m0020_media;
mod m0021_pms;
mod m0022_field_edits;
mod m0023_import_profiles;
mod m0024_figures;
mod m0025_exports;
mod m0026_conversions;
mod m0027_rfm;
mod m0028_pms_followers;
mod m0029_monthly_figures;
mod vocabulary;

use sea_orm_migration::prelude::*;
pub use sea_orm_migration::{MigratorTrait, SchemaManager};

/// All steps, oldest first.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_users::Step),
            Box::new(m0002_members::Step),
            Box::new(m0003_templates_and_tags::Step),
            Box::new(m0004_campaigns::Step),
            Box::new(m0005_jobs_and_inbound::Step),
            Box::new(m0006_audit_and_requests::Step),
            Box::new(m0007_uploads::Step),
            Box::new(m0008_conversations::Step),
            Box::new(m0009_imports_and_merges::Step),
            Box::new(m0010_member_lists::Step),
            Box::new(m0011_tries_and_pictures::Step),
            Box::new(m0012_plans_and_senders::Step),
            Box::new(m0013_pace_and_brake::Step),
            Box::new(m0014_campaign_watching::Step),
            Box::new(m0015_stays_by_rule::Step),
            Box::new(m0016_inbox::Step),
            Box::new(m0017_talking::Step),
            Box::new(m0018_live_events::Step),
            Box::new(m0019_clicks::Step),
            Box::new(m0020_media::Step),
            Box::new(m0021_pms::Step),
            Box::new(m0022_field_edits::Step),
            Box::new(m0023_import_profiles::Step),
            Box::new(m0024_figures::Step),
            Box::new(m0025_exports::Step),
            Box::new(m0026_conversions::Step),
            Box::new(m0027_rfm::Step),
            Box::new(m0028_pms_followers::Step),
            Box::new(m0029_monthly_figures::Step),
        ]
    }
}

/// Declares a step whose `up` and `down` are lists of statements in the vocabulary.
macro_rules! step {
    ($name:literal, up: $up:expr, down: $down:expr $(,)?) => {
        /// One step of the schema's history.
        pub struct Step;

        impl sea_orm_migration::MigrationName for Step {
            fn name(&self) -> &'static str {
                $name
            }
        }

        #[async_trait::async_trait]
        impl sea_orm_migration::MigrationTrait for Step {
            async fn up(
                &self,
                manager: &sea_orm_migration::SchemaManager,
            ) -> Result<(), sea_orm_migration::DbErr> {
                crate::vocabulary::run(manager, $up).await
            }

            async fn down(
                &self,
                manager: &sea_orm_migration::SchemaManager,
            ) -> Result<(), sea_orm_migration::DbErr> {
                crate::vocabulary::run(manager, $down).await
            }
        }
    };
}
pub(crate) use step;
