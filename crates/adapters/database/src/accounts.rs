use crate::dialect::{contains, for_update};
use crate::sql::{Sql, known, page_of, sql};
use crate::{Database, DatabaseTx};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_accounts::{
    AccountQueries, CallerView, Credentials, Email, FullName, LoginName, NewSession, NewUser,
    PasswordHash, Role, Session, SessionRepository, StoredSession, StoredUser, User, UserFilter,
    UserRepository, UserRow, UserView, Username,
};
use crm_kernel::{Page, PageRequest, SessionId, StoreError, UserId};
use sea_orm::FromQueryResult;

const COLUMNS: &str = "id, username, email, password_hash, full_name, role, is_active, \
                       last_login_at, created_at, updated_at";

#[derive(FromQueryResult)]
struct StoredRow {
    id: i64,
    username: String,
    email: String,
    password_hash: String,
    full_name: Option<String>,
    role: String,
    is_active: bool,
    last_login_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    updated_at: Option<DateTime<Utc>>,
}

impl TryFrom<StoredRow> for User {
    type Error = StoreError;

    fn try_from(row: StoredRow) -> Result<Self, StoreError> {
        Ok(Self::from_stored(StoredUser {
            id: UserId::new(row.id),
            username: username(&row.username)?,
            email: known(Email::parse(&row.email).ok(), "e-mail")?,
            password_hash: PasswordHash::new(row.password_hash),
            full_name: full_name(row.full_name)?,
            role: known(Role::parse(&row.role), "role")?,
            is_active: row.is_active,
            last_login_at: row.last_login_at,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }))
    }
}

fn username(stored: &str) -> Result<Username, StoreError> {
    known(Username::parse(stored).ok(), "username")
}

fn full_name(stored: Option<String>) -> Result<Option<FullName>, StoreError> {
    stored
        .map(|name| known(FullName::parse(&name).ok(), "full name"))
        .transpose()
}

fn by_login(name: &LoginName) -> Sql {
    let select = sql(format!("SELECT {COLUMNS} FROM users WHERE "));
    match name {
        LoginName::Username(name) => select.then("username_key = ?").bind(fold(name.as_str())),
        LoginName::Email(email) => select.then("email_key = ?").bind(fold(email.as_str())),
    }
}

/// The form in which names and addresses are unique.
fn fold(name: &str) -> String {
    name.to_lowercase()
}

#[async_trait]
impl UserRepository for DatabaseTx {
    async fn insert(&mut self, user: NewUser, now: DateTime<Utc>) -> Result<User, StoreError> {
        let id = sql(
            "INSERT INTO users (username, username_key, email, email_key, password_hash, \
             full_name, role, is_active, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(user.username.as_str())
        .bind(fold(user.username.as_str()))
        .bind(user.email.as_str())
        .bind(fold(user.email.as_str()))
        .bind(user.password_hash.as_str())
        .bind(user.full_name.as_ref().map(FullName::as_str))
        .bind(user.role.as_str())
        .bind(true)
        .bind(now)
        .insert(&self.tx)
        .await?;
        Ok(User::from_stored(StoredUser {
            id: UserId::new(id),
            username: user.username,
            email: user.email,
            password_hash: user.password_hash,
            full_name: user.full_name,
            role: user.role,
            is_active: true,
            last_login_at: None,
            created_at: now,
            updated_at: None,
        }))
    }

    async fn find(&mut self, id: UserId) -> Result<Option<User>, StoreError> {
        let row: Option<StoredRow> = sql(format!("SELECT {COLUMNS} FROM users WHERE id = ?"))
            .bind(id.get())
            .then(for_update(self.backend()))
            .one(&self.tx)
            .await?;
        row.map(User::try_from).transpose()
    }

    async fn find_by_login(&mut self, name: &LoginName) -> Result<Option<User>, StoreError> {
        let row: Option<StoredRow> = by_login(name)
            .then(for_update(self.backend()))
            .one(&self.tx)
            .await?;
        row.map(User::try_from).transpose()
    }

    async fn update(&mut self, user: &User) -> Result<(), StoreError> {
        sql(
            "UPDATE users SET username = ?, username_key = ?, email = ?, email_key = ?, \
             password_hash = ?, full_name = ?, role = ?, is_active = ?, updated_at = ? \
             WHERE id = ?",
        )
        .bind(user.username().as_str())
        .bind(fold(user.username().as_str()))
        .bind(user.email().as_str())
        .bind(fold(user.email().as_str()))
        .bind(user.password_hash().as_str())
        .bind(user.full_name().map(FullName::as_str))
        .bind(user.role().as_str())
        .bind(user.is_active())
        .bind(user.updated_at())
        .bind(user.id().get())
        .run(&self.tx)
        .await?;
        Ok(())
    }

    async fn count_admins(&mut self) -> Result<u64, StoreError> {
        let admins: Vec<UserId> =
            sql("SELECT id FROM users WHERE role = ? AND is_active = ? ORDER BY id")
                .bind(Role::Admin.as_str())
                .bind(true)
                .then(for_update(self.backend()))
                .ids(&self.tx)
                .await?;
        Ok(admins.len() as u64)
    }

    async fn record_login(&mut self, id: UserId, at: DateTime<Utc>) -> Result<(), StoreError> {
        sql("UPDATE users SET last_login_at = ? WHERE id = ?")
            .bind(at)
            .bind(id.get())
            .run(&self.tx)
            .await?;
        Ok(())
    }
}

#[async_trait]
impl SessionRepository for DatabaseTx {
    async fn insert(&mut self, session: NewSession) -> Result<Session, StoreError> {
        let id = sql("INSERT INTO sessions (user_id, created_at, expires_at) VALUES (?, ?, ?)")
            .bind(session.user.get())
            .bind(session.created_at)
            .bind(session.expires_at)
            .insert(&self.tx)
            .await?;
        Ok(Session::from_stored(StoredSession {
            id: SessionId::new(id),
            user: session.user,
            created_at: session.created_at,
            expires_at: session.expires_at,
            revoked_at: None,
        }))
    }

