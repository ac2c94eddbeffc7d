use crate::KeyError;
use argon2::password_hash::phc::PasswordHash as Phc;
use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version};
use async_trait::async_trait;
use crm_accounts::{HasherError, PasswordCheck, PasswordHash, PasswordHasher, PlainPassword};
use std::error::Error;
use std::sync::Arc;
use std::thread;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::timeout;

type Failure = Box<dyn Error + Send + Sync>;

/// How much work one password is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Argon2Cost {
    /// Memory for one password.
    pub memory_kib: u32,
    /// How often it is gone through.
    pub passes: u32,
}

impl Argon2Cost {
    /// OWASP Password Storage Cheat Sheet, Argon2id with one lane: 19 MiB, two passes.
    pub const OWASP: Self = Self {
        memory_kib: 19 * 1024,
        passes: 2,
    };
    /// As little as Argon2 allows, for tests with many sign-ins.
    pub const LEAST: Self = Self {
        memory_kib: Params::MIN_M_COST,
        passes: 1,
    };
}

/// Argon2id, off the async threads and never more at a time than there are processors: each
/// password takes its memory, and a flood of sign-ins must not take all of it.
///
/// Hashes of an older cost and bcrypt hashes (`$2a$`, `$2b$`, `$2y$`) of an earlier system are
/// accepted and asked to be renewed.
pub struct Argon2Hasher {
    argon2: Argon2<'static>,
    nobody: PasswordHash,
    places: Arc<Semaphore>,
}

/// Longer than this nobody waits at a sign-in form; rather tell them.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// Places are bounded above as well: 16 × 19 MiB is enough for any hotel.
const MOST_PLACES: usize = 16;

impl Argon2Hasher {
    /// A hasher of that cost.
    ///
    /// # Errors
    /// `Cost` for numbers that Argon2 does not allow.
    pub fn new(cost: Argon2Cost) -> Result<Self, KeyError> {
        let places = thread::available_parallelism().map_or(1, usize::from);
        Self::with_places(cost, places.min(MOST_PLACES))
    }

    fn with_places(cost: Argon2Cost, places: usize) -> Result<Self, KeyError> {
        let params =
            Params::new(cost.memory_kib, cost.passes, 1, None).map_err(|_| KeyError::Cost)?;
        Ok(Self {
            argon2: Argon2::new(Algorithm::Argon2id, Version::V0x13, params),
            nobody: nobodys_hash(cost),
            places: Arc::new(Semaphore::new(places)),
        })
    }

    /// Runs slow work as soon as there is a place. The work owns its place: when whoever waits
    /// for it hangs up, it still runs to its end and still takes memory until then.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, HasherError> {
        let place = timeout(LONGEST_WAIT, Arc::clone(&self.places).acquire_owned())
            .await
            .map_err(|_| HasherError::Busy)?
            .map_err(|closed| HasherError::Failed(closed.into()))?;
        tokio::task::spawn_blocking(move || {
            let result = work();
            drop(place);
            result
        })
        .await
        .map_err(|lost| HasherError::Failed(lost.into()))?
        .map_err(HasherError::Failed)
    }
}

#[async_trait]
impl PasswordHasher for Argon2Hasher {
    async fn hash(&self, password: &PlainPassword) -> Result<PasswordHash, HasherError> {
        let (argon2, password) = (self.argon2.clone(), password.clone());
        self.run(move || {
            let hash = argon2.hash_password(password.expose().as_bytes())?;
            Ok(PasswordHash::new(hash.to_string()))
        })
        .await
    }

    async fn verify(
        &self,
        password: &PlainPassword,
        stored: Option<&PasswordHash>,
    ) -> Result<PasswordCheck, HasherError> {
        let (argon2, password) = (self.argon2.clone(), password.clone());
        let (nobody, stored) = (self.nobody.clone(), stored.cloned());
        self.run(move || {
            if let Some(stored) = stored {
                match check(&argon2, &password, &stored) {
                    Ok(check) => return Ok(check),
                    // Another answer than to everybody else would tell that there is such a user.
                    Err(error) => tracing::error!(error, "a stored password hash is unreadable"),
                }
            }
            check_argon2(&argon2, &password, &nobody)?;
            Ok(PasswordCheck::Wrong)
        })
        .await
    }
}

fn check(
    argon2: &Argon2<'_>,
    password: &PlainPassword,
    stored: &PasswordHash,
) -> Result<PasswordCheck, Failure> {
    if stored.as_str().starts_with("$2") {
        check_bcrypt(password, stored)
    } else {
        check_argon2(argon2, password, stored)
    }
}

fn check_argon2(
    argon2: &Argon2<'_>,
    password: &PlainPassword,
    stored: &PasswordHash,
) -> Result<PasswordCheck, Failure> {
    let hash = Phc::new(stored.as_str())?;
    if hash.hash.is_none() {
        return Err("there is no hash in the hash".into());
    }
    match argon2.verify_password(password.expose().as_bytes(), &hash) {
        Ok(()) if is_current(argon2, &hash) => Ok(PasswordCheck::Ok),
        Ok(()) => Ok(PasswordCheck::OkNeedsRehash),
        Err(argon2::password_hash::Error::PasswordInvalid) => Ok(PasswordCheck::Wrong),
        Err(damaged) => Err(damaged.into()),
    }
}

