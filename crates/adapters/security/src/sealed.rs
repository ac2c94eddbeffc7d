use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The stored form of something encrypted: `v1.<key id>.<base64url of nonce, ciphertext, tag>`.
///
/// The key's id stands in front, so that after a change of keys nobody has to try them all, and a
/// missing key is told apart from a damaged text.
pub struct Sealed<'a> {
    pub key_id: &'a str,
    pub bytes: Vec<u8>,
}

const VERSION: &str = "v1";

impl<'a> Sealed<'a> {
    pub fn parse(text: &'a str) -> Option<Self> {
        let (version, rest) = text.split_once('.')?;
        let (key_id, bytes) = rest.split_once('.')?;
        if version != VERSION || key_id.is_empty() {
            return None;
        }
        Some(Self {
            key_id,
            bytes: URL_SAFE_NO_PAD.decode(bytes).ok()?,
        })
    }

    pub fn to_text(key_id: &str, bytes: &[u8]) -> String {
        format!("{VERSION}.{key_id}.{}", URL_SAFE_NO_PAD.encode(bytes))
    }
}
