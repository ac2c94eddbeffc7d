use crate::LineUid;
use chrono::{DateTime, TimeDelta, Utc};
use std::fmt;

/// Whether messages to a LINE user arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LineState {
    /// Friend of the Official Account.
    Following,
    /// Blocked it, or is gone.
    Blocked,
}

impl LineState {
    /// Reads the stored and spoken word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "following" => Some(Self::Following),
            "blocked" => Some(Self::Blocked),
            _ => None,
        }
    }

    /// The stored and spoken word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Following => "following",
            Self::Blocked => "blocked",
        }
    }
}

/// What LINE tells about a user.
#[derive(Clone, PartialEq, Eq)]
pub struct LineProfile {
    display_name: Option<String>,
    picture_url: Option<String>,
}

impl LineProfile {
    /// Takes what LINE sent, cut to what can be stored: a guest's own LINE name is never a
    /// reason to lose the event it came with.
    #[must_use]
    pub fn new(display_name: &str, picture_url: Option<&str>) -> Self {
        let display_name: String = display_name
            .chars()
            .filter(|c| !c.is_control())
            .take(100)
            .collect();
        let display_name = display_name.trim();
        Self {
            display_name: (!display_name.is_empty()).then(|| display_name.to_owned()),
            picture_url: picture_url
                .filter(|url| !url.is_empty() && url.chars().count() <= 500)
                .filter(|url| !url.chars().any(char::is_control))
                .map(str::to_owned),
        }
    }
}

impl fmt::Debug for LineProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LineProfile(…)")
    }
}

/// A member's LINE account and what became of the friendship.
///
/// Each event is weighed against the one that led to the present state, by the times LINE put
/// on them. The later one wins; of two at the same moment *blocked* does, because a message
/// too few is better than one to somebody who does not want it.
#[derive(Clone, PartialEq, Eq)]
pub struct LineLink {
    /// The account.
    pub uid: LineUid,
    /// The guest's own LINE name.
    pub display_name: Option<String>,
    /// The guest's picture.
    pub picture_url: Option<String>,
    /// Whether messages arrive.
    pub state: LineState,
    /// Since when they follow, or last followed; time of the LINE event.
    pub followed_at: Option<DateTime<Utc>>,
    /// Since when they no longer follow; time of the LINE event, empty while they follow.
    pub unfollowed_at: Option<DateTime<Utc>>,
    /// When name and picture were last fetched.
    pub profile_synced_at: Option<DateTime<Utc>>,
}

/// A friend won or lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FriendChange {
    /// Won.
    pub follows: bool,
    /// When.
    pub at: DateTime<Utc>,
}

impl LineLink {
    /// A guest who is known to follow since `at`.
    #[must_use]
    pub const fn following(uid: LineUid, at: DateTime<Utc>) -> Self {
        Self {
            uid,
            display_name: None,
            picture_url: None,
            state: LineState::Following,
            followed_at: Some(at),
            unfollowed_at: None,
            profile_synced_at: None,
        }
    }

    /// A guest of whom nothing is known but that they left.
    #[must_use]
    pub const fn blocked(uid: LineUid, at: DateTime<Utc>) -> Self {
        Self {
            uid,
            display_name: None,
            picture_url: None,
            state: LineState::Blocked,
            followed_at: None,
            unfollowed_at: Some(at),
            profile_synced_at: None,
        }
    }

    /// Whether name and picture should be fetched at the next event: they never were, or more
    /// than a week ago.
    #[must_use]
    pub fn wants_profile(&self, now: DateTime<Utc>) -> bool {
        self.display_name.is_none()
            || self
                .profile_synced_at
                .is_none_or(|synced| now - synced >= TimeDelta::days(7))
    }

    /// The guest followed (again). Answers whether that changed the state or its beginning.
    pub(crate) fn follow(&mut self, at: DateTime<Utc>) -> bool {
        if self.decided_at().is_some_and(|decided| at <= decided) {
            // The state stands, but the event still tells when an ended friendship began.
            if self.state == LineState::Blocked && self.followed_at.is_none_or(|known| known < at) {
                self.followed_at = Some(at);
                return true;
            }
            return false;
        }
        self.state = LineState::Following;
        self.followed_at = Some(at);
        self.unfollowed_at = None;
        true
    }

    /// The guest left. Answers whether that changed anything.
    pub(crate) fn unfollow(&mut self, at: DateTime<Utc>) -> bool {
        let is_late = match self.state {
            LineState::Following => self.decided_at().is_some_and(|decided| at < decided),
            LineState::Blocked => self.decided_at().is_some_and(|decided| at <= decided),
        };
        if is_late {
            return false;
        }
        self.state = LineState::Blocked;
        self.unfollowed_at = Some(at);
        true
    }

    /// The guest wrote or tapped, which only somebody who follows can do. Answers whether that
    /// was news.
    pub(crate) fn seen(&mut self, at: DateTime<Utc>) -> bool {
        let is_news = self.state == LineState::Blocked
            && self.decided_at().is_none_or(|decided| at > decided);
        if is_news {
            self.state = LineState::Following;
            self.followed_at = Some(at);
            self.unfollowed_at = None;
        }
        is_news
    }

