//! Files that staff take away, from the wish to the download, and reports by the calendar.

mod calendar;
mod files;
mod making;
mod papers;

use async_trait::async_trait;
use crm_accounts::{Caller, CreateUser, PlainPassword, Role, UpdateUser, Username};
use crm_bootstrap::Crm;
use crm_campaigns::{Audience, CreateCampaign};
use crm_exports::{
    DownloadLink, Export, ExportError, ExportFormat, ExportRows, ExportStatus, MemberLine,
    MessageLine, Place, RecipientLine, ReportType, RequestExport, Stretch, TagLine, Viewer,
};
use crm_files::{Sheet, read_sheet};
use crm_kernel::{Actor, CampaignId, ExportId, SessionId, StoreError, UserId};
use crm_tests::Installation;
use futures::TryStreamExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::Notify;

/// A new user of this role, who sees what that role sees.
async fn somebody(hotel: &Installation, role: Role) -> Viewer {
    named(hotel, role.as_str(), role).await
}

async fn named(hotel: &Installation, name: &str, role: Role) -> Viewer {
    let user = CreateUser {
        username: name.to_owned(),
        email: format!("{name}@hotel.tw"),
        password: PlainPassword::new("correct horse 7".into()),
        full_name: None,
        role,
    };
    let user = hotel.crm.accounts.create_user(&Actor::System, user).await;
    Viewer {
        user: user.unwrap().id(),
        sees_all: role == Role::Admin,
    }
}

/// An admin who changes what others may do, signed in.
async fn owner(hotel: &Installation) -> Caller {
    Caller {
        user_id: named(hotel, "owner", Role::Admin).await.user,
        session_id: SessionId::new(1),
        username: Username::parse("owner").unwrap(),
        role: Role::Admin,
    }
}

async fn give(hotel: &Installation, owner: &Caller, user: UserId, role: Role) {
    let change = UpdateUser {
        role: Some(role),
        ..UpdateUser::default()
    };
    let changed = hotel.crm.accounts.update_user(owner, user, change).await;
    changed.unwrap();
}

async fn let_go(hotel: &Installation, owner: &Caller, user: UserId) {
    let change = UpdateUser {
        is_active: Some(false),
        ..UpdateUser::default()
    };
    let changed = hotel.crm.accounts.update_user(owner, user, change).await;
    changed.unwrap();
}

/// A wish for a file, without days or campaign.
fn wish(report: ReportType, format: ExportFormat) -> RequestExport {
    RequestExport {
        report,
        format,
        days: (None, None),
        campaign: None,
        shows_id_numbers: true,
    }
}

async fn asked(crm: &Crm, viewer: Viewer, wish: RequestExport) -> ExportId {
    crm.exports.request(viewer, wish).await.unwrap().id
}

async fn look(crm: &Crm, viewer: Viewer, id: ExportId) -> Export {
    crm.exports.get(viewer, id).await.unwrap()
}

/// What whoever has the link gets.
async fn downloaded(crm: &Crm, viewer: Viewer, id: ExportId) -> Result<Vec<u8>, ExportError> {
    let export = look(crm, viewer, id).await;
    let link = crm.exports.link_to(&export, viewer.user);
    let link = link.ok_or(ExportError::LinkExpired)?;
    bytes_of(crm, link.link, &link.signature).await
}

async fn bytes_of(crm: &Crm, link: DownloadLink, signature: &str) -> Result<Vec<u8>, ExportError> {
    let download = crm.exports.download(link, signature).await?;
    let parts: Vec<Vec<u8>> = download.file.bytes.try_collect().await?;
    let bytes = parts.concat();
    assert_eq!(bytes.len() as u64, download.file.length);
    Ok(bytes)
}

async fn table(crm: &Crm, viewer: Viewer, id: ExportId) -> Sheet {
    read_sheet(&downloaded(crm, viewer, id).await.unwrap()).unwrap()
}

