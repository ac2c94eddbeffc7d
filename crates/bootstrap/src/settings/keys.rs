//! Keys: required in production, made up in development.

use super::AppEnv;
use crate::read::Reader;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rand::Rng;
use secrecy::SecretString;

/// The value of `SECRET_KEY` in `.env.example`; production refuses it.
pub(super) const EXAMPLE_SECRET: &str = "your-secret-key-here";
const SECRET_LENGTH: usize = 32;

pub(super) fn secret_key(
    r: &mut Reader<'_>,
    env: AppEnv,
    warnings: &mut Vec<String>,
) -> SecretString {
    let text = r.text("SECRET_KEY");
    if env == AppEnv::Production {
        match &text {
            None => r.problem("SECRET_KEY", "must be set in production"),
            Some(key) if key == EXAMPLE_SECRET => {
                r.problem("SECRET_KEY", "is the one of the example; make your own");
            }
            Some(key) if key.len() < SECRET_LENGTH => {
                r.problem("SECRET_KEY", "must have at least 32 characters");
            }
            Some(_) => {}
        }
    }
    match text {
        Some(key) if key.len() >= SECRET_LENGTH => SecretString::from(key),
        _ => {
            warnings.push(
                "SECRET_KEY is missing or short: a random one is used, so sign-ins and tracked \
                 links end with this process and other processes do not know them"
                    .to_owned(),
            );
            SecretString::from(STANDARD.encode(random_key()))
        }
    }
}

pub(super) fn id_number_key(
    r: &mut Reader<'_>,
    env: AppEnv,
    warnings: &mut Vec<String>,
) -> SecretString {
    if let Some(text) = r.text("ID_NUMBER_KEY") {
        return checked_key(r, "ID_NUMBER_KEY", text).unwrap_or_else(|| SecretString::from(""));
    }
    if env == AppEnv::Production {
        r.problem(
            "ID_NUMBER_KEY",
            "must be set in production; make one with: openssl rand -base64 32",
        );
    } else {
        warnings.push(
            "ID_NUMBER_KEY is missing: a random one is used, so id numbers stored now cannot be \
             read after a restart"
                .to_owned(),
        );
    }
    SecretString::from(STANDARD.encode(random_key()))
}

pub(super) fn checked_key(
    r: &mut Reader<'_>,
    name: &'static str,
    text: String,
) -> Option<SecretString> {
    if STANDARD.decode(&text).is_ok_and(|key| key.len() == 32) {
        Some(SecretString::from(text))
    } else {
        r.problem(name, "must be 32 bytes in base64");
        None
    }
}

pub(super) fn random_key() -> [u8; 32] {
    let mut key = [0; 32];
    rand::rng().fill_bytes(&mut key);
    key
}
