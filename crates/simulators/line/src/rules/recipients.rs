//! User IDs and how many of them one request may name.

/// Recipients of one multicast.
pub(crate) const MAX_RECIPIENTS: usize = 500;

/// `^U[0-9a-f]{32}$`
pub(crate) fn is_user_id(text: &str) -> bool {
    text.strip_prefix('U').is_some_and(|rest| {
        rest.len() == 32
            && rest
                .bytes()
                .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    })
}
