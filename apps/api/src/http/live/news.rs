use crate::http::campaigns;
use chrono::{DateTime, Utc};
use crm_accounts::{Caller, Permission};
use crm_campaigns::CampaignProgress;
use crm_kernel::{Facts, MemberId};
use crm_workflows::{Cursor, KeptEvent};
use serde::Serialize;

/// An event as it is written to every stream, but for its id.
pub(super) struct Told {
    pub(super) number: i64,
    kind: String,
    audience: Permission,
    member: Option<MemberId>,
    /// `event:` and `data:`.
    text: String,
}

/// Which events a listener asked for.
#[derive(Clone, Debug, Default)]
pub(super) struct Wanted {
    /// All, where it is empty.
    pub(super) kinds: Vec<super::query::LiveKind>,
    /// Only what is about this guest.
    pub(super) member: Option<MemberId>,
}

impl Wanted {
    /// Whether events of this kind are wanted, whomever they are about.
    pub(super) fn wants_kind(&self, kind: &str) -> bool {
        self.kinds.is_empty() || self.kinds.iter().any(|wanted| wanted.as_str() == kind)
    }
}

#[derive(Serialize)]
struct Data<'a> {
    event_id: i64,
    at: DateTime<Utc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    member_id: Option<MemberId>,
    #[serde(flatten)]
    facts: &'a Facts,
}

impl Told {
    /// Nothing, where a newer release tells those who have a permission that we do not know.
    pub(super) fn of(event: KeptEvent) -> Option<Self> {
        let mut known = Permission::ALL.iter();
        let audience = known.find(|known| known.as_str() == event.audience)?;
        let data = Data {
            event_id: event.id,
            at: event.at,
            member_id: event.member,
            facts: &event.facts,
        };
        let data = serde_json::to_string(&data).ok()?;
        Some(Self {
            number: event.id,
            audience: *audience,
            member: event.member,
            text: format!("event: {}\ndata: {data}\n\n", event.kind),
            kind: event.kind,
        })
    }

    /// Whether this caller is told.
    pub(super) fn is_for(&self, caller: &Caller, wanted: &Wanted) -> bool {
        wanted.wants_kind(&self.kind)
            && wanted
                .member
                .is_none_or(|member| self.member == Some(member))
            && caller.require(self.audience).is_ok()
    }

    /// Writes it down with the place that a listener comes back to.
    pub(super) fn write(&self, at: Cursor, piece: &mut String) {
        piece.push_str("id: ");
        piece.push_str(&at.to_string());
        piece.push('\n');
        piece.push_str(&self.text);
    }
}

/// `campaign.progress`, but for its id.
pub(super) fn progress(progress: &CampaignProgress) -> String {
    let data = campaigns::written(progress);
    format!("event: {PROGRESS}\ndata: {data}\n\n")
}

/// The kind that is not kept.
pub(super) const PROGRESS: &str = "campaign.progress";
