//! Which tier a folder belongs to, and the name that it gives to its package.

use std::fmt;

use crate::workspace::Package;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tier {
    Kernel,
    Domain,
    Workflows,
    Adapter,
    Simulator,
    Bootstrap,
    App,
    Migrations,
    Tests,
    Xtask,
}

impl Tier {
    pub fn of(folder: &str) -> Option<Self> {
        match folder.split('/').collect::<Vec<_>>().as_slice() {
            ["crates", "kernel"] => Some(Self::Kernel),
            ["crates", "domain", _] => Some(Self::Domain),
            ["crates", "workflows"] => Some(Self::Workflows),
            ["crates", "adapters", _] => Some(Self::Adapter),
            ["crates", "simulators", _] => Some(Self::Simulator),
            ["crates", "bootstrap"] => Some(Self::Bootstrap),
            ["apps", _] => Some(Self::App),
            ["migrations"] => Some(Self::Migrations),
            ["tests"] | ["tests", _] => Some(Self::Tests),
            ["xtask"] => Some(Self::Xtask),
            _ => None,
        }
    }
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Kernel => "the kernel",
            Self::Domain => "a domain",
            Self::Workflows => "the workflows",
            Self::Adapter => "an adapter",
            Self::Simulator => "a simulator",
            Self::Bootstrap => "the bootstrap",
            Self::App => "an app",
            Self::Migrations => "the migrations",
            Self::Tests => "the tests",
            Self::Xtask => "the developer commands",
        })
    }
}

/// A sentence for each package whose name does not follow from its folder.
pub fn misnamed(packages: &[Package]) -> Vec<String> {
    packages
        .iter()
        .filter_map(|package| {
            let expected = name_for(&package.folder);
            (package.name != expected).then(|| {
                format!(
                    "the package in {} is called {} instead of {expected}",
                    package.folder, package.name
                )
            })
        })
        .collect()
}

fn name_for(folder: &str) -> String {
    let last = folder.rsplit('/').next().unwrap_or(folder);
    match Tier::of(folder) {
        Some(Tier::Xtask) => last.to_owned(),
        Some(Tier::Simulator) => format!("crm-simulator-{last}"),
        _ => format!("crm-{last}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_tells_tier_and_name() {
        for (folder, tier, name) in [
            ("crates/kernel", Tier::Kernel, "crm-kernel"),
            (
                "crates/domain/auto-responses",
                Tier::Domain,
                "crm-auto-responses",
            ),
            ("crates/workflows", Tier::Workflows, "crm-workflows"),
            ("crates/adapters/line", Tier::Adapter, "crm-line"),
            (
                "crates/simulators/line",
                Tier::Simulator,
                "crm-simulator-line",
            ),
            ("crates/bootstrap", Tier::Bootstrap, "crm-bootstrap"),
            ("apps/job-runner", Tier::App, "crm-job-runner"),
            ("migrations", Tier::Migrations, "crm-migrations"),
            ("tests", Tier::Tests, "crm-tests"),
            ("tests/bench", Tier::Tests, "crm-bench"),
            ("xtask", Tier::Xtask, "xtask"),
        ] {
            assert_eq!(Tier::of(folder), Some(tier), "{folder}");
            assert_eq!(name_for(folder), name, "{folder}");
        }
        for elsewhere in [
            "crates/helpers",
            "crates/domain",
            "crates/domain/a/b",
            "lib",
        ] {
            assert_eq!(Tier::of(elsewhere), None, "{elsewhere}");
        }
    }

    #[test]
    fn a_wrong_name_is_reported() {
        let package = Package {
            name: "crm-line-simulator".into(),
            folder: "crates/simulators/line".into(),
            dependencies: Vec::new(),
        };
        assert_eq!(
            misnamed(&[package]),
            [
                "the package in crates/simulators/line is called crm-line-simulator \
              instead of crm-simulator-line"
            ]
        );
    }
}
