//! Two tables and a unit of work that replaces them on commit.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_accounts::{
    AccountQueries, AccountsTx, AuditFilter, AuditQueries, AuditRow, CallerView, Credentials,
    LoginName, NewSession, NewUser, Role, Session, SessionRepository, StoredSession, StoredUser,
    User, UserFilter, UserRepository, UserRow, UserView,
};
use crm_kernel::{
    AuditEntry, AuditTrail, LiveEvent, LiveFeed, NewJob, Outbox, Page, PageRequest, PictureUse,
    SessionId, StoreError, Transaction, Transactions, UserId,
};
use std::sync::{Arc, Mutex};

#[derive(Clone, Default)]
pub struct Tables {
    pub users: Vec<StoredUser>,
    pub sessions: Vec<StoredSession>,
    pub audit: Vec<AuditEntry>,
}

#[derive(Clone, Default)]
pub struct Store(pub Arc<Mutex<Tables>>);

impl Store {
    pub fn read<T>(&self, look: impl FnOnce(&Tables) -> T) -> T {
        look(&self.0.lock().unwrap())
    }

    pub fn write(&self, change: impl FnOnce(&mut Tables)) {
        change(&mut self.0.lock().unwrap());
    }
}

struct Tx {
    store: Store,
    tables: Tables,
}

#[async_trait]
impl Transactions<dyn AccountsTx> for Store {
    async fn begin(&self) -> Result<Box<dyn AccountsTx>, StoreError> {
        Ok(Box::new(Tx {
            tables: self.read(Clone::clone),
            store: self.clone(),
        }))
    }
}

/// The only uploads there are, are those called `ours.jpg`.
#[async_trait]
impl PictureUse for Tx {
    async fn keep(&mut self, address: &str, _: DateTime<Utc>) -> Result<bool, StoreError> {
        Ok(address.ends_with("/ours.jpg"))
    }
}

/// Nobody listens.
impl LiveFeed for Tx {
    fn announce(&mut self, _: LiveEvent) {}
}

/// Nobody counts.
impl crm_kernel::Figures for Tx {
    fn add(&mut self, _: crm_kernel::Figure, _: i64, _: chrono::DateTime<chrono::Utc>, _: i64) {}
}

#[async_trait]
impl Transaction for Tx {
    fn outbox(&mut self) -> &mut dyn Outbox {
        self
    }

    fn audit(&mut self) -> &mut dyn AuditTrail {
        self
    }

    fn pictures(&mut self) -> &mut dyn PictureUse {
        self
    }
    fn live(&mut self) -> &mut dyn LiveFeed {
        self
    }

    fn figures(&mut self) -> &mut dyn crm_kernel::Figures {
        self
    }
    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        let Self { store, tables } = *self;
        store.write(|stored| *stored = tables);
        Ok(())
    }
}

#[async_trait]
impl Outbox for Tx {
    async fn put(&mut self, _: NewJob) -> Result<bool, StoreError> {
        Ok(true)
    }
}

#[async_trait]
impl AuditTrail for Tx {
    async fn record(&mut self, entry: AuditEntry) -> Result<(), StoreError> {
        self.tables.audit.push(entry);
        Ok(())
    }

    async fn forget(&mut self, _: &'static str, _: i64) -> Result<(), StoreError> {
        Ok(())
    }
}

impl AccountsTx for Tx {
    fn users(&mut self) -> &mut dyn UserRepository {
        self
    }

    fn sessions(&mut self) -> &mut dyn SessionRepository {
        self
    }
}

fn goes_by(row: &StoredUser, name: &LoginName) -> bool {
    match name {
        LoginName::Username(name) => row.username == *name,
        LoginName::Email(email) => row.email == *email,
    }
}

