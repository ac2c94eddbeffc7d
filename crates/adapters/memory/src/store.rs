use crate::MemoryTx;
use crate::tables::Tables;
use async_trait::async_trait;
use crm_accounts::AccountsTx;
use crm_auto_responses::AutoResponsesTx;
use crm_campaigns::CampaignsTx;
use crm_exports::ExportsTx;
use crm_kernel::{StoreError, Transactions};
use crm_members::{MembersTx, PmsTx};
use crm_messages::{CannedRepliesTx, ConversationsTx, MessagesTx};
use crm_tags::TagsTx;
use crm_templates::TemplatesTx;
use crm_uploads::UploadsTx;
use crm_workflows::{CrmTx, TalkingTx};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How long a unit of work waits for the one before it.
const PATIENCE: Duration = Duration::from_secs(5);

/// Storage that lasts as long as its clones, which all see the same.
#[derive(Clone, Default)]
pub struct MemoryStore {
    committed: Arc<Mutex<Tables>>,
    one_writer: Arc<tokio::sync::Mutex<()>>,
}

impl MemoryStore {
    /// What is committed, also while a unit of work is open.
    pub(crate) fn read<T>(&self, look: impl FnOnce(&Tables) -> T) -> T {
        look(
            &self
                .committed
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }

    pub(crate) fn write<T>(&self, change: impl FnOnce(&mut Tables) -> T) -> T {
        change(
            &mut self
                .committed
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }

    async fn begin_tx(&self) -> Result<MemoryTx, StoreError> {
        let turn = tokio::time::timeout(PATIENCE, self.one_writer.clone().lock_owned())
            .await
            .map_err(|waited| StoreError::Busy(Box::new(waited)))?;
        Ok(MemoryTx {
            tables: self.read(Clone::clone),
            store: self.clone(),
            _turn: turn,
        })
    }
}

macro_rules! transactions {
    ($($shape:ident),*) => {$(
        #[async_trait]
        impl Transactions<dyn $shape> for MemoryStore {
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
    TemplatesTx,
    CampaignsTx,
    AutoResponsesTx,
    MessagesTx,
    ConversationsTx,
    CannedRepliesTx,
    UploadsTx,
    ExportsTx,
    TalkingTx,
    CrmTx
);
