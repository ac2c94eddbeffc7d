//! What handlers take from a request: who asks, which row, which page, what is to be written.

mod allowed;
mod form;
mod gate;
mod id;
mod paging;
mod query;
mod valid;

pub(crate) use allowed::{
    Allowed, AnalyticsRead, AnyUser, AuditRead, AutoResponsesRead, AutoResponsesWrite, BearerToken,
    CampaignsEmergencyStop, CampaignsRead, CampaignsSend, CampaignsWrite, ExportsCreate,
    JobsManage, MembersDelete, MembersMerge, MembersRead, MembersTag, MembersWrite, MessagesRead,
    MessagesSend, PmsManage, TagsRead, TagsWrite, TemplatesRead, TemplatesWrite, UploadsCreate,
    UsersManage, bearer,
};
pub(crate) use form::{AROUND_A_FILE, Form, FormFields};
use gate::admitted;
pub(crate) use id::{Id, SubId};
pub(crate) use paging::{MaybePaging, Paging};
pub(crate) use query::{FromQuery, Query, QueryReader};
pub(crate) use valid::{LARGEST, Valid, read as read_body};
