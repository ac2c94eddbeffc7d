use crate::MemoryTx;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_accounts::{
    LoginName, NewSession, NewUser, Role, Session, SessionRepository, StoredSession, StoredUser,
    User, UserRepository,
};
use crm_kernel::{SessionId, StoreError, UserId};

#[async_trait]
impl UserRepository for MemoryTx {
    async fn insert(&mut self, user: NewUser, now: DateTime<Utc>) -> Result<User, StoreError> {
        let users = self.tables.users.values();
        for other in users {
            if other.username == user.username {
                return Err(StoreError::Duplicate {
                    key: "user_username",
                });
            }
            if other.email == user.email {
                return Err(StoreError::Duplicate { key: "user_email" });
            }
        }
        let row = StoredUser {
            id: self.tables.next_id(),
            username: user.username,
            email: user.email,
            password_hash: user.password_hash,
            full_name: user.full_name,
            role: user.role,
            is_active: true,
            last_login_at: None,
            created_at: now,
            updated_at: None,
        };
        self.tables.users.insert(row.id, row.clone());
        Ok(User::from_stored(row))
    }

    async fn find(&mut self, id: UserId) -> Result<Option<User>, StoreError> {
        Ok(self.tables.users.get(&id).cloned().map(User::from_stored))
    }

    async fn find_by_login(&mut self, name: &LoginName) -> Result<Option<User>, StoreError> {
        let found = self.tables.users.values().find(|user| match name {
            LoginName::Username(username) => user.username == *username,
            LoginName::Email(email) => user.email == *email,
        });
        Ok(found.cloned().map(User::from_stored))
    }

    async fn update(&mut self, user: &User) -> Result<(), StoreError> {
        let mut others = self.tables.users.values().filter(|u| u.id != user.id());
        if others.any(|other| other.email == *user.email()) {
            return Err(StoreError::Duplicate { key: "user_email" });
        }
        let row = self.tables.users.get_mut(&user.id());
        let row = row.ok_or_else(|| StoreError::internal("no such user"))?;
        *row = StoredUser {
            id: user.id(),
            username: user.username().clone(),
            email: user.email().clone(),
            password_hash: user.password_hash().clone(),
            full_name: user.full_name().cloned(),
            role: user.role(),
            is_active: user.is_active(),
            last_login_at: row.last_login_at,
            created_at: row.created_at,
            updated_at: user.updated_at(),
        };
        Ok(())
    }

    async fn count_admins(&mut self) -> Result<u64, StoreError> {
        let users = self.tables.users.values();
        let admins = users.filter(|user| user.is_active && user.role == Role::Admin);
        Ok(admins.count() as u64)
    }

    async fn record_login(&mut self, id: UserId, at: DateTime<Utc>) -> Result<(), StoreError> {
        if let Some(user) = self.tables.users.get_mut(&id) {
            user.last_login_at = Some(at);
        }
        Ok(())
    }
}

#[async_trait]
impl SessionRepository for MemoryTx {
    async fn insert(&mut self, session: NewSession) -> Result<Session, StoreError> {
        if !self.tables.users.contains_key(&session.user) {
            return Err(StoreError::Reference);
        }
        let row = StoredSession {
            id: self.tables.next_id(),
            user: session.user,
            created_at: session.created_at,
            expires_at: session.expires_at,
            revoked_at: None,
        };
        self.tables.sessions.insert(row.id, row);
        Ok(Session::from_stored(row))
    }

    async fn revoke(&mut self, id: SessionId, at: DateTime<Utc>) -> Result<bool, StoreError> {
        let session = self.tables.sessions.get_mut(&id);
        let open = session.filter(|session| session.revoked_at.is_none());
        Ok(open.map(|session| session.revoked_at = Some(at)).is_some())
    }

    async fn revoke_all(
        &mut self,
        user: UserId,
        except: Option<SessionId>,
        at: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        let mut ended = 0;
        for session in self.tables.sessions.values_mut() {
            if session.user == user && Some(session.id) != except && session.revoked_at.is_none() {
                session.revoked_at = Some(at);
                ended += 1;
            }
        }
        Ok(ended)
    }
}
