use crate::{KeyError, MasterKey, jwt_ring};
use chrono::{DateTime, Utc};
use crm_accounts::{AccessClaims, TokenError, TokenSigner};
use crm_kernel::{SessionId, UserId};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Access tokens as JSON web tokens (RFC 7519), HS256 and nothing else.
pub struct JwtSigner {
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
}

/// The claims on the wire. No role and no name: what a token says, its bearer can read.
#[derive(Serialize, Deserialize)]
struct Claims {
    /// The user; a string, because RFC 7519 §4.1.2 wants one.
    sub: String,
    /// The session.
    sid: i64,
    iat: i64,
    exp: i64,
}

impl JwtSigner {
    /// Signs with a key derived from `SECRET_KEY`.
    ///
    /// # Errors
    /// `ProviderTaken` when the process uses `jsonwebtoken` with other cryptography.
    pub fn new(master: &MasterKey) -> Result<Self, KeyError> {
        jwt_ring::install()?;
        let key = master.derive("crm.access-token.v1")?;
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_required_spec_claims(&["exp", "sub"]);
        // The library would take the time from the machine; ours comes from the caller.
        validation.validate_exp = false;
        Ok(Self {
            encoding: EncodingKey::from_secret(key.as_ref()),
            decoding: DecodingKey::from_secret(key.as_ref()),
            validation,
        })
    }
}

impl TokenSigner for JwtSigner {
    fn sign(&self, claims: &AccessClaims) -> Result<String, TokenError> {
        let claims = Claims {
            sub: claims.user.to_string(),
            sid: claims.session.get(),
            iat: claims.issued_at.timestamp(),
            exp: claims.expires_at.timestamp(),
        };
        encode(&Header::new(Algorithm::HS256), &claims, &self.encoding)
            .map_err(|error| TokenError::Signing(error.into()))
    }

    fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<AccessClaims, TokenError> {
        let claims = decode::<Claims>(token, &self.decoding, &self.validation)
            .map_err(|_| TokenError::Invalid)?
            .claims;
        let claims = AccessClaims::try_from(claims)?;
        // No leeway: the clocks that made and check it are ours.
        if now >= claims.expires_at {
            return Err(TokenError::Expired);
        }
        Ok(claims)
    }
}

impl TryFrom<Claims> for AccessClaims {
    type Error = TokenError;

    fn try_from(claims: Claims) -> Result<Self, TokenError> {
        let time = |seconds| DateTime::from_timestamp(seconds, 0).ok_or(TokenError::Invalid);
        Ok(Self {
            session: SessionId::new(claims.sid),
            user: UserId::new(claims.sub.parse().map_err(|_| TokenError::Invalid)?),
            issued_at: time(claims.iat)?,
            expires_at: time(claims.exp)?,
        })
    }
}

impl fmt::Debug for JwtSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwtSigner").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use chrono::TimeDelta;
    use ring::hmac;
    use serde_json::{Value, json};

    fn master(letter: &str) -> MasterKey {
        MasterKey::from_text(&letter.repeat(32).into()).unwrap()
    }

    fn signer() -> JwtSigner {
        JwtSigner::new(&master("a")).unwrap()
    }

    fn start() -> DateTime<Utc> {
        DateTime::from_timestamp(1_760_000_000, 0).unwrap()
    }

    fn claims() -> AccessClaims {
        AccessClaims {
            session: SessionId::new(12),
            user: UserId::new(3),
            issued_at: start(),
            expires_at: start() + TimeDelta::minutes(60),
        }
    }

    /// A token of any header and claims, signed with the right key.
    fn forge(header: &Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", part(header), part(claims));
        let key = master("a").derive_hmac("crm.access-token.v1").unwrap();
        let signature = hmac::sign(&key, message.as_bytes());
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    fn good_claims() -> Value {
        json!({ "sub": "3", "sid": 12, "iat": start().timestamp(), "exp": start().timestamp() + 3600 })
    }

    fn is_invalid(token: &str) -> bool {
        matches!(signer().verify(token, start()), Err(TokenError::Invalid))
    }

    #[test]
    fn a_token_says_what_was_signed() {
        let token = signer().sign(&claims()).unwrap();
        assert_eq!(signer().verify(&token, start()).unwrap(), claims());
        let forged = forge(&json!({ "alg": "HS256" }), &good_claims());
        assert_eq!(signer().verify(&forged, start()).unwrap(), claims());
    }

    #[test]
    fn a_token_ends_on_the_second_by_the_callers_clock() {
        let token = signer().sign(&claims()).unwrap();
        let end = claims().expires_at;
        let just_before = end - TimeDelta::microseconds(1);
        signer().verify(&token, just_before).unwrap();
        let late = signer().verify(&token, end);
        assert!(matches!(late, Err(TokenError::Expired)));
    }

    #[test]
    fn a_token_of_another_key_is_invalid() {
        let other = JwtSigner::new(&master("b")).unwrap();
        assert!(is_invalid(&other.sign(&claims()).unwrap()));
    }

    #[test]
    fn a_changed_token_is_invalid() {
        let token = signer().sign(&claims()).unwrap();
        let parts: Vec<&str> = token.split('.').collect();
        let admin = json!({ "sub": "1", "sid": 1, "iat": 0, "exp": 9_999_999_999_i64 });
        let swapped = URL_SAFE_NO_PAD.encode(admin.to_string());
        for changed in [
            format!("{}.{swapped}.{}", parts[0], parts[2]),
            format!("{}.{}.", parts[0], parts[1]),
            format!("{}.{}", parts[0], parts[1]),
            format!("{token}A"),
            format!("{token}."),
            String::new(),
            "...".to_owned(),
        ] {
            assert!(is_invalid(&changed), "{changed}");
        }
    }

    #[test]
    fn no_algorithm_but_hs256_is_believed() {
        for algorithm in [
            "none", "None", "NONE", "hs256", "HS384", "HS512", "RS256", "ES256", "",
        ] {
            let signed = forge(&json!({ "alg": algorithm, "typ": "JWT" }), &good_claims());
            let (message, _) = signed.rsplit_once('.').unwrap();
            assert!(is_invalid(&signed), "{algorithm}");
            assert!(is_invalid(&format!("{message}.")), "{algorithm}");
        }
    }

    #[test]
    fn missing_or_strange_claims_are_invalid() {
        for (name, value) in [
            ("sub", Value::Null),
            ("sub", json!("admin")),
            ("sid", Value::Null),
            ("sid", json!("12")),
            ("exp", Value::Null),
            ("exp", json!("tomorrow")),
            ("exp", json!(-1)),
            ("exp", json!(i64::MAX)),
            ("aud", json!("somebody else")),
        ] {
            let mut claims = good_claims();
            claims[name] = value.clone();
            let token = forge(&json!({ "alg": "HS256" }), &claims);
            assert!(is_invalid(&token), "{name}: {value}");
        }
    }

    #[test]
    fn debug_output_holds_no_secret() {
        assert_eq!(format!("{:?}", signer()), "JwtSigner { .. }");
    }
}
