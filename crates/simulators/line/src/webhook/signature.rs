//! The `x-line-signature` header.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;

/// Base64 of the HMAC-SHA256 of the raw body, keyed with the channel secret.
#[must_use]
pub fn sign(channel_secret: &str, body: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, channel_secret.as_bytes());
    STANDARD.encode(hmac::sign(&key, body).as_ref())
}
