use crate::Database;
use crate::commits::commit_begins;
use crate::errors::store_error;
use crate::figures::{FigureKey, MonthKey};
use async_trait::async_trait;
use crm_accounts::{AccountsTx, SessionRepository, UserRepository};
use crm_analytics::ConversionsTx;
use crm_auto_responses::{AutoResponseRepository, AutoResponsesTx};
use crm_campaigns::{
    BatchRepository, CampaignRepository, CampaignsTx, PlanRepository, RecipientRepository,
};
use crm_exports::{ExportRepository, ExportsTx};
use crm_kernel::{
    AuditTrail, Figures, HotelTime, LiveEvent, LiveFeed, Outbox, PictureUse, StoreError,
    Transaction, Transactions,
};
use crm_members::PmsTx;
use crm_members::{ImportRepository, MemberRepository, MembersTx, MergeRepository};
use crm_messages::{
    CannedRepliesTx, CannedReplyRepository, ConversationRepository, ConversationsTx,
    MediaRepository, MediaTx, MessageRepository, MessagesTx,
};
use crm_tags::{TagRepository, TagsTx};
use crm_templates::{TemplateRepository, TemplatesTx};
use crm_uploads::{UploadRepository, UploadsTx};
use crm_workflows::{
    AnswerTx, BrakeRepository, BrakeTx, BulkTagRepository, BulkTagsTx, ClickRepository, ClicksTx,
    CrmTx, InboundRepository, InboundTx, ReplyRepository, ReplyTx, TalkingTx,
};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend};
use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicI64, Ordering};

static TURNS: AtomicI64 = AtomicI64::new(0);

/// One unit of work; every repository is the same transaction.
pub struct DatabaseTx {
    pub(crate) tx: DatabaseTransaction,
    /// Search keys of the members found so far, as they are stored.
    pub(crate) found_keys: HashMap<i64, Option<String>>,
    /// Rows of the search index that are to come (`true`) or to go with the commit.
    pub(crate) changed_terms: BTreeMap<(Vec<u8>, i64), bool>,
    /// Members more or less than before.
    pub(crate) members_added: i64,
    /// Which part of the kept total they go to.
    pub(crate) total_part: i64,
    /// Figures to be moved, by name, subject and day.
    pub(crate) counted: BTreeMap<FigureKey, i64>,
    /// The same by name, month and subject, of figures whose subjects are listed.
    pub(crate) counted_months: BTreeMap<MonthKey, i64>,
    pub(crate) hotel: HotelTime,
    /// How many units of work this process had begun before.
    pub(crate) turn: i64,
    /// What is told with the commit.
    pub(crate) told: Vec<LiveEvent>,
}

impl DatabaseTx {
    pub(crate) fn backend(&self) -> DbBackend {
        self.tx.get_database_backend()
    }

    pub(crate) fn is_mysql(&self) -> bool {
        self.backend() == DbBackend::MySql
    }

    pub(crate) async fn finish(mut self) -> Result<(), StoreError> {
        self.write_terms().await?;
        self.keep_totals().await?;
        self.move_figures().await?;
        self.tell().await?;
        commit_begins();
        self.tx.commit().await.map_err(store_error)
    }
}

impl Database {
    /// The only place where a unit of work begins.
    pub(crate) async fn begin_tx(&self) -> Result<DatabaseTx, StoreError> {
        let writer = self.writer.clone();
        // In a task of its own: a BEGIN cut off half-way would give the pool back a connection
        // that is in a transaction nobody ends. One that is finished and not wanted rolls back.
        let begun = tokio::spawn(async move { writer.begin().await });
        let tx = begun
            .await
            .map_err(|e| StoreError::Internal(Box::new(e)))??;
        Ok(DatabaseTx {
            tx,
            found_keys: HashMap::new(),
            changed_terms: BTreeMap::new(),
            members_added: 0,
            total_part: 0,
            counted: BTreeMap::new(),
            counted_months: BTreeMap::new(),
            hotel: self.hotel,
            turn: TURNS.fetch_add(1, Ordering::Relaxed),
            told: Vec::new(),
        })
    }
}