#[async_trait]
impl UserRepository for Tx {
    async fn insert(&mut self, user: NewUser, now: DateTime<Utc>) -> Result<User, StoreError> {
        let row = StoredUser {
            id: UserId::new(self.tables.users.len() as i64 + 1),
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
        self.tables.users.push(row.clone());
        Ok(User::from_stored(row))
    }

    async fn find(&mut self, id: UserId) -> Result<Option<User>, StoreError> {
        let row = self.tables.users.iter().find(|row| row.id == id);
        Ok(row.cloned().map(User::from_stored))
    }

    async fn find_by_login(&mut self, name: &LoginName) -> Result<Option<User>, StoreError> {
        let row = self.tables.users.iter().find(|row| goes_by(row, name));
        Ok(row.cloned().map(User::from_stored))
    }

    async fn update(&mut self, user: &User) -> Result<(), StoreError> {
        for row in self.tables.users.iter_mut().filter(|u| u.id == user.id()) {
            row.email = user.email().clone();
            row.full_name = user.full_name().cloned();
            row.password_hash = user.password_hash().clone();
            row.role = user.role();
            row.is_active = user.is_active();
            row.updated_at = user.updated_at();
        }
        Ok(())
    }

    async fn count_admins(&mut self) -> Result<u64, StoreError> {
        let users = self.tables.users.iter();
        let admins = users.filter(|u| u.is_active && u.role == Role::Admin);
        Ok(admins.count() as u64)
    }

    async fn record_login(&mut self, id: UserId, at: DateTime<Utc>) -> Result<(), StoreError> {
        for row in self.tables.users.iter_mut().filter(|row| row.id == id) {
            row.last_login_at = Some(at);
        }
        Ok(())
    }
}

#[async_trait]
impl SessionRepository for Tx {
    async fn insert(&mut self, new: NewSession) -> Result<Session, StoreError> {
        let row = StoredSession {
            id: SessionId::new(self.tables.sessions.len() as i64 + 1),
            user: new.user,
            created_at: new.created_at,
            expires_at: new.expires_at,
            revoked_at: None,
        };
        self.tables.sessions.push(row);
        Ok(Session::from_stored(row))
    }

    async fn revoke(&mut self, id: SessionId, at: DateTime<Utc>) -> Result<bool, StoreError> {
        let mut rows = self.tables.sessions.iter_mut();
        let open = rows.find(|row| row.id == id && row.revoked_at.is_none());
        Ok(open.map(|row| row.revoked_at = Some(at)).is_some())
    }

    async fn revoke_all(
        &mut self,
        user: UserId,
        except: Option<SessionId>,
        at: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        let mut ended = 0;
        for row in &mut self.tables.sessions {
            if row.user == user && Some(row.id) != except && row.revoked_at.is_none() {
                row.revoked_at = Some(at);
                ended += 1;
            }
        }
        Ok(ended)
    }
}

#[async_trait]
impl AccountQueries for Store {
    async fn find_credentials(&self, name: &LoginName) -> Result<Option<Credentials>, StoreError> {
        Ok(self.read(|tables| {
            let row = tables.users.iter().find(|row| goes_by(row, name))?;
            Some(Credentials {
                user: row.id,
                password_hash: row.password_hash.clone(),
                is_active: row.is_active,
            })
        }))
    }

    async fn find_caller(&self, session: SessionId) -> Result<Option<CallerView>, StoreError> {
        Ok(self.read(|tables| {
            let session = *tables.sessions.iter().find(|row| row.id == session)?;
            let user = tables.users.iter().find(|row| row.id == session.user)?;
            Some(CallerView {
                session: Session::from_stored(session),
                username: user.username.clone(),
                full_name: user.full_name.clone(),
                role: user.role,
                is_active: user.is_active,
            })
        }))
    }

    async fn me(&self, user: UserId) -> Result<Option<UserView>, StoreError> {
        Ok(self.read(|tables| {
            let row = tables.users.iter().find(|row| row.id == user)?.clone();
            Some(UserView {
                id: row.id,
                username: row.username,
                email: row.email,
                full_name: row.full_name,
                role: row.role,
                last_login_at: row.last_login_at,
            })
        }))
    }

    async fn list_users(
        &self,
        _: &UserFilter,
        request: PageRequest,
    ) -> Result<Page<UserRow>, StoreError> {
        Ok(self.read(|tables| {
            let users = tables.users.iter().cloned().map(User::from_stored);
            Page {
                items: users.map(|user| UserRow::from(&user)).collect(),
                total: tables.users.len() as u64,
                request,
            }
        }))
    }

    async fn find_user(&self, id: UserId) -> Result<Option<UserRow>, StoreError> {
        Ok(self.read(|tables| {
            let row = tables.users.iter().find(|row| row.id == id)?.clone();
            Some(UserRow::from(&User::from_stored(row)))
        }))
    }
}

#[async_trait]
impl AuditQueries for Store {
    async fn list(
        &self,
        _: &AuditFilter,
        request: PageRequest,
    ) -> Result<Page<AuditRow>, StoreError> {
        Ok(Page {
            items: Vec::new(),
            total: 0,
            request,
        })
    }
}
