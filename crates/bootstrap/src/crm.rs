use crate::clock::Sleep;
use crate::{KeptAnswers, RandomIds, Settings, SystemClock, install_tls};
use chrono::TimeDelta;
use crm_accounts::{AccountError, Accounts, AccountsConfig, AccountsPorts, PlainPassword};
use crm_analytics::{Analytics, Conversions, FigureRebuild, Rfm};
use crm_auto_responses::AutoResponses;
use crm_campaigns::Campaigns;
use crm_database::{Database, DatabaseOptions, GroupedInbox};
use crm_exports::{Exports, ExportsPorts, ReportMaker};
use crm_files::{ExportFolder, FileStore, Pictures};
use crm_kernel::{Clock, HotelTime, IdGenerator, StoreError};
use crm_line::LinePace;
use crm_members::{Members, PmsGateway};
use crm_messages::{CannedReplies, Conversations, Messages};
use crm_reports::Reports as Maker;
use crm_security::{
    AnswerCipher, Argon2Cost, Argon2Hasher, DownloadSigner, IdNumberCipher, JwtSigner, KeyError,
    LinkSigner, MasterKey,
};
use crm_tags::Tags;
use crm_templates::Templates;
use crm_uploads::{UploadRules, Uploads};
use crm_workflows::{
    Answering, Brake, BulkTagging, CannedWords, Composing, Erasure, GuestWording, Inbound,
    InboundRules, LineGateway, LinkTokens, Media, Pace, PmsPorts, PmsSync, Profiles, Reports,
    Sending, SendingRules, Talking, Taps, TapsPorts, TemplateRemoval, WebhookReader,
};
use secrecy::ExposeSecret;
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;

/// SQLite's writers do not queue; whoever waits looks again after at most 100 ms.
const SQLITE_TURN: Duration = Duration::from_millis(110);

/// What stands between the product and the outside; tests put others in.
pub struct Parts {
    /// The database.
    pub database: Database,
    /// LINE, as we call it.
    pub line: Arc<dyn LineGateway>,
    /// LINE, as it calls us.
    pub webhook: Arc<dyn WebhookReader>,
    /// The hotel's own system.
    pub pms: Arc<dyn PmsGateway>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Random ids.
    pub ids: Arc<dyn IdGenerator>,
    /// How slow password hashing is.
    pub password_cost: Argon2Cost,
}

/// Everything that the programs can do. Cheap to clone.
#[derive(Clone)]
pub struct Crm {
    /// Users and sign-in.
    pub accounts: Accounts,
    /// Guests.
    pub members: Members,
    /// Tags.
    pub tags: Tags,
    /// Message templates.
    pub templates: Templates,
    /// Deleting a template.
    pub template_removal: TemplateRemoval,
    /// Campaigns.
    pub campaigns: Campaigns,
    /// Sending them.
    pub sending: Sending,
    /// Stopping every send.
    pub brake: Brake,
    /// How fast sends go.
    pub pace: Arc<dyn Pace>,
    /// Rules that answer guests by themselves.
    pub auto_responses: AutoResponses,
    /// What guests and the hotel wrote to each other.
    pub messages: Messages,
    /// Who looks after a conversation, and notes about it.
    pub conversations: Conversations,
    /// Replies kept ready.
    pub canned_replies: CannedReplies,
    /// The same, with a guest's name in them.
    pub canned_words: CannedWords,
    /// Writing to one guest.
    pub talking: Talking,
    /// Pictures.
    pub uploads: Uploads,
    /// Files of members, until they are read in.
    pub files: FileStore,
    /// Pictures, videos and files that guests send.
    pub media: Media,
    /// What LINE delivers.
    pub inbound: Inbound,
    /// What is said to it by itself.
    pub answering: Answering,
    /// Making messages of templates, for one guest each.
    pub composing: Composing,
    /// What guests tap.
    pub taps: Taps,
    /// Tagging many guests.
    pub bulk_tagging: BulkTagging,
    /// Deleting a guest.
    pub erasure: Erasure,
    /// Files that staff take away, and the calendar of reports.
    pub exports: Exports,
    /// Making them.
    pub reports: Reports,
    /// Charts, sheets and papers as files.
    pub report_maker: Arc<dyn ReportMaker>,
    /// Taking over what the hotel's own system says.
    pub pms: PmsSync,
    /// What the messages brought.
    pub analytics: Analytics,
    /// Keeping the figures true to their rows.
    pub figures: FigureRebuild,
    /// What bookings campaigns led to.
    pub conversions: Conversions,
    /// Which guests are worth most.
    pub rfm: Rfm,
    /// The database: health, jobs, migrations.
    pub database: Database,
    /// Answers kept for repeated requests.
    pub kept_answers: KeptAnswers,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Random ids.
    pub ids: Arc<dyn IdGenerator>,
    /// What a day is.
    pub hotel: HotelTime,
}