#[async_trait]
impl Transaction for DatabaseTx {
    fn outbox(&mut self) -> &mut dyn Outbox {
        self
    }

    fn audit(&mut self) -> &mut dyn AuditTrail {
        self
    }

    fn pictures(&mut self) -> &mut dyn PictureUse {
        self
    }

    fn live(&mut self) -> &mut dyn LiveFeed {
        self
    }

    fn figures(&mut self) -> &mut dyn Figures {
        self
    }

    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        self.finish().await
    }
}

impl AccountsTx for DatabaseTx {
    fn users(&mut self) -> &mut dyn UserRepository {
        self
    }

    fn sessions(&mut self) -> &mut dyn SessionRepository {
        self
    }
}

impl MembersTx for DatabaseTx {
    fn members(&mut self) -> &mut dyn MemberRepository {
        self
    }

    fn merges(&mut self) -> &mut dyn MergeRepository {
        self
    }

    fn imports(&mut self) -> &mut dyn ImportRepository {
        self
    }
}

impl TagsTx for DatabaseTx {
    fn tags(&mut self) -> &mut dyn TagRepository {
        self
    }
}

impl BulkTagsTx for DatabaseTx {
    fn bulk_tags(&mut self) -> &mut dyn BulkTagRepository {
        self
    }
}

impl ClicksTx for DatabaseTx {
    fn clicks(&mut self) -> &mut dyn ClickRepository {
        self
    }
}

impl BrakeTx for DatabaseTx {
    fn brake(&mut self) -> &mut dyn BrakeRepository {
        self
    }
}

impl TemplatesTx for DatabaseTx {
    fn templates(&mut self) -> &mut dyn TemplateRepository {
        self
    }
}

impl CampaignsTx for DatabaseTx {
    fn campaigns(&mut self) -> &mut dyn CampaignRepository {
        self
    }

    fn recipients(&mut self) -> &mut dyn RecipientRepository {
        self
    }

    fn batches(&mut self) -> &mut dyn BatchRepository {
        self
    }

    fn plans(&mut self) -> &mut dyn PlanRepository {
        self
    }
}

impl AutoResponsesTx for DatabaseTx {
    fn auto_responses(&mut self) -> &mut dyn AutoResponseRepository {
        self
    }
}

impl MessagesTx for DatabaseTx {
    fn messages(&mut self) -> &mut dyn MessageRepository {
        self
    }
}

impl ConversationsTx for DatabaseTx {
    fn conversations(&mut self) -> &mut dyn ConversationRepository {
        self
    }
}

impl CannedRepliesTx for DatabaseTx {
    fn canned_replies(&mut self) -> &mut dyn CannedReplyRepository {
        self
    }
}

impl MediaTx for DatabaseTx {
    fn media(&mut self) -> &mut dyn MediaRepository {
        self
    }
}

impl UploadsTx for DatabaseTx {
    fn uploads(&mut self) -> &mut dyn UploadRepository {
        self
    }
}

impl ExportsTx for DatabaseTx {
    fn exports(&mut self) -> &mut dyn ExportRepository {
        self
    }
}

impl InboundTx for DatabaseTx {
    fn inbound(&mut self) -> &mut dyn InboundRepository {
        self
    }
}

impl ReplyTx for DatabaseTx {
    fn replies(&mut self) -> &mut dyn ReplyRepository {
        self
    }
}

macro_rules! transactions {
    ($($shape:ident),* $(,)?) => {$(
        #[async_trait]
        impl Transactions<dyn $shape> for Database {
            async fn begin(&self) -> Result<Box<dyn $shape>, StoreError> {
                Ok(Box::new(self.begin_tx().await?))
            }
        }
    )*};
}
transactions!(
    AccountsTx,
    MembersTx,
    PmsTx,
    TagsTx,
    BulkTagsTx,
    BrakeTx,
    TemplatesTx,
    CampaignsTx,
    AutoResponsesTx,
    MessagesTx,
    ConversationsTx,
    CannedRepliesTx,
    MediaTx,
    UploadsTx,
    TalkingTx,
    AnswerTx,
    ClicksTx,
    ExportsTx,
    CrmTx,
    ConversionsTx,
);
