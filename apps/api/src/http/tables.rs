//! Tables that staff upload, put aside until a job reads them.

use crate::http::problem::ApiError;
use crm_bootstrap::Crm;
use crm_files::{PutAside, PutAsideError};

/// Puts the field `file` of a form aside.
///
/// # Errors
/// 400 of the field when it is empty or no table, else that files cannot be reached.
pub(crate) async fn put_aside(crm: &Crm, file: Vec<u8>) -> Result<PutAside, ApiError> {
    if file.is_empty() {
        return Err(ApiError::invalid_field("file", "must not be empty"));
    }
    let name = crm.ids.uuid().to_string();
    match crm.files.put_aside(&name, file).await {
        Ok(aside) => Ok(aside),
        Err(PutAsideError::Sheet(problem)) => {
            Err(ApiError::invalid_field("file", problem.to_string()))
        }
        Err(PutAsideError::Store(error)) => Err(error.into()),
    }
}
