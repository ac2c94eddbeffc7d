use crate::MemoryStore;
use crate::tables::Tables;
use async_trait::async_trait;
use crm_accounts::{AccountsTx, SessionRepository, UserRepository};
use crm_auto_responses::{AutoResponseRepository, AutoResponsesTx};
use crm_campaigns::{
    BatchRepository, CampaignRepository, CampaignsTx, PlanRepository, RecipientRepository,
};
use crm_kernel::{AuditTrail, Figures, LiveFeed, Outbox, PictureUse, StoreError, Transaction};
use crm_members::{ImportRepository, MemberRepository, MembersTx, MergeRepository};
use crm_messages::{
    CannedRepliesTx, CannedReplyRepository, ConversationRepository, ConversationsTx,
    MediaRepository, MediaTx, MessageRepository, MessagesTx,
};
use crm_tags::{TagRepository, TagsTx};
use crm_templates::{TemplateRepository, TemplatesTx};
use crm_uploads::{UploadRepository, UploadsTx};
use crm_workflows::{InboundRepository, InboundTx, ReplyRepository, ReplyTx};
use tokio::sync::OwnedMutexGuard;

/// One unit of work over a copy of everything; every repository is the same copy.
pub struct MemoryTx {
    pub(crate) tables: Tables,
    pub(crate) store: MemoryStore,
    pub(crate) _turn: OwnedMutexGuard<()>,
}

#[async_trait]
impl Transaction for MemoryTx {
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
        let Self { tables, store, .. } = *self;
        store.write(|committed| *committed = tables);
        Ok(())
    }
}

impl AccountsTx for MemoryTx {
    fn users(&mut self) -> &mut dyn UserRepository {
        self
    }

    fn sessions(&mut self) -> &mut dyn SessionRepository {
        self
    }
}

impl MembersTx for MemoryTx {
    fn members(&mut self) -> &mut dyn MemberRepository {
        self
    }

    fn imports(&mut self) -> &mut dyn ImportRepository {
        self
    }

    fn merges(&mut self) -> &mut dyn MergeRepository {
        self
    }
}

impl TagsTx for MemoryTx {
    fn tags(&mut self) -> &mut dyn TagRepository {
        self
    }
}

impl TemplatesTx for MemoryTx {
    fn templates(&mut self) -> &mut dyn TemplateRepository {
        self
    }
}

impl CampaignsTx for MemoryTx {
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

impl AutoResponsesTx for MemoryTx {
    fn auto_responses(&mut self) -> &mut dyn AutoResponseRepository {
        self
    }
}

impl MessagesTx for MemoryTx {
    fn messages(&mut self) -> &mut dyn MessageRepository {
        self
    }
}

impl ConversationsTx for MemoryTx {
    fn conversations(&mut self) -> &mut dyn ConversationRepository {
        self
    }
}

impl CannedRepliesTx for MemoryTx {
    fn canned_replies(&mut self) -> &mut dyn CannedReplyRepository {
        self
    }
}

impl MediaTx for MemoryTx {
    fn media(&mut self) -> &mut dyn MediaRepository {
        self
    }
}

impl UploadsTx for MemoryTx {
    fn uploads(&mut self) -> &mut dyn UploadRepository {
        self
    }
}

impl InboundTx for MemoryTx {
    fn inbound(&mut self) -> &mut dyn InboundRepository {
        self
    }
}

impl ReplyTx for MemoryTx {
    fn replies(&mut self) -> &mut dyn ReplyRepository {
        self
    }
}
