//! schemathesis makes requests from an API's description and judges the answers by it.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::environment::find_program;
use crate::failure::Failure;
use crate::metadata::Metadata;
use crate::process::run as run_program;

const VERSION: &str = "4.32.5";

/// What an answer must keep. Left out are `positive_data_acceptance`, as many rules (a name or an
/// address must be given, a moment must lie ahead) are not of a kind that a schema can tell, and
/// `unsupported_method`, as an id that is none is a 404 before the method is looked at.
const CHECKS: [&str; 9] = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
    "negative_data_rejection",
    "ignored_auth",
    "use_after_free",
    "ensure_resource_availability",
];

/// Made-up requests for each operation, besides those at the limits of its description.
const EXAMPLES: &str = "40";

/// Ids that the tour has left behind, since made-up ones would mostly be of nothing.
const CONFIGURATION: &str = r#"
[dictionaries.ids]
values = [1, 2, 3, 4]

[parameters]
"path.id" = { dictionary = "ids", probability = 0.7 }
"path.tag_id" = { dictionary = "ids", probability = 0.7 }
"query.member_id" = { dictionary = "ids", probability = 0.5 }
"body.template_id" = { dictionary = "ids", probability = 0.7 }
"#;

/// Which operations a run is about, by operation id.
#[derive(Clone, Copy)]
pub enum Selection {
    AllBut(&'static [&'static str]),
    Only(&'static str),
}

impl fmt::Display for Selection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AllBut(left_out) => write!(f, "all operations but {}", left_out.join(", ")),
            Self::Only(operation) => f.write_str(operation),
        }
    }
}

pub struct Schemathesis(PathBuf);

impl Schemathesis {
    /// In a folder of its own below `target/`, installed when it is not there yet.
    pub fn installed() -> Result<Self, Failure> {
        let folder = Metadata::read()?.target_directory().join("schemathesis");
        let program = folder.join("bin/schemathesis");
        if !is_version(&program) {
            println!(
                "Installing schemathesis {VERSION} into {}.",
                folder.display()
            );
            install(&folder)?;
        }
        Ok(Self(program))
    }

    pub fn run(&self, base: &str, token: &str, selection: Selection) -> Result<(), Failure> {
        println!("\n--- {selection}");
        let folder =
            tempfile::tempdir().map_err(Failure::while_trying("cannot make a temporary folder"))?;
        let configuration = folder.path().join("schemathesis.toml");
        std::fs::write(&configuration, CONFIGURATION)
            .map_err(Failure::while_trying("cannot write the configuration"))?;
        let mut command = Command::new(&self.0);
        command
            .current_dir(folder.path())
            .arg("--config-file")
            .arg(&configuration)
            .arg("run")
            .arg(format!("{base}/api/v1/openapi.json"))
            .args(["--header", &format!("Authorization: Bearer {token}")])
            .args(["--checks", &CHECKS.join(",")])
            .args(["--max-examples", EXAMPLES, "--generation-deterministic"])
            .args(["--request-timeout", "20", "--no-color", "--warnings", "off"]);
        match selection {
            Selection::AllBut(left_out) => {
                for operation in left_out {
                    command.args(["--exclude-operation-id", operation]);
                }
            }
            Selection::Only(operation) => {
                command.args(["--include-operation-id", operation]);
            }
        }
        run_program("schemathesis", &mut command)
    }
}

fn is_version(program: &Path) -> bool {
    let output = Command::new(program)
        .arg("--version")
        .stdin(Stdio::null())
        .output();
    output.is_ok_and(|output| {
        String::from_utf8_lossy(&output.stdout)
            .trim()
            .ends_with(VERSION)
    })
}

fn install(folder: &Path) -> Result<(), Failure> {
    let python = find_program(&["python3"])
        .ok_or_else(|| Failure::because("python3 is needed (apt-get install python3-venv)"))?;
    let mut venv = Command::new(python);
    venv.args(["-m", "venv", "--clear"]).arg(folder);
    run_program("python3 -m venv (apt-get install python3-venv)", &mut venv)?;
    let mut pip = Command::new(folder.join("bin/pip"));
    pip.args(["install", "--quiet", "--disable-pip-version-check"])
        .arg(format!("schemathesis=={VERSION}"));
    run_program("pip install", &mut pip)
}
