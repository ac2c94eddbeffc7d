//! Dependencies that no source mentions, and shared versions that no crate takes.
//!
//! A plain look at the text, a matter of milliseconds. Where a dependency is there for its features or
//! for a macro's sake alone, the manifest says so: `[package.metadata.unused] allow = ["name"]`.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use crate::environment::workspace_root;
use crate::failure::Failure;
use crate::metadata::{Metadata, Package};

/// A sentence for each.
pub fn unused(metadata: &Metadata) -> Result<Vec<String>, Failure> {
    let mut findings = Vec::new();
    let mut taken = HashSet::new();
    for member in metadata.members() {
        let sources = Sources::read(&member)?;
        let dependencies = metadata.dependencies(&member);
        let allowed = member.allowed_unused();
        for dependency in &dependencies {
            taken.insert(dependency.package.clone());
            if allowed.contains(&dependency.package.as_str()) {
                continue;
            }
            if !sources.mention(&dependency.crate_name, dependency.only_for_tests) {
                let part = if dependency.only_for_tests {
                    "test"
                } else {
                    "source"
                };
                findings.push(format!(
                    "{} depends on {}, which no {part} of it mentions",
                    member.name(),
                    dependency.package
                ));
            }
        }
        for name in allowed {
            if !dependencies.iter().any(|found| found.package == name) {
                findings.push(format!(
                    "{} allows {name} to be unused, but does not depend on it",
                    member.name()
                ));
            }
        }
    }
    let manifest = std::fs::read_to_string(workspace_root().join("Cargo.toml"))
        .map_err(Failure::while_trying("cannot read Cargo.toml"))?;
    for name in shared_versions(&manifest) {
        if !taken.contains(name) {
            findings.push(format!(
                "the workspace fixes a version of {name}, which no crate takes"
            ));
        }
    }
    Ok(findings)
}

fn shared_versions(manifest: &str) -> impl Iterator<Item = &str> {
    manifest
        .lines()
        .skip_while(|line| line.trim() != "[workspace.dependencies]")
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('='))
        .map(|(name, _)| name.trim())
}

struct Sources {
    product: Vec<String>,
    tests: Vec<String>,
}

impl Sources {
    fn read(package: &Package<'_>) -> Result<Self, Failure> {
        let folder = package.folder();
        let mut sources = Self {
            product: Vec::new(),
            tests: Vec::new(),
        };
        for file in rust_files(&folder)? {
            let text = std::fs::read_to_string(&file)
                .map_err(Failure::while_trying(file.display().to_string()))?;
            let inside = file.strip_prefix(&folder).unwrap_or(&file);
            if inside.starts_with("src") || inside == Path::new("build.rs") {
                sources.product.push(text);
            } else {
                sources.tests.push(text);
            }
        }
        Ok(sources)
    }

    fn mention(&self, crate_name: &str, only_for_tests: bool) -> bool {
        let tests = self.tests.iter().filter(|_| only_for_tests);
        self.product
            .iter()
            .chain(tests)
            .any(|source| mentions(source, crate_name))
    }
}

fn rust_files(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        let entries =
            std::fs::read_dir(&next).map_err(Failure::while_trying(next.display().to_string()))?;
        for entry in entries {
            let path = entry
                .map_err(Failure::while_trying(next.display().to_string()))?
                .path();
            if path.is_dir() && !path.join("Cargo.toml").exists() && !path.ends_with("target") {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    Ok(files)
}

/// `name::…`, `use name` or `extern crate name`, outside comment lines.
fn mentions(source: &str, name: &str) -> bool {
    source
        .lines()
        .map(str::trim_start)
        .filter(|line| !line.starts_with("//"))
        .any(|line| {
            line.match_indices(name).any(|(at, _)| {
                let (before, after) = (&line[..at], &line[at + name.len()..]);
                let whole = !before.ends_with(is_name_part) && !after.starts_with(is_name_part);
                let inner = before
                    .strip_suffix("::")
                    .is_some_and(|path| path.ends_with(is_name_part));
                let imported = ["use", "crate"]
                    .iter()
                    .any(|word| before.trim_end().ends_with(word));
                whole && !inner && (after.starts_with("::") || imported)
            })
        })
}

fn is_name_part(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mention_is_a_path_or_an_import() {
        for used in [
            "use url::Url;",
            "    pub use url;",
            "use url as address;",
            "extern crate url;",
            "let x = url::Url::parse(y);",
            "#[url::marked]",
            "fn f(x: ::url::Url) {}",
            "use {other, url::Url};",
        ] {
            assert!(mentions(used, "url"), "{used}");
        }
        for unused in [
            "let url = x;",
            "// use url::Url;",
            "/// see url::Url",
            "use my_url::Url;",
            "use url_tools::Url;",
            "use crate::url::Url;",
            "use super::url;",
        ] {
            assert!(!mentions(unused, "url"), "{unused}");
        }
    }

    #[test]
    fn what_only_tests_mention_does_not_count_for_the_product() {
        let sources = Sources {
            product: vec!["use serde::Serialize;".into()],
            tests: vec!["use tokio::time;".into()],
        };
        assert!(sources.mention("serde", false));
        assert!(!sources.mention("tokio", false));
        assert!(sources.mention("tokio", true));
    }

    #[test]
    fn shared_versions_are_the_names_of_that_section_only() {
        let manifest = "[workspace]\nx = 1\n[workspace.dependencies]\n# ours\nurl = \"2\"\n\
                        serde = { version = \"1\" }\n\n[profile.dev]\ndebug = 1\n";
        assert_eq!(
            shared_versions(manifest).collect::<Vec<_>>(),
            ["url", "serde"]
        );
    }
}
