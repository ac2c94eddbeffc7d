use chrono::{DateTime, TimeDelta, Utc};
use crm_kernel::{SessionId, UserId};

/// One sign-in of one user, from the password to the end of the day at most.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    id: SessionId,
    user: UserId,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    revoked_at: Option<DateTime<Utc>>,
}

/// A sign-in that no storage has seen yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewSession {
    /// Who signed in.
    pub user: UserId,
    /// When.
    pub created_at: DateTime<Utc>,
    /// From when on a password is asked for again.
    pub expires_at: DateTime<Utc>,
}

/// A session's row, as a storage hands it over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredSession {
    /// The row.
    pub id: SessionId,
    /// Who signed in.
    pub user: UserId,
    /// When.
    pub created_at: DateTime<Utc>,
    /// From when on a password is asked for again.
    pub expires_at: DateTime<Utc>,
    /// Since when it is ended before its time, by signing out or by somebody else.
    pub revoked_at: Option<DateTime<Utc>>,
}

impl Session {
    /// A sign-in that lasts for `length`, however often its tokens are refreshed.
    #[must_use]
    pub fn open(user: UserId, now: DateTime<Utc>, length: TimeDelta) -> NewSession {
        NewSession {
            user,
            created_at: now,
            expires_at: now + length,
        }
    }

    /// The session of a stored row.
    #[must_use]
    pub const fn from_stored(row: StoredSession) -> Self {
        Self {
            id: row.id,
            user: row.user,
            created_at: row.created_at,
            expires_at: row.expires_at,
            revoked_at: row.revoked_at,
        }
    }

    /// The row.
    #[must_use]
    pub const fn id(&self) -> SessionId {
        self.id
    }

    /// Who signed in.
    #[must_use]
    pub const fn user(&self) -> UserId {
        self.user
    }

    /// When they signed in.
    #[must_use]
    pub const fn created_at(&self) -> DateTime<Utc> {
        self.created_at
    }

    /// From when on a password is asked for again.
    #[must_use]
    pub const fn expires_at(&self) -> DateTime<Utc> {
        self.expires_at
    }

    /// Since when it is ended before its time.
    #[must_use]
    pub const fn revoked_at(&self) -> Option<DateTime<Utc>> {
        self.revoked_at
    }

    /// Whether requests may still be made in it.
    #[must_use]
    pub fn is_live(&self, now: DateTime<Utc>) -> bool {
        self.revoked_at.is_none() && now < self.expires_at
    }

    /// When a token made now runs out: after `lifetime`, but never later than the session.
    #[must_use]
    pub fn token_expiry(&self, now: DateTime<Utc>, lifetime: TimeDelta) -> DateTime<Utc> {
        self.expires_at.min(now + lifetime)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(revoked_at: Option<DateTime<Utc>>) -> Session {
        let new = Session::open(
            UserId::new(1),
            DateTime::UNIX_EPOCH,
            TimeDelta::try_hours(24).unwrap(),
        );
        Session::from_stored(StoredSession {
            id: SessionId::new(1),
            user: new.user,
            created_at: new.created_at,
            expires_at: new.expires_at,
            revoked_at,
        })
    }

    #[test]
    fn a_session_lives_until_its_last_moment_or_until_it_is_revoked() {
        let end = session(None).expires_at();
        assert!(session(None).is_live(end - TimeDelta::microseconds(1)));
        assert!(!session(None).is_live(end));
        assert!(!session(Some(DateTime::UNIX_EPOCH)).is_live(DateTime::UNIX_EPOCH));
    }

    #[test]
    fn no_token_outlives_its_session() {
        let (session, hour) = (session(None), TimeDelta::minutes(60));
        let start = session.created_at();
        assert_eq!(session.token_expiry(start, hour), start + hour);
        let late = session.expires_at() - TimeDelta::minutes(10);
        assert_eq!(session.token_expiry(late, hour), session.expires_at());
    }
}
