use crate::{AccountError, CallerView, Permission, Role, Username};
use crm_kernel::{Actor, SessionId, UserId};

/// Who makes a request, as they are at this moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The user.
    pub user_id: UserId,
    /// The sign-in the request belongs to.
    pub session_id: SessionId,
    /// Their short name.
    pub username: Username,
    /// What they may do.
    pub role: Role,
}

impl Caller {
    /// Insists on a permission.
    ///
    /// # Errors
    /// `Forbidden` when the role does not include it.
    pub const fn require(&self, permission: Permission) -> Result<(), AccountError> {
        if self.role.allows(permission) {
            Ok(())
        } else {
            Err(AccountError::Forbidden { permission })
        }
    }

    /// The name under which changes are recorded.
    #[must_use]
    pub const fn actor(&self) -> Actor {
        Actor::User { id: self.user_id }
    }
}

impl From<CallerView> for Caller {
    fn from(view: CallerView) -> Self {
        Self {
            user_id: view.session.user(),
            session_id: view.session.id(),
            username: view.username,
            role: view.role,
        }
    }
}
