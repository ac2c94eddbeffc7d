//! `cargo xtask openapi`: writes `docs/openapi.json`. The document is made by the code of the API,
//! which a developer command does not link; the test that compares the file writes it when told to.

use crate::environment::cargo;
use crate::failure::Failure;
use crate::process::run as run_program;

const TEST: &str = "openapi::the_openapi_file_is_what_the_code_makes";

pub fn run() -> Result<(), Failure> {
    let mut command = cargo(&["test", "--quiet", "-p", "crm-tests", "--test"]);
    command
        .args(["architecture", "--", "--exact", TEST])
        .env("CRM_WRITE_OPENAPI", "1");
    run_program("writing docs/openapi.json", &mut command)?;
    println!("docs/openapi.json is up to date.");
    Ok(())
}