    async fn revoke(&mut self, id: SessionId, at: DateTime<Utc>) -> Result<bool, StoreError> {
        let ended = sql("UPDATE sessions SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL")
            .bind(at)
            .bind(id.get())
            .run(&self.tx)
            .await?;
        Ok(ended > 0)
    }

    async fn revoke_all(
        &mut self,
        user: UserId,
        except: Option<SessionId>,
        at: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        sql(
            "UPDATE sessions SET revoked_at = ? WHERE user_id = ? AND revoked_at IS NULL AND id <> ?",
        )
        .bind(at)
        .bind(user.get())
        .bind(except.map_or(0, SessionId::get))
        .run(&self.tx)
        .await
    }
}

/// `WHERE …` of a list; `1 = 1` keeps every part an `AND`.
fn condition(filter: &UserFilter) -> Sql {
    let mut all = sql(" WHERE 1 = 1");
    let search = filter.search.as_deref().map(str::trim);
    if let Some(search) = search.filter(|search| !search.is_empty()) {
        all = all
            .then(
                " AND (username LIKE ? ESCAPE '!' OR email LIKE ? ESCAPE '!' \
                 OR full_name LIKE ? ESCAPE '!')",
            )
            .bind_all(vec![contains(search); 3]);
    }
    if let Some(role) = filter.role {
        all = all.then(" AND role = ?").bind(role.as_str());
    }
    if let Some(is_active) = filter.is_active {
        all = all.then(" AND is_active = ?").bind(is_active);
    }
    all
}

#[derive(FromQueryResult)]
struct CallerRow {
    id: i64,
    user_id: i64,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    revoked_at: Option<DateTime<Utc>>,
    username: String,
    full_name: Option<String>,
    role: String,
    is_active: bool,
}

#[async_trait]
impl AccountQueries for Database {
    async fn find_credentials(&self, name: &LoginName) -> Result<Option<Credentials>, StoreError> {
        let row: Option<StoredRow> = by_login(name).one(&self.pool).await?;
        Ok(row.map(|row| Credentials {
            user: UserId::new(row.id),
            password_hash: PasswordHash::new(row.password_hash),
            is_active: row.is_active,
        }))
    }

    async fn find_caller(&self, session: SessionId) -> Result<Option<CallerView>, StoreError> {
        let row: Option<CallerRow> = sql(
            "SELECT s.id, s.user_id, s.created_at, s.expires_at, s.revoked_at, \
             u.username, u.full_name, u.role, u.is_active \
             FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.id = ?",
        )
        .bind(session.get())
        .one(&self.pool)
        .await?;
        row.map(|row| {
            Ok(CallerView {
                session: Session::from_stored(StoredSession {
                    id: SessionId::new(row.id),
                    user: UserId::new(row.user_id),
                    created_at: row.created_at,
                    expires_at: row.expires_at,
                    revoked_at: row.revoked_at,
                }),
                username: username(&row.username)?,
                full_name: full_name(row.full_name)?,
                role: known(Role::parse(&row.role), "role")?,
                is_active: row.is_active,
            })
        })
        .transpose()
    }

    async fn me(&self, user: UserId) -> Result<Option<UserView>, StoreError> {
        let row: Option<StoredRow> = sql(format!("SELECT {COLUMNS} FROM users WHERE id = ?"))
            .bind(user.get())
            .one(&self.pool)
            .await?;
        row.map(|row| {
            Ok(UserView {
                id: UserId::new(row.id),
                username: username(&row.username)?,
                email: known(Email::parse(&row.email).ok(), "e-mail")?,
                full_name: full_name(row.full_name)?,
                role: known(Role::parse(&row.role), "role")?,
                last_login_at: row.last_login_at,
            })
        })
        .transpose()
    }

    async fn list_users(
        &self,
        filter: &UserFilter,
        page: PageRequest,
    ) -> Result<Page<UserRow>, StoreError> {
        let condition = condition(filter);
        let total = sql("SELECT COUNT(*) FROM users")
            .join(condition.clone())
            .number(&self.pool)
            .await?;
        let rows: Vec<StoredRow> = sql(format!("SELECT {COLUMNS} FROM users"))
            .join(condition)
            .then(" ORDER BY id")
            .page(page)
            .all(&self.pool)
            .await?;
        page_of(rows, total, page, |row| {
            Ok(UserRow::from(&User::try_from(row)?))
        })
    }

    async fn find_user(&self, id: UserId) -> Result<Option<UserRow>, StoreError> {
        let row: Option<StoredRow> = sql(format!("SELECT {COLUMNS} FROM users WHERE id = ?"))
            .bind(id.get())
            .one(&self.pool)
            .await?;
        row.map(|row| Ok(UserRow::from(&User::try_from(row)?)))
            .transpose()
    }
}
