use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;
use secrecy::{ExposeSecret, SecretString};

/// Whether LINE signed these very bytes: `x-line-signature` is the base64 of HMAC-SHA256 under
/// the channel secret (Messaging API reference, webhooks). Takes the same time wherever two
/// signatures differ. An empty secret signs nothing, since everybody knows it.
#[must_use]
pub fn verify_signature(secret: &SecretString, body: &[u8], header: &str) -> bool {
    let secret = secret.expose_secret().as_bytes();
    let Ok(signature) = STANDARD.decode(header) else {
        return false;
    };
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    !secret.is_empty() && hmac::verify(&key, body, &signature).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    // LINE Developers, "Verify webhook signature".
    const BODY: &[u8] = br#"{"destination":"U8e742f61d673b39c7fff3cecb7536ef0","events":[]}"#;
    const SIGNATURE: &str = "GhRKmvmHys4Pi8DxkF4+EayaH0OqtJtaZxgTD9fMDLs=";

    fn secret() -> SecretString {
        "8c570fa6dd201bb328f1c1eac23a96d8".into()
    }

    #[test]
    fn lines_own_example_is_right() {
        assert!(verify_signature(&secret(), BODY, SIGNATURE));
    }

    #[test]
    fn another_body_secret_or_signature_is_wrong() {
        assert!(!verify_signature(&secret(), b"{}", SIGNATURE));
        assert!(!verify_signature(&"other".into(), BODY, SIGNATURE));
        for wrong in ["", "not base64!", "Z2hSS212", &SIGNATURE.to_lowercase()] {
            assert!(!verify_signature(&secret(), BODY, wrong), "{wrong}");
        }
    }

    #[test]
    fn an_empty_secret_signs_nothing() {
        let key = hmac::Key::new(hmac::HMAC_SHA256, b"");
        let signed = STANDARD.encode(hmac::sign(&key, BODY));
        assert!(!verify_signature(&"".into(), BODY, &signed));
    }
}
