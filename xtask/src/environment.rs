//! The environment of this process: where programs are, and what inner `cargo` calls may see of it.
#![expect(
    clippy::disallowed_methods,
    reason = "developer commands have no settings; PATH and CARGO come from the shell and cargo"
)]

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder of the root manifest.
pub fn workspace_root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// A `cargo` call at the root of the workspace.
///
/// `cargo run` has left its own view of the `xtask` package in our environment. Build scripts that
/// watch those variables would rebuild at each change between `cargo build` and `cargo xtask`.
pub fn cargo(arguments: &[&str]) -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.args(arguments).current_dir(workspace_root());
    for (name, _) in std::env::vars_os() {
        if belongs_to_cargo_run(&name) {
            command.env_remove(name);
        }
    }
    command
}

fn belongs_to_cargo_run(name: &OsStr) -> bool {
    name.to_str().is_some_and(|name| {
        name.starts_with("CARGO_PKG_")
            || matches!(
                name,
                "CARGO_MANIFEST_DIR"
                    | "CARGO_MANIFEST_PATH"
                    | "CARGO_MANIFEST_LINKS"
                    | "CARGO_BIN_NAME"
                    | "CARGO_CRATE_NAME"
                    | "CARGO_PRIMARY_PACKAGE"
            )
    })
}

/// The first of these programs on the PATH, or in the folders where servers usually are.
pub fn find_program(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&path)
        .chain(
            [
                "/usr/sbin",
                "/usr/local/sbin",
                "/usr/local/bin",
                "/usr/libexec",
            ]
            .map(PathBuf::from),
        )
        .collect();
    names.iter().find_map(|name| {
        folders
            .iter()
            .map(|folder| folder.join(name))
            .find(|candidate| candidate.is_file())
    })
}
