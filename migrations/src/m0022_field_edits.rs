//! When staff last changed each field of a member.

crate::step!(
    "m0022_field_edits",
    up: &[
        // A JSON document of microseconds by field; null while nobody changed anything.
        "ALTER TABLE members ADD COLUMN field_edits {text}",
    ],
    down: &["ALTER TABLE members DROP COLUMN field_edits"],
);
