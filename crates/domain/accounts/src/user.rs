use crate::{Email, FullName, PasswordHash, Role, Username};
use chrono::{DateTime, Utc};
use crm_kernel::UserId;

/// Somebody who works in the back office.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    id: UserId,
    username: Username,
    email: Email,
    password_hash: PasswordHash,
    full_name: Option<FullName>,
    role: Role,
    is_active: bool,
    last_login_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    updated_at: Option<DateTime<Utc>>,
}

/// A user that no storage has seen yet; active from the start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewUser {
    /// Unique.
    pub username: Username,
    /// Unique.
    pub email: Email,
    /// Made by the [`PasswordHasher`](crate::PasswordHasher).
    pub password_hash: PasswordHash,
    /// The name that colleagues see.
    pub full_name: Option<FullName>,
    /// What they may do.
    pub role: Role,
}

/// A user's row, as a storage hands it over.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "the columns of `users`, document 000 §3.2.1; told by their names"
)]
pub struct StoredUser {
    pub id: UserId,
    pub username: Username,
    pub email: Email,
    pub password_hash: PasswordHash,
    pub full_name: Option<FullName>,
    pub role: Role,
    pub is_active: bool,
    pub last_login_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub updated_at: Option<DateTime<Utc>>,
}

impl User {
    /// The user of a stored row.
    #[must_use]
    pub fn from_stored(row: StoredUser) -> Self {
        Self {
            id: row.id,
            username: row.username,
            email: row.email,
            password_hash: row.password_hash,
            full_name: row.full_name,
            role: row.role,
            is_active: row.is_active,
            last_login_at: row.last_login_at,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }

    /// Their id.
    #[must_use]
    pub const fn id(&self) -> UserId {
        self.id
    }

    /// The short name they sign in with; never changes.
    #[must_use]
    pub const fn username(&self) -> &Username {
        &self.username
    }

    /// Their address, good for signing in as well.
    #[must_use]
    pub const fn email(&self) -> &Email {
        &self.email
    }

    /// What their password is checked against.
    #[must_use]
    pub const fn password_hash(&self) -> &PasswordHash {
        &self.password_hash
    }

    /// The name that colleagues see.
    #[must_use]
    pub const fn full_name(&self) -> Option<&FullName> {
        self.full_name.as_ref()
    }

    /// What they may do.
    #[must_use]
    pub const fn role(&self) -> Role {
        self.role
    }

    /// Whether they may sign in.
    #[must_use]
    pub const fn is_active(&self) -> bool {
        self.is_active
    }

    /// When they last signed in with a password.
    #[must_use]
    pub const fn last_login_at(&self) -> Option<DateTime<Utc>> {
        self.last_login_at
    }

    /// When they were created.
    #[must_use]
    pub const fn created_at(&self) -> DateTime<Utc> {
        self.created_at
    }

    /// When somebody last changed them.
    #[must_use]
    pub const fn updated_at(&self) -> Option<DateTime<Utc>> {
        self.updated_at
    }

    /// Sets another address, which they sign in with from now on.
    pub fn change_email(&mut self, email: Email, now: DateTime<Utc>) {
        self.email = email;
        self.updated_at = Some(now);
    }

    /// Sets another name for colleagues to see, or none.
    pub fn change_full_name(&mut self, name: Option<FullName>, now: DateTime<Utc>) {
        self.full_name = name;
        self.updated_at = Some(now);
    }

    /// Gives them another role; it counts from their next request on.
    pub const fn change_role(&mut self, role: Role, now: DateTime<Utc>) {
        self.role = role;
        self.updated_at = Some(now);
    }

    /// Keeps them out; it counts from their next request on.
    pub const fn deactivate(&mut self, now: DateTime<Utc>) {
        self.is_active = false;
        self.updated_at = Some(now);
    }

    /// Lets them in again.
    pub const fn reactivate(&mut self, now: DateTime<Utc>) {
        self.is_active = true;
        self.updated_at = Some(now);
    }

    /// Sets another password.
    pub fn change_password(&mut self, hash: PasswordHash, now: DateTime<Utc>) {
        self.password_hash = hash;
        self.updated_at = Some(now);
    }

    /// Stores the same password in a newer form; nobody changed anything, so it is no update.
    pub fn renew_hash(&mut self, hash: PasswordHash) {
        self.password_hash = hash;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_leave_their_time_but_a_renewed_hash_does_not() {
        let at = DateTime::UNIX_EPOCH;
        let hash = |text: &str| PasswordHash::new(text.to_owned());
        let mut user = User::from_stored(StoredUser {
            id: UserId::new(1),
            username: Username::parse("mei").unwrap(),
            email: Email::parse("mei@hotel.com").unwrap(),
            password_hash: hash("old"),
            full_name: None,
            role: Role::Marketing,
            is_active: true,
            last_login_at: None,
            created_at: at,
            updated_at: None,
        });

        user.renew_hash(hash("renewed"));
        assert_eq!(user.updated_at(), None);
        user.change_role(Role::Admin, at);
        assert_eq!((user.role(), user.updated_at()), (Role::Admin, Some(at)));
        user.deactivate(at);
        assert!(!user.is_active());
        user.reactivate(at);
        assert!(user.is_active());
        user.change_password(hash("new"), at);
        assert_eq!(user.password_hash(), &hash("new"));
    }
}
