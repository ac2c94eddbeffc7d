//! Ports that can be looked through, and a house in which everything is plugged together.

use crate::store::{Store, Tables};
use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use crm_accounts::{
    AccessClaims, Accounts, AccountsConfig, AccountsPorts, CreateUser, HasherError, PasswordCheck,
    PasswordHash, PasswordHasher, PlainPassword, Role, SignedIn, TokenError, TokenSigner, User,
};
use crm_kernel::{Actor, Clock, SessionId, UserId};
use std::sync::{Arc, Mutex};

type Meanwhile = Box<dyn FnOnce(&mut Tables) + Send>;

/// Hashes are `new:<password>`, legacy ones `old:<password>`.
#[derive(Default)]
pub struct ClearHasher {
    store: Store,
    /// What was checked: whether there was a user behind the name.
    pub checks: Mutex<Vec<bool>>,
    /// What somebody else does while the next password is being hashed or checked.
    pub meanwhile: Mutex<Option<Meanwhile>>,
}

impl ClearHasher {
    fn let_others_act(&self) {
        if let Some(change) = self.meanwhile.lock().unwrap().take() {
            self.store.write(change);
        }
    }
}

#[async_trait]
impl PasswordHasher for ClearHasher {
    async fn hash(&self, password: &PlainPassword) -> Result<PasswordHash, HasherError> {
        self.let_others_act();
        Ok(PasswordHash::new(format!("new:{}", password.expose())))
    }

    async fn verify(
        &self,
        password: &PlainPassword,
        stored: Option<&PasswordHash>,
    ) -> Result<PasswordCheck, HasherError> {
        self.checks.lock().unwrap().push(stored.is_some());
        self.let_others_act();
        Ok(
            match stored.and_then(|hash| hash.as_str().split_once(':')) {
                Some(("new", text)) if text == password.expose() => PasswordCheck::Ok,
                Some(("old", text)) if text == password.expose() => PasswordCheck::OkNeedsRehash,
                _ => PasswordCheck::Wrong,
            },
        )
    }
}

/// Tokens are `session.user.issued.expires`.
struct ClearSigner;

impl TokenSigner for ClearSigner {
    fn sign(&self, claims: &AccessClaims) -> Result<String, TokenError> {
        let (issued, expires) = (claims.issued_at.timestamp(), claims.expires_at.timestamp());
        Ok(format!(
            "{}.{}.{issued}.{expires}",
            claims.session, claims.user
        ))
    }

    fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<AccessClaims, TokenError> {
        let numbers: Result<Vec<i64>, _> = token.split('.').map(str::parse).collect();
        let Ok([session, user, issued, expires]) = numbers
            .map_err(|_| ())
            .and_then(|n| <[i64; 4]>::try_from(n).map_err(|_| ()))
        else {
            return Err(TokenError::Invalid);
        };
        if now.timestamp() >= expires {
            return Err(TokenError::Expired);
        }
        let time = |seconds| DateTime::from_timestamp(seconds, 0).unwrap();
        Ok(AccessClaims {
            session: SessionId::new(session),
            user: UserId::new(user),
            issued_at: time(issued),
            expires_at: time(expires),
        })
    }
}

pub struct MovedClock(Mutex<DateTime<Utc>>);

impl Clock for MovedClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap()
    }
}

pub struct House {
    pub accounts: Accounts,
    pub store: Store,
    pub hasher: Arc<ClearHasher>,
    pub clock: Arc<MovedClock>,
}

impl House {
    pub fn empty() -> Self {
        let store = Store::default();
        let hasher = Arc::new(ClearHasher {
            store: store.clone(),
            ..ClearHasher::default()
        });
        let start = DateTime::from_timestamp(1_760_000_000, 0).unwrap();
        let clock = Arc::new(MovedClock(Mutex::new(start)));
        let ports = AccountsPorts {
            store: Arc::new(store.clone()),
            queries: Arc::new(store.clone()),
            audit: Arc::new(store.clone()),
            hasher: hasher.clone(),
            signer: Arc::new(ClearSigner),
            clock: clock.clone(),
        };
        Self {
            accounts: Accounts::new(ports, AccountsConfig::default()),
            store,
            hasher,
            clock,
        }
    }

    /// With one marketing user: `mei`, `mei@hotel.com`, password `open sesame`.
    pub async fn with_mei() -> Self {
        let house = Self::empty();
        house.create("mei", Role::Marketing).await;
        house
    }

    pub async fn create(&self, name: &str, role: Role) -> User {
        let new = new_user(name, role);
        self.accounts
            .create_user(&Actor::System, new)
            .await
            .unwrap()
    }

    pub async fn sign_in(&self) -> SignedIn {
        let password = secret("open sesame");
        self.accounts.login("mei", &password).await.unwrap()
    }

    pub fn pass(&self, time: TimeDelta) {
        *self.clock.0.lock().unwrap() += time;
    }
}

pub fn secret(text: &str) -> PlainPassword {
    PlainPassword::new(text.to_owned())
}

pub fn new_user(name: &str, role: Role) -> CreateUser {
    CreateUser {
        username: name.to_owned(),
        email: format!("{name}@hotel.com"),
        password: secret("open sesame"),
        full_name: Some("林小美".to_owned()),
        role,
    }
}
