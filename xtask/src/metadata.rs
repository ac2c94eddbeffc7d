//! What `cargo metadata` says about the workspace and all it depends on.

use std::path::PathBuf;

use serde_json::Value;

use crate::environment::cargo;
use crate::failure::Failure;

pub struct Metadata(Value);

impl Metadata {
    /// Fails when Cargo.lock does not fit the manifests.
    pub fn read() -> Result<Self, Failure> {
        let output = cargo(&["metadata", "--format-version", "1", "--locked"])
            .output()
            .map_err(Failure::while_trying("cannot run cargo metadata"))?;
        if !output.status.success() {
            return Err(Failure::because(format!(
                "cargo metadata --locked: {}",
                String::from_utf8_lossy(&output.stderr).trim()
            )));
        }
        serde_json::from_slice(&output.stdout)
            .map(Self)
            .map_err(Failure::while_trying("cannot read cargo metadata"))
    }

    pub fn target_directory(&self) -> PathBuf {
        text(&self.0["target_directory"]).into()
    }

    /// Every package of the dependency graph, ours included.
    pub fn packages(&self) -> impl Iterator<Item = Package<'_>> {
        array(&self.0["packages"]).map(Package)
    }

    pub fn members(&self) -> impl Iterator<Item = Package<'_>> {
        let members = &self.0["workspace_members"];
        self.packages()
            .filter(|package| array(members).any(|id| *id == package.0["id"]))
    }

    /// The direct dependencies of a package, under the name that its sources use.
    pub fn dependencies(&self, package: &Package<'_>) -> Vec<Dependency> {
        let id = &package.0["id"];
        let node = array(&self.0["resolve"]["nodes"]).find(|node| node["id"] == *id);
        let resolved = node.map(|node| &node["deps"]).into_iter().flat_map(array);
        resolved
            .map(|dependency| {
                let kinds = array(&dependency["dep_kinds"]);
                Dependency {
                    crate_name: text(&dependency["name"]).to_owned(),
                    package: self.name_of(&dependency["pkg"]),
                    only_for_tests: kinds.into_iter().all(|kind| kind["kind"] == "dev"),
                }
            })
            .collect()
    }

    fn name_of(&self, id: &Value) -> String {
        self.packages()
            .find(|package| package.0["id"] == *id)
            .map_or_else(String::new, |package| package.name().to_owned())
    }
}

pub struct Dependency {
    pub crate_name: String,
    pub package: String,
    pub only_for_tests: bool,
}

pub struct Package<'a>(&'a Value);

impl<'a> Package<'a> {
    pub fn name(&self) -> &'a str {
        text(&self.0["name"])
    }

    pub fn version(&self) -> &'a str {
        text(&self.0["version"])
    }

    /// The SPDX expression of its manifest.
    pub fn licence(&self) -> Option<&'a str> {
        self.0["license"].as_str()
    }

    /// Where it comes from; nothing for our own.
    pub fn source(&self) -> Option<&'a str> {
        self.0["source"].as_str()
    }

    pub fn folder(&self) -> PathBuf {
        let mut manifest = PathBuf::from(text(&self.0["manifest_path"]));
        manifest.pop();
        manifest
    }

    /// `[package.metadata.unused] allow = […]`
    pub fn allowed_unused(&self) -> Vec<&'a str> {
        array(&self.0["metadata"]["unused"]["allow"])
            .map(text)
            .collect()
    }
}

fn array(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().map_or(&[][..], Vec::as_slice).iter()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