/// The cells under a heading.
fn column(sheet: &Sheet, heading: &str) -> Vec<String> {
    let at = sheet
        .header
        .iter()
        .position(|name| name == heading)
        .unwrap();
    sheet.rows.iter().map(|(_, row)| row[at].clone()).collect()
}

/// Names of everything in the folder, whole or half.
fn folder(hotel: &Installation) -> Vec<String> {
    let folder = hotel.uploads.path().join("exports");
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

/// Everybody's friends get a campaign.
async fn sent_campaign(hotel: &Installation) -> CampaignId {
    let new = CreateCampaign {
        title: "中秋送禮".into(),
        template_id: crate::samples::plain_template(hotel).await,
        audience: Audience::All,
        trigger: None,
        scheduled_at: None,
    };
    let campaign = hotel.crm.campaigns.create(&Actor::System, new).await;
    let id = campaign.unwrap().id();
    hotel
        .crm
        .sending
        .send_now(&Actor::System, id)
        .await
        .unwrap();
    hotel.run_jobs().await;
    id
}

/// Rows of which pages after the first come only when somebody says so, and lists that say they
/// are longer than they are.
struct Gate {
    rows: Arc<dyn ExportRows>,
    reached: Notify,
    open: Notify,
    longer_by: AtomicU64,
}

impl Gate {
    /// The same process, reading two rows at a time through a gate.
    fn before(crm: &Crm) -> (Crm, Arc<Self>) {
        let gate = Arc::new(Self {
            rows: crm.reports.rows.clone(),
            reached: Notify::new(),
            open: Notify::new(),
            longer_by: AtomicU64::new(0),
        });
        let mut crm = crm.clone();
        crm.reports.rows = gate.clone();
        crm.reports.rows_at_once = 2;
        (crm, gate)
    }

    async fn pass(&self, is_first: bool) {
        if !is_first {
            self.reached.notify_one();
            self.open.notified().await;
            // Whoever comes next finds it open as well.
            self.open.notify_one();
        }
    }
}

#[async_trait]
impl ExportRows for Gate {
    async fn members(
        &self,
        joined: Option<Stretch>,
        after: Option<Place>,
        limit: u32,
    ) -> Result<Vec<MemberLine>, StoreError> {
        self.pass(after.is_none()).await;
        self.rows.members(joined, after, limit).await
    }

    async fn count_members(&self, joined: Option<Stretch>) -> Result<u64, StoreError> {
        let counted = self.rows.count_members(joined).await?;
        Ok(counted + self.longer_by.load(Ordering::Relaxed))
    }

    async fn recipients(
        &self,
        campaign: CampaignId,
        after: i64,
        limit: u32,
    ) -> Result<Vec<RecipientLine>, StoreError> {
        self.rows.recipients(campaign, after, limit).await
    }

    async fn count_recipients(&self, campaign: CampaignId) -> Result<u64, StoreError> {
        self.rows.count_recipients(campaign).await
    }

    async fn messages(
        &self,
        written: Stretch,
        after: Option<Place>,
        limit: u32,
    ) -> Result<Vec<MessageLine>, StoreError> {
        self.rows.messages(written, after, limit).await
    }

    async fn count_messages(&self, written: Stretch) -> Result<u64, StoreError> {
        self.rows.count_messages(written).await
    }

    async fn tags(&self, after: i64, limit: u32) -> Result<Vec<TagLine>, StoreError> {
        self.rows.tags(after, limit).await
    }

    async fn count_tags(&self) -> Result<u64, StoreError> {
        self.rows.count_tags().await
    }
}

/// Fails unless the file is there and whole.
fn is_completed(export: &Export) {
    assert_eq!(export.status, ExportStatus::Completed, "{export:?}");
    assert_eq!(export.progress(), 100);
}

/// A user whom no link was given to.
const NOBODY: UserId = UserId::new(999_999);

/// A job that nobody takes away.
struct Ours;

#[async_trait]
impl crm_workflows::Hold for Ours {
    fn is_valid(&self) -> bool {
        true
    }

    async fn wait(&self, _: std::time::Duration) -> bool {
        true
    }
}