/// The product cannot be put together.
#[derive(Debug, Error)]
pub enum BuildError {
    /// The database does not answer or has the wrong schema.
    #[error("the database cannot be used: {0}")]
    Store(#[from] StoreError),
    /// A key cannot be used.
    #[error("a key cannot be used: {0}")]
    Key(#[from] KeyError),
    /// The LINE client cannot be set up.
    #[error("the LINE client cannot be set up: {0}")]
    Line(String),
    /// The client of the hotel's own system cannot be set up.
    #[error("the PMS client cannot be set up: {0}")]
    Pms(String),
    /// The first admin cannot be created.
    #[error("the first admin cannot be created: {0}")]
    Admin(#[from] AccountError),
}

impl Crm {
    /// Connects to the database and puts everything together with the real clock and LINE.
    ///
    /// # Errors
    /// [`BuildError`].
    pub async fn connect(settings: &Settings) -> Result<Self, BuildError> {
        install_tls();
        let database = Database::connect(&DatabaseOptions {
            max_connections: settings.database_max_connections,
            page_cache: settings.page_cache,
            ..DatabaseOptions::new(&settings.database_url)
        })
        .await?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let parts = Parts {
            database,
            line: crate::line::gateway(settings)?,
            webhook: crate::line::webhook(settings),
            pms: crate::pms::gateway(settings, clock.clone())?,
            clock,
            ids: Arc::new(RandomIds),
            password_cost: Argon2Cost::OWASP,
        };
        Self::assemble(settings, parts)
    }

    /// Puts everything together from given parts.
    ///
    /// # Errors
    /// `Key` when a key of the settings cannot be used, `Pms` when its rows cannot be read.
    pub fn assemble(settings: &Settings, parts: Parts) -> Result<Self, BuildError> {
        let Parts {
            database,
            line,
            webhook,
            pms,
            clock,
            ids,
            password_cost,
        } = parts;
        let secret = MasterKey::from_text(&settings.secret_key)?;
        let id_key = MasterKey::from_base64(&settings.id_number_key)?;
        let previous = settings
            .id_number_key_previous
            .as_ref()
            .map(MasterKey::from_base64)
            .transpose()?;
        let links: Arc<dyn LinkTokens> = Arc::new(LinkSigner::new(&secret)?);
        let hotel = HotelTime::new(settings.hotel_time_zone);
        let database = database.with_hotel(hotel);
        let store = Arc::new(database.clone());
        let kept_answers =
            KeptAnswers::new(database.clone(), Arc::new(AnswerCipher::new(&secret)?));

        let accounts = Accounts::new(
            AccountsPorts {
                store: store.clone(),
                queries: store.clone(),
                audit: store.clone(),
                hasher: Arc::new(Argon2Hasher::new(password_cost)?),
                signer: Arc::new(JwtSigner::new(&secret)?),
                clock: clock.clone(),
            },
            AccountsConfig {
                access_token: TimeDelta::minutes(settings.access_token_minutes),
                ..AccountsConfig::default()
            },
        );
        let vault: Arc<IdNumberCipher> = Arc::new(IdNumberCipher::new(&id_key, previous.as_ref())?);
        let files = FileStore::local(&settings.files.upload_dir)?;
        let members = Members::new(store.clone(), store.clone(), vault.clone(), clock.clone())
            .with_import_files(Arc::new(files.clone()))
            .with_hotel_time(hotel);
        let tags = Tags::new(store.clone(), store.clone(), clock.clone());
        let templates = Templates::new(store.clone(), store.clone(), clock.clone());
        let campaigns = Campaigns::new(store.clone(), store.clone(), clock.clone(), hotel);
        let lateness =
            TimeDelta::from_std(settings.campaign_max_lateness).unwrap_or(TimeDelta::hours(2));
        let brake = Brake::new(store.clone(), store.clone(), clock.clone());
        let pace: Arc<dyn Pace> = Arc::new(LinePace::new(
            store.clone(),
            settings.line.multicast_per_second,
            settings.line.push_per_second,
        ));
        let sending = Sending {
            store: store.clone(),
            campaigns: store.clone(),
            templates: store.clone(),
            members: store.clone(),
            stranded: store.clone(),
            line: line.clone(),
            pace: pace.clone(),
            brake: brake.clone(),
            links: links.clone(),
            clock: clock.clone(),
            pause: Arc::new(Sleep),
            ids: ids.clone(),
            hotel,
            rules: SendingRules {
                rest_between_ranges: if database.is_mysql() {
                    Duration::ZERO
                } else {
                    SQLITE_TURN
                },
                ..SendingRules::new(settings.public_base_url.as_str(), lateness)
            },
        };
        let auto_responses = AutoResponses::new(store.clone(), store.clone(), clock.clone(), hotel);
        let canned_replies = CannedReplies::new(
            store.clone(),
            store.clone(),
            Arc::new(GuestWording),
            clock.clone(),
        );
        let canned_words = CannedWords::new(canned_replies.clone(), store.clone(), store.clone());
        let template_removal = TemplateRemoval::new(
            templates.clone(),
            auto_responses.clone(),
            canned_replies.clone(),
        );
        let messages = Messages::new(store.clone(), store.clone(), clock.clone());
        let conversations = Conversations::new(store.clone(), store.clone(), clock.clone());
        let composing = Composing::new(
            store.clone(),
            links.clone(),
            settings.public_base_url.as_str(),
        );
        let talking = Talking::new(
            store.clone(),
            line.clone(),
            clock.clone(),
            ids.clone(),
            Arc::new(Sleep),
            (pace.clone(), brake.clone()),
            (composing.clone(), settings.public_base_url.as_str()),
        );
        let uploads = Uploads::new(
            store.clone(),
            store.clone(),
            Arc::new(Pictures::new()),
            Arc::new(files.clone()),
            clock.clone(),
            ids.clone(),
            UploadRules {
                max_bytes: settings.files.max_file_size,
                allowed: settings.files.allowed_image_types.clone(),
            },
        );
        let taps = Taps::new(
            TapsPorts {
                store: store.clone(),
                campaigns: store.clone(),
                messages: store.clone(),
                templates: store.clone(),
                links,
                tags: tags.clone(),
                members: members.clone(),
                clock: clock.clone(),
                ids: ids.clone(),
            },
            TimeDelta::from_std(settings.click_window).unwrap_or(TimeDelta::hours(1)),
        );
        let answering = Answering {
            store: store.clone(),
            rules: auto_responses.clone(),
            composing: composing.clone(),
            public_base_url: settings
                .public_base_url
                .as_str()
                .trim_end_matches('/')
                .into(),
            line: line.clone(),
            pace: pace.clone(),
            brake: brake.clone(),
            pause: Arc::new(Sleep),
            clock: clock.clone(),
            ids: ids.clone(),
        };
        let media = Media {
            store: store.clone(),
            queries: store.clone(),
            files: Arc::new(files.clone()),
            line: line.clone(),
            clock: clock.clone(),
            ids: ids.clone(),
            max_bytes: settings.files.max_media_size,
        };
        let inbound = Inbound {
            store: store.clone(),
            inbox: Arc::new(GroupedInbox::new(database.clone())),
            queries: store.clone(),
            reader: webhook,
            profiles: Profiles::new(line, Arc::new(Sleep), clock.clone()),
            members: members.clone(),
            messages: messages.clone(),
            taps: taps.clone(),
            answering: answering.clone(),
            rules: InboundRules {
                open_window: TimeDelta::days(settings.open_window_days.into()),
                retention: TimeDelta::days(settings.webhook_retention_days.into()),
            },
            clock: clock.clone(),
            ids: ids.clone(),
        };
        let pms = PmsSync::new(
            PmsPorts {
                store: store.clone(),
                queries: store.clone(),
                gateway: pms,
                format: crate::pms::format(settings, clock.clone())?,
                files: Arc::new(files.clone()),
                clock: clock.clone(),
            },
            members.clone(),
            hotel,
            TimeDelta::from_std(settings.pms.overlap).unwrap_or(TimeDelta::minutes(15)),
        );
        let analytics = Analytics::new(store.clone(), clock.clone(), hotel);
        let report_maker: Arc<dyn ReportMaker> =
            Arc::new(Maker::new(settings.files.pdf_font_path.clone()));
        let folder = ExportFolder::new(&settings.files.export_dir, report_maker.clone());
        let kept_for = TimeDelta::from_std(settings.files.export_link_ttl);
        let exports = Exports::new(
            ExportsPorts {
                store: store.clone(),
                queries: store.clone(),
                files: Arc::new(folder),
                links: Arc::new(DownloadSigner::new(&secret)?),
                clock: clock.clone(),
            },
            hotel,
            kept_for.unwrap_or(TimeDelta::hours(1)),
        );
        let reports = Reports {
            exports: exports.clone(),
            rows: store.clone(),
            analytics: analytics.clone(),
            vault: vault.clone(),
            ids: ids.clone(),
            rows_at_once: Reports::ROWS_AT_ONCE,
        };
        let figures = FigureRebuild::new(store.clone(), clock.clone(), hotel);
        let rfm = Rfm::new(store.clone(), store.clone(), clock.clone());
        let bulk_tagging = BulkTagging::new(store.clone(), clock.clone());
        let conversions = Conversions::new(
            store.clone(),
            store.clone(),
            clock.clone(),
            settings.conversion_window_days,
        );
        let erasure = Erasure::new(store, members.clone(), tags.clone(), messages.clone());
        Ok(Self {
            accounts,
            members,
            tags,
            templates,
            template_removal,
            campaigns,
            sending,
            brake,
            pace,
            auto_responses,
            messages,
            conversations,
            canned_replies,
            canned_words,
            talking,
            uploads,
            files,
            media,
            inbound,
            answering,
            composing,
            taps,
            bulk_tagging,
            erasure,
            exports,
            reports,
            report_maker,
            pms,
            analytics,
            figures,
            conversions,
            rfm,
            database,
            kept_answers,
            clock,
            ids,
            hotel,
        })
    }

    /// Creates the first admin named by the settings, when there is none yet.
    ///
    /// # Errors
    /// `Admin` when the settings' name, e-mail or password are not acceptable.
    pub async fn bootstrap_admin(&self, settings: &Settings) -> Result<(), BuildError> {
        let Some(admin) = &settings.bootstrap_admin else {
            return Ok(());
        };
        let password = PlainPassword::new(admin.password.expose_secret().to_owned());
        let created = self
            .accounts
            .bootstrap_admin(&admin.username, &admin.email, password)
            .await?;
        if let Some(user) = created {
            tracing::info!(user.id = user.id().get(), "created the first admin");
        }
        Ok(())
    }
}
