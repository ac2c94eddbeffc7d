//! The packages of the workspace as plain data, read from `cargo metadata`.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// One package of ours. The folder is relative to the root, with `/` between its parts.
#[derive(Debug, Clone)]
pub struct Package {
    pub name: String,
    pub folder: String,
    pub dependencies: Vec<Dependency>,
}

/// What a manifest asks for, ours or from outside.
#[derive(Debug, Clone)]
pub struct Dependency {
    pub name: String,
    pub only_for_tests: bool,
}

pub struct Workspace {
    pub root: PathBuf,
    pub packages: Vec<Package>,
}

impl Workspace {
    pub fn read() -> Result<Self, Box<dyn Error>> {
        let output = Command::new(env!("CARGO"))
            .args(["metadata", "--no-deps", "--format-version", "1"])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into());
        }
        let metadata: Value = serde_json::from_slice(&output.stdout)?;
        let root = PathBuf::from(text(&metadata["workspace_root"])?);
        let packages = list(&metadata["packages"])?
            .iter()
            .map(|package| read_package(&root, package))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Self { root, packages })
    }
}

fn read_package(root: &Path, package: &Value) -> Result<Package, Box<dyn Error>> {
    let manifest = Path::new(text(&package["manifest_path"])?);
    let folder = manifest.strip_prefix(root)?.parent().unwrap_or(root);
    let parts: Vec<_> = folder
        .iter()
        .map(|part| part.to_string_lossy().into_owned())
        .collect();
    let dependencies = list(&package["dependencies"])?
        .iter()
        .map(|dependency| {
            Ok(Dependency {
                name: text(&dependency["name"])?.to_owned(),
                only_for_tests: dependency["kind"] == "dev",
            })
        })
        .collect::<Result<_, Box<dyn Error>>>()?;
    Ok(Package {
        name: text(&package["name"])?.to_owned(),
        folder: parts.join("/"),
        dependencies,
    })
}

fn text(value: &Value) -> Result<&str, Box<dyn Error>> {
    value
        .as_str()
        .ok_or_else(|| "cargo metadata lacks a text".into())
}

fn list(value: &Value) -> Result<&Vec<Value>, Box<dyn Error>> {
    value
        .as_array()
        .ok_or_else(|| "cargo metadata lacks a list".into())
}
