use crate::Permission;
use std::fmt;

/// What somebody does in the hotel, and with it what they may do here (document 000 §3.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Everything.
    Admin,
    /// Prepares and sends campaigns.
    Marketing,
    /// Talks with guests.
    CustomerService,
}

impl Role {
    /// All roles.
    pub const ALL: [Self; 3] = [Self::Admin, Self::Marketing, Self::CustomerService];

    /// The name that is stored and shown in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Marketing => "marketing",
            Self::CustomerService => "customer_service",
        }
    }

    /// The role of that name, if there is one.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == name)
    }

    /// Whether the role may do it. Written by permission and without a catch-all, so that a new
    /// permission does not compile before somebody decided who has it.
    #[must_use]
    pub const fn allows(self, permission: Permission) -> bool {
        use Permission as P;
        match permission {
            P::MembersRead
            | P::MembersWrite
            | P::MembersTag
            | P::TagsRead
            | P::TemplatesRead
            | P::CampaignsRead
            | P::AutoResponsesRead
            | P::MessagesRead
            | P::MessagesSend
            // A message may be a picture.
            | P::UploadsCreate
            | P::AnalyticsRead => true,

            // Marketing never needs to know who a guest is by law; the front desk does.
            P::MembersIdNumber => matches!(self, Self::Admin | Self::CustomerService),

            P::TagsWrite
            | P::TemplatesWrite
            | P::CampaignsWrite
            | P::CampaignsSend
            | P::AutoResponsesWrite
            | P::ExportsCreate => matches!(self, Self::Admin | Self::Marketing),

            P::MembersDelete
            | P::MembersMerge
            | P::CampaignsEmergencyStop
            | P::PmsRead
            | P::PmsManage
            | P::UsersManage
            | P::SettingsManage
            | P::AuditRead
            | P::JobsManage => matches!(self, Self::Admin),
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permissions_of(role: Role) -> Vec<&'static str> {
        let all = Permission::ALL.iter();
        all.filter(|p| role.allows(**p))
            .map(|p| p.as_str())
            .collect()
    }

    #[test]
    fn an_admin_may_do_everything() {
        assert_eq!(permissions_of(Role::Admin).len(), Permission::ALL.len());
    }

    #[test]
    fn marketing_prepares_and_sends_but_sees_no_identity_numbers() {
        assert_eq!(
            permissions_of(Role::Marketing),
            [
                "members:read",
                "members:write",
                "members:tag",
                "tags:read",
                "tags:write",
                "templates:read",
                "templates:write",
                "campaigns:read",
                "campaigns:write",
                "campaigns:send",
                "auto_responses:read",
                "auto_responses:write",
                "messages:read",
                "messages:send",
                "analytics:read",
                "exports:create",
                "uploads:create",
            ]
        );
    }

    #[test]
    fn customer_service_looks_after_members_and_reads_the_rest() {
        assert_eq!(
            permissions_of(Role::CustomerService),
            [
                "members:read",
                "members:write",
                "members:tag",
                "members:id_number",
                "tags:read",
                "templates:read",
                "campaigns:read",
                "auto_responses:read",
                "messages:read",
                "messages:send",
                "analytics:read",
                "uploads:create",
            ]
        );
    }

    #[test]
    fn a_role_is_found_by_its_stored_name_only() {
        for role in Role::ALL {
            assert_eq!(Role::parse(role.as_str()), Some(role));
        }
        assert_eq!(Role::parse("Admin"), None);
        assert_eq!(Role::parse(""), None);
    }
}
