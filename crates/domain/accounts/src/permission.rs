use std::fmt;

/// Enum, list and stored names from one table: a permission missing in one of them would be an
/// open or a dead door.
macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// One thing that a role may or may not do; every route asks for one.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Permission {
            $($(#[$doc])* $name,)*
        }

        impl Permission {
            /// Every permission there is.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The stable name that clients and the audit log know.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }
        }
    };
}

permissions! {
    /// See members; identity numbers only masked.
    MembersRead = "members:read",
    /// Register and edit members, and write notes about them.
    MembersWrite = "members:write",
    /// Put tags on members and take them off.
    MembersTag = "members:tag",
    /// Erase a member's personal data.
    MembersDelete = "members:delete",
    /// Decide that two members are one person.
    MembersMerge = "members:merge",
    /// See identity numbers in full.
    MembersIdNumber = "members:id_number",
    /// See the tags there are.
    TagsRead = "tags:read",
    /// Create, edit and delete tags.
    TagsWrite = "tags:write",
    /// See message templates.
    TemplatesRead = "templates:read",
    /// Create, edit and delete message templates.
    TemplatesWrite = "templates:write",
    /// See campaigns, their progress and their recipients.
    CampaignsRead = "campaigns:read",
    /// Create, edit and delete campaigns.
    CampaignsWrite = "campaigns:write",
    /// Send, schedule, pause, resume and cancel a campaign.
    CampaignsSend = "campaigns:send",
    /// Halt all sending of the whole product, and allow it again.
    CampaignsEmergencyStop = "campaigns:emergency_stop",
    /// See auto-responses.
    AutoResponsesRead = "auto_responses:read",
    /// Create, edit, switch and delete auto-responses.
    AutoResponsesWrite = "auto_responses:write",
    /// Read conversations with members.
    MessagesRead = "messages:read",
    /// Answer a member.
    MessagesSend = "messages:send",
    /// See figures and reports.
    AnalyticsRead = "analytics:read",
    /// Make files of members or reports to take away.
    ExportsCreate = "exports:create",
    /// Store pictures.
    UploadsCreate = "uploads:create",
    /// See what the PMS delivered.
    PmsRead = "pms:read",
    /// Start PMS syncs and decide about what they found.
    PmsManage = "pms:manage",
    /// Create, edit and deactivate back-office users.
    UsersManage = "users:manage",
    /// Change the product's settings.
    SettingsManage = "settings:manage",
    /// Read who changed what.
    AuditRead = "audit:read",
    /// See background jobs and start dead ones again.
    JobsManage = "jobs:manage",
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_two_permissions_share_a_name() {
        let names: HashSet<_> = Permission::ALL.iter().map(|p| p.as_str()).collect();
        assert_eq!(names.len(), Permission::ALL.len());
    }
}
