//! Versions, lints and package facts are written once, in the root manifest.

const INHERITED: [&str; 5] = ["version", "edition", "rust-version", "license", "publish"];

/// A sentence for each thing that a member's manifest says on its own.
pub fn violations(package: &str, manifest: &str) -> Vec<String> {
    let lines = lines(manifest);
    let has = |section: &str, key: &str| {
        lines
            .iter()
            .any(|line| line.section == section && line.key == key && line.value == "true")
    };
    let mut found = Vec::new();
    for fact in INHERITED {
        if !has("package", &format!("{fact}.workspace")) {
            found.push(format!(
                "{package} does not inherit its {fact} from the workspace"
            ));
        }
    }
    if !has("lints", "workspace") {
        found.push(format!(
            "{package} does not inherit its lints from the workspace"
        ));
    }
    for dependency in dependencies(&lines) {
        if !dependency.inherits {
            found.push(format!(
                "{package} does not inherit {} from the workspace",
                dependency.name
            ));
        }
    }
    found
}

struct Line<'a> {
    section: &'a str,
    key: &'a str,
    value: &'a str,
}

/// `key = value` with the section it stands in; our manifests have one entry per line.
fn lines(manifest: &str) -> Vec<Line<'_>> {
    let mut section = "";
    let mut lines = Vec::new();
    for line in manifest.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix('[') {
            section = name.trim_end_matches(']');
            // A section without entries is still one: `[dependencies.serde]`.
            lines.push(Line {
                section,
                key: "",
                value: "",
            });
        } else if let Some((key, value)) = line.split_once('=').filter(|_| !line.starts_with('#')) {
            lines.push(Line {
                section,
                key: key.trim(),
                value: value.trim(),
            });
        }
    }
    lines
}

#[derive(Debug, PartialEq)]
struct Dependency<'a> {
    name: &'a str,
    inherits: bool,
}

fn dependencies<'a>(lines: &[Line<'a>]) -> Vec<Dependency<'a>> {
    let mut found: Vec<Dependency<'a>> = Vec::new();
    for line in lines {
        let (name, inherits) = match dependency_section(line.section) {
            Some(Some(name)) => (name, line.key == "workspace" && line.value == "true"),
            Some(None) if line.key.is_empty() => continue,
            Some(None) => match line.key.split_once('.') {
                Some((name, key)) => (name, key == "workspace" && line.value == "true"),
                None => (line.key, line.value.contains("workspace = true")),
            },
            None => continue,
        };
        // `serde.workspace = true` and `serde.features = […]` are one dependency.
        match found.iter_mut().find(|dependency| dependency.name == name) {
            Some(dependency) => dependency.inherits |= inherits,
            None => found.push(Dependency { name, inherits }),
        }
    }
    found
}

/// Whether a section lists dependencies; `Some(Some(name))` for one that is about a single one.
fn dependency_section(section: &str) -> Option<Option<&str>> {
    let kinds = ["dependencies", "dev-dependencies", "build-dependencies"];
    let inside = match section.strip_prefix("target.") {
        Some(target) => target.rsplit_once("'.").map_or(target, |(_, rest)| rest),
        None => section,
    };
    kinds.iter().find_map(|kind| {
        let rest = inside.strip_prefix(kind)?;
        match rest.strip_prefix('.') {
            Some(name) => Some(Some(name)),
            None => rest.is_empty().then_some(None),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const IN_ORDER: &str = r#"
[package]
name = "crm-x"
version.workspace = true
edition.workspace = true
rust-version.workspace = true
license.workspace = true
publish.workspace = true

[lints]
workspace = true

[features]
mock = ["dep:mockall"]

[dependencies]
serde.workspace = true
# url = "2"
mockall = { workspace = true, optional = true }
chrono.workspace = true
chrono.features = ["serde"]

[dev-dependencies]
tokio = { workspace = true, features = ["test-util"] }

[target.'cfg(unix)'.dependencies]
libc.workspace = true
"#;

    #[test]
    fn a_manifest_in_order_has_no_violations() {
        assert_eq!(violations("crm-x", IN_ORDER), Vec::<String>::new());
    }

    #[test]
    fn versions_of_one_s_own_are_reported() {
        for planted in [
            "[dependencies]\nurl = \"2\"",
            "[dev-dependencies]\nurl = { version = \"2\" }",
            "[build-dependencies]\nurl.version = \"2\"",
            "[dependencies.url]\nversion = \"2\"",
            "[target.'cfg(unix)'.dependencies]\nurl = \"2\"",
            "[target.'cfg(unix)'.dependencies.url]\nversion = \"2\"",
            "[dependencies]\nurl = { path = \"../url\" }",
        ] {
            assert_eq!(
                violations("crm-x", &format!("{IN_ORDER}\n{planted}\n")),
                ["crm-x does not inherit url from the workspace"],
                "{planted}"
            );
        }
    }

    #[test]
    fn lints_and_package_facts_of_one_s_own_are_reported() {
        let own_lints = IN_ORDER.replace("[lints]\nworkspace = true", "");
        assert_eq!(
            violations("crm-x", &own_lints),
            ["crm-x does not inherit its lints from the workspace"]
        );
        let own_edition = IN_ORDER.replace("edition.workspace = true", "edition = \"2021\"");
        assert_eq!(
            violations("crm-x", &own_edition),
            ["crm-x does not inherit its edition from the workspace"]
        );
    }
}
