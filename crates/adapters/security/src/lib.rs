//! Passwords, access tokens, identity numbers and tracked links: everything that needs a key or
//! has to be slow on purpose. All cryptography is ring's, but for the password hashes.
//!
//! Two secrets come from the settings as a [`MasterKey`] each. Nothing is ever done with them
//! directly: every use has a key of its own, derived by HKDF with its own label, so that a token
//! of one kind can never pass for one of another.
//!
//! | Port | Here | Key |
//! |---|---|---|
//! | `crm_accounts::PasswordHasher` | [`Argon2Hasher`] | – |
//! | `crm_accounts::TokenSigner` | [`JwtSigner`] | `SECRET_KEY` |
//! | `crm_workflows::LinkTokens` | [`LinkSigner`] | `SECRET_KEY` |
//! | `crm_exports::DownloadLinks` | [`DownloadSigner`] | `SECRET_KEY` |
//! | `crm_members::IdNumberVault` | [`IdNumberCipher`] | `ID_NUMBER_KEY`, `ID_NUMBER_KEY_PREVIOUS` |

mod answer_cipher;
mod download_signer;
mod id_number_cipher;
mod jwt;
mod jwt_ring;
mod link_signer;
mod master_key;
mod passwords;
mod sealed;

pub use answer_cipher::AnswerCipher;
pub use download_signer::DownloadSigner;
pub use id_number_cipher::IdNumberCipher;
pub use jwt::JwtSigner;
pub use link_signer::LinkSigner;
pub use master_key::{KeyError, MasterKey};
pub use passwords::{Argon2Cost, Argon2Hasher};