    /// Takes over what LINE tells about the guest. A picture may be taken down, a name not.
    pub(crate) fn show_profile(&mut self, profile: LineProfile, now: DateTime<Utc>) {
        if profile.display_name.is_some() {
            self.display_name = profile.display_name;
        }
        self.picture_url = profile.picture_url;
        self.profile_synced_at = Some(now);
    }

    /// Whether this is a friend won or lost since `before`, and when: a change of the state, or
    /// the late news that a friendship which has ended began at all.
    pub(crate) fn friend_change(&self, before: Option<&Self>) -> Option<FriendChange> {
        let was = before.map(|link| link.state);
        let follows = match (was, self.state) {
            (Some(LineState::Blocked), LineState::Blocked) => {
                let is_late = before.is_some_and(|link| link.followed_at.is_none());
                self.followed_at.filter(|_| is_late)?;
                true
            }
            (Some(was), is) if was == is => return None,
            (_, is) => is == LineState::Following,
        };
        let at = if follows {
            self.followed_at
        } else {
            self.unfollowed_at
        };
        Some(FriendChange { follows, at: at? })
    }

    /// The time of the event that led to the present state.
    const fn decided_at(&self) -> Option<DateTime<Utc>> {
        match self.state {
            LineState::Following => self.followed_at,
            LineState::Blocked => self.unfollowed_at,
        }
    }
}

impl fmt::Debug for LineLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LineLink")
            .field("state", &self.state)
            .field("followed_at", &self.followed_at)
            .field("unfollowed_at", &self.unfollowed_at)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_760_000_000 + second, 0).unwrap()
    }

    fn uid() -> LineUid {
        LineUid::parse("U1").unwrap()
    }

    /// Every order of delivery, each event once or twice.
    fn outcome(events: &[(char, i64)]) -> (LineState, Option<DateTime<Utc>>) {
        let mut link = match events[0] {
            ('u', t) => LineLink::blocked(uid(), at(t)),
            (_, t) => LineLink::following(uid(), at(t)),
        };
        for (kind, t) in &events[1..] {
            match kind {
                'f' => link.follow(at(*t)),
                'u' => link.unfollow(at(*t)),
                _ => link.seen(at(*t)),
            };
        }
        (link.state, link.followed_at)
    }

    #[test]
    fn the_latest_event_decides_in_whatever_order_they_arrive() {
        for events in [
            [('f', 1), ('u', 2), ('f', 3)],
            [('f', 1), ('f', 3), ('u', 2)],
            [('u', 2), ('f', 1), ('f', 3)],
            [('u', 2), ('f', 3), ('f', 1)],
            [('f', 3), ('f', 1), ('u', 2)],
            [('f', 3), ('u', 2), ('f', 1)],
        ] {
            assert_eq!(
                outcome(&events),
                (LineState::Following, Some(at(3))),
                "{events:?}"
            );
        }
    }

    #[test]
    fn a_follow_that_arrives_after_its_unfollow_only_tells_when_it_began() {
        assert_eq!(
            outcome(&[('u', 2), ('f', 1)]),
            (LineState::Blocked, Some(at(1)))
        );
        assert_eq!(
            outcome(&[('f', 1), ('u', 2)]),
            (LineState::Blocked, Some(at(1)))
        );
    }

    #[test]
    fn an_event_delivered_twice_changes_nothing_the_second_time() {
        let mut link = LineLink::following(uid(), at(1));
        assert!(!link.follow(at(1)));
        assert!(link.unfollow(at(2)));
        assert!(!link.unfollow(at(2)));
        assert!(!link.follow(at(1)));
        assert_eq!(link.state, LineState::Blocked);
    }

    #[test]
    fn blocked_wins_over_a_follow_of_the_same_moment() {
        assert_eq!(outcome(&[('f', 1), ('u', 1)]).0, LineState::Blocked);
        assert_eq!(outcome(&[('u', 1), ('f', 1)]).0, LineState::Blocked);
    }

    #[test]
    fn somebody_who_writes_after_leaving_has_come_back() {
        assert_eq!(
            outcome(&[('f', 1), ('u', 2), ('s', 3)]),
            (LineState::Following, Some(at(3)))
        );
        assert_eq!(
            outcome(&[('f', 1), ('u', 3), ('s', 2)]).0,
            LineState::Blocked
        );
    }

    #[test]
    fn a_profile_is_wanted_when_missing_and_once_a_week() {
        let mut link = LineLink::following(uid(), at(0));
        assert!(link.wants_profile(at(0)));
        link.show_profile(LineProfile::new("小明\u{0}", None), at(0));
        assert_eq!(link.display_name.as_deref(), Some("小明"));
        assert!(!link.wants_profile(at(0) + TimeDelta::days(6)));
        assert!(link.wants_profile(at(0) + TimeDelta::days(7)));
    }
}
