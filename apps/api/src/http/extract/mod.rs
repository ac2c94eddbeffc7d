//! What handlers take from a request: who asks, which row, which page, what is to be written.

mod allowed;
mod gate;
mod id;
mod paging;
mod query;
mod valid;

pub(crate) use allowed::{
    Allowed, AnyUser, AuditRead, BearerToken, CampaignsRead, CampaignsSend, CampaignsWrite,
    JobsManage, MembersDelete, MembersRead, MembersTag, MembersWrite, TagsRead, TagsWrite,
    TemplatesRead, TemplatesWrite, UsersManage, bearer,
};
pub(crate) use id::{Id, SubId};
pub(crate) use paging::Paging;
pub(crate) use query::{FromQuery, Query, QueryReader};
pub(crate) use valid::{Valid, read as read_body};