/// A legacy hash. bcrypt sees the first 72 bytes only, here as in the system that made it.
fn check_bcrypt(password: &PlainPassword, stored: &PasswordHash) -> Result<PasswordCheck, Failure> {
    Ok(if bcrypt::verify(password.expose(), stored.as_str())? {
        PasswordCheck::OkNeedsRehash
    } else {
        PasswordCheck::Wrong
    })
}

fn is_current(argon2: &Argon2<'_>, hash: &Phc) -> bool {
    let cost = |params: &Params| (params.m_cost(), params.t_cost(), params.p_cost());
    hash.algorithm == Algorithm::Argon2id.ident()
        && hash.version == Some(Version::V0x13.into())
        && Params::try_from(hash).is_ok_and(|params| cost(&params) == cost(argon2.params()))
}

/// What the password of a user who does not exist is compared with: a hash of today's cost that
/// is nobody's.
fn nobodys_hash(cost: Argon2Cost) -> PasswordHash {
    let Argon2Cost { memory_kib, passes } = cost;
    let (salt, hash) = ("A".repeat(22), "A".repeat(43));
    PasswordHash::new(format!(
        "$argon2id$v=19$m={memory_kib},t={passes},p=1${salt}${hash}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use PasswordCheck::{Ok as Same, OkNeedsRehash, Wrong};

    fn hasher() -> Argon2Hasher {
        Argon2Hasher::new(Argon2Cost::LEAST).unwrap()
    }

    fn secret(text: &str) -> PlainPassword {
        PlainPassword::new(text.to_owned())
    }

    async fn check(hasher: &Argon2Hasher, password: &str, hash: &PasswordHash) -> PasswordCheck {
        hasher.verify(&secret(password), Some(hash)).await.unwrap()
    }

    #[tokio::test]
    async fn a_password_fits_its_own_hash_only() {
        let hasher = hasher();
        let hash = hasher.hash(&secret("密碼 open sesame")).await.unwrap();
        assert_eq!(check(&hasher, "密碼 open sesame", &hash).await, Same);
        assert_eq!(check(&hasher, "密碼 open sesame ", &hash).await, Wrong);
        assert_eq!(check(&hasher, "", &hash).await, Wrong);
    }

    #[tokio::test]
    async fn the_same_password_never_has_the_same_hash() {
        let hasher = hasher();
        let first = hasher.hash(&secret("open sesame")).await.unwrap();
        assert_ne!(first, hasher.hash(&secret("open sesame")).await.unwrap());
    }

    #[tokio::test]
    async fn hashes_cost_what_owasp_asks_for_and_cheaper_ones_are_renewed() {
        let owasp = Argon2Hasher::new(Argon2Cost::OWASP).unwrap();
        let hash = owasp.hash(&secret("open sesame")).await.unwrap();
        assert!(hash.as_str().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(hash.as_str().len() <= 255);
        assert_eq!(check(&owasp, "open sesame", &hash).await, Same);

        let cheap = hasher().hash(&secret("open sesame")).await.unwrap();
        assert_eq!(check(&owasp, "open sesame", &cheap).await, OkNeedsRehash);
        assert_eq!(check(&owasp, "open sesam", &cheap).await, Wrong);
    }

    #[tokio::test]
    async fn a_bcrypt_hash_is_accepted_and_asked_to_be_renewed() {
        let hasher = hasher();
        let hash = bcrypt::hash("open sesame", 4).unwrap();
        for version in ["$2a$", "$2b$", "$2y$"] {
            let hash = PasswordHash::new(hash.replacen("$2b$", version, 1));
            assert_eq!(check(&hasher, "open sesame", &hash).await, OkNeedsRehash);
            assert_eq!(check(&hasher, "open sesam", &hash).await, Wrong);
        }
    }

    #[tokio::test]
    async fn an_unknown_user_is_compared_with_a_hash_of_the_same_cost() {
        let hasher = hasher();
        let nobody = Phc::new(hasher.nobody.as_str()).unwrap();
        assert!(is_current(&hasher.argon2, &nobody));
        let checked = hasher.verify(&secret("open sesame"), None).await.unwrap();
        assert_eq!(checked, Wrong);
    }

    #[tokio::test]
    async fn an_unreadable_hash_looks_like_a_wrong_password() {
        let hasher = hasher();
        for text in ["", "!", "open sesame", "$2b$04$short", "$argon2id$v=19$m=8"] {
            let stored = PasswordHash::new(text.to_owned());
            assert!(super::check(&hasher.argon2, &secret(text), &stored).is_err());
            assert_eq!(check(&hasher, text, &stored).await, Wrong, "{text}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_for_ever_for_a_place() {
        let hasher = Argon2Hasher::with_places(Argon2Cost::LEAST, 1).unwrap();
        let _taken = hasher.places.acquire().await.unwrap();
        let result = hasher.hash(&secret("open sesame")).await;
        assert!(matches!(result, Err(HasherError::Busy)));
    }

    #[test]
    fn impossible_costs_are_refused() {
        let nothing = Argon2Cost {
            memory_kib: 0,
            passes: 0,
        };
        assert_eq!(Argon2Hasher::new(nothing).err(), Some(KeyError::Cost));
    }
}
