//! HS256 by ring for the `jsonwebtoken` crate, whose own providers bring either a second
//! cryptography library or an `rsa` crate with a known weakness. Every other algorithm is refused
//! here, whatever a token's header or a later caller asks for.

use crate::KeyError;
use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{ErrorKind, Result};
use jsonwebtoken::signature::{Error, Signer, Verifier};
use jsonwebtoken::{Algorithm, AlgorithmFamily};
use ring::hmac;
use std::sync::OnceLock;

static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory: |algorithm, key| {
        check(*algorithm, key.family())?;
        Ok(Box::new(Hs256::new(key.as_bytes())))
    },
    verifier_factory: |algorithm, key| {
        check(*algorithm, key.family())?;
        Ok(Box::new(Hs256::new(key.try_get_as_bytes()?)))
    },
    key_utils: KeyUtils::new_unimplemented(),
};

/// Makes ring the cryptography of all JSON web tokens in this process; once is enough, more often
/// does no harm.
pub fn install() -> std::result::Result<(), KeyError> {
    static INSTALLED: OnceLock<bool> = OnceLock::new();
    if *INSTALLED.get_or_init(|| PROVIDER.install_default().is_ok()) {
        Ok(())
    } else {
        Err(KeyError::ProviderTaken)
    }
}

fn check(algorithm: Algorithm, family: AlgorithmFamily) -> Result<()> {
    if algorithm != Algorithm::HS256 {
        return Err(ErrorKind::InvalidAlgorithm.into());
    }
    if family != AlgorithmFamily::Hmac {
        return Err(ErrorKind::InvalidKeyFormat.into());
    }
    Ok(())
}

struct Hs256(hmac::Key);

impl Hs256 {
    fn new(key: &[u8]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, key))
    }
}

impl Signer<Vec<u8>> for Hs256 {
    fn try_sign(&self, message: &[u8]) -> std::result::Result<Vec<u8>, Error> {
        Ok(hmac::sign(&self.0, message).as_ref().to_vec())
    }
}

impl Verifier<Vec<u8>> for Hs256 {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> std::result::Result<(), Error> {
        hmac::verify(&self.0, message, signature).map_err(|_| Error::new())
    }
}

impl JwtSigner for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

impl JwtVerifier for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jsonwebtoken::{DecodingKey, EncodingKey};

    #[test]
    fn installing_again_does_no_harm() {
        install().unwrap();
        install().unwrap();
    }

    #[test]
    fn no_other_algorithm_gets_a_signer_or_a_verifier() {
        let (encode, decode) = (
            EncodingKey::from_secret(&[7; 32]),
            DecodingKey::from_secret(&[7; 32]),
        );
        for algorithm in [
            Algorithm::HS384,
            Algorithm::HS512,
            Algorithm::RS256,
            Algorithm::ES256,
            Algorithm::EdDSA,
        ] {
            assert!((PROVIDER.signer_factory)(&algorithm, &encode).is_err());
            assert!((PROVIDER.verifier_factory)(&algorithm, &decode).is_err());
        }
        let rsa = DecodingKey::from_rsa_der(&[7; 32]);
        assert!((PROVIDER.verifier_factory)(&Algorithm::HS256, &rsa).is_err());
    }

    #[test]
    fn a_known_signature_comes_out() {
        // RFC 4231 §4.3, test case 2.
        let signer = Hs256::new(b"Jefe");
        let signature = signer.sign(b"what do ya want for nothing?");
        assert_eq!(
            hex::encode(&signature),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        assert!(
            signer
                .verify(b"what do ya want for nothing!", &signature)
                .is_err()
        );
    }
}
