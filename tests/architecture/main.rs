//! The folder tree is the architecture: arrows between crates, names of packages, shared versions;
//! and the description of the API is that of its code.

mod arrows;
mod manifests;
mod openapi;
mod tier;
mod workspace;

use std::error::Error;

use workspace::Workspace;

#[test]
fn arrows_point_inward_only() -> Result<(), Box<dyn Error>> {
    let workspace = Workspace::read()?;
    none(&arrows::violations(&workspace.packages))
}

#[test]
fn packages_are_named_after_their_folders() -> Result<(), Box<dyn Error>> {
    let workspace = Workspace::read()?;
    none(&tier::misnamed(&workspace.packages))
}

#[test]
fn members_inherit_lints_and_versions_from_the_workspace() -> Result<(), Box<dyn Error>> {
    let workspace = Workspace::read()?;
    let mut findings = Vec::new();
    for package in &workspace.packages {
        let manifest = workspace.root.join(&package.folder).join("Cargo.toml");
        let text = std::fs::read_to_string(manifest)?;
        findings.extend(manifests::violations(&package.name, &text));
    }
    none(&findings)
}

fn none(violations: &[String]) -> Result<(), Box<dyn Error>> {
    if violations.is_empty() {
        return Ok(());
    }
    Err(violations.join("\n").into())
}
