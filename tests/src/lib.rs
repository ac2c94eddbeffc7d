//! What the tests of more than one crate have in common.
