//! `apps → bootstrap → adapters → workflows → domain → kernel`; skipping inward is fine, all else is not.

use std::collections::HashMap;

use crate::tier::Tier;
use crate::workspace::{Dependency, Package};

/// The one app that runs the others, and the simulators, in its own process.
const DEMO: &str = "apps/demo";

/// What kernel, domain and workflows may use from outside: nothing that talks to the outside.
const HARMLESS: [&str; 14] = [
    // Finds many words in one walk over a text.
    "aho-corasick",
    "async-trait",
    "chrono",
    "chrono-tz",
    // Combinators over futures: no runtime, no input or output.
    "futures",
    "mockall",
    "serde",
    "serde_json",
    "thiserror",
    "tracing",
    "unicode-normalization",
    "unicode-segmentation",
    "url",
    "uuid",
];

/// A sentence for each dependency that the architecture forbids.
pub fn violations(packages: &[Package]) -> Vec<String> {
    let ours: HashMap<&str, &str> = packages
        .iter()
        .map(|package| (package.name.as_str(), package.folder.as_str()))
        .collect();
    let mut found = Vec::new();
    for package in packages {
        let Some(tier) = Tier::of(&package.folder) else {
            found.push(format!(
                "{} lives in {}, which belongs to no tier",
                package.name, package.folder
            ));
            continue;
        };
        for dependency in &package.dependencies {
            let objection = match ours.get(dependency.name.as_str()) {
                Some(folder) => inward(package, tier, dependency, folder),
                None => outside(tier, dependency),
            };
            found.extend(objection.map(|reason| {
                format!(
                    "{} must not depend on {}: {reason}",
                    package.name, dependency.name
                )
            }));
        }
    }
    found
}

fn inward(from: &Package, tier: Tier, dependency: &Dependency, folder: &str) -> Option<String> {
    // A folder without a tier is reported where it is a package itself.
    let target = Tier::of(folder)?;
    let allowed = if dependency.only_for_tests {
        may_test_with(from, tier, target)
    } else {
        may_use(from, tier, target)
    };
    if allowed {
        return None;
    }
    Some(match (tier, target) {
        (Tier::Domain, Tier::Domain) => {
            "a domain does not know another domain (see workflows)".to_owned()
        }
        (Tier::Adapter, Tier::Adapter) => "an adapter does not know another adapter".to_owned(),
        (_, Tier::App) => "only the demo and the tests may use an app".to_owned(),
        (_, Tier::Simulator) => "only the demo and tests may use a simulator".to_owned(),
        (_, Tier::Migrations) => "only the bootstrap and tests may use the migrations".to_owned(),
        _ => format!("{tier} may not point at {target}"),
    })
}

fn may_use(from: &Package, tier: Tier, target: Tier) -> bool {
    use Tier::{
        Adapter, App, Bootstrap, Domain, Kernel, Migrations, Simulator, Tests, Workflows, Xtask,
    };
    let allowed: &[Tier] = match tier {
        Kernel | Simulator | Migrations | Xtask => &[],
        Domain => &[Kernel],
        Workflows => &[Domain, Kernel],
        Adapter => &[Workflows, Domain, Kernel],
        Bootstrap => &[Adapter, Workflows, Domain, Kernel, Migrations],
        App if from.folder == DEMO => &[
            App, Simulator, Bootstrap, Adapter, Workflows, Domain, Kernel,
        ],
        App => &[Bootstrap, Adapter, Workflows, Domain, Kernel],
        Tests => &[
            App, Simulator, Bootstrap, Adapter, Workflows, Domain, Kernel, Migrations,
        ],
    };
    allowed.contains(&target)
}

/// A crate's own tests may look further, but not at whole programs.
fn may_test_with(from: &Package, tier: Tier, target: Tier) -> bool {
    match target {
        Tier::App => tier == Tier::Tests || from.folder == DEMO,
        Tier::Tests | Tier::Xtask => false,
        _ => true,
    }
}

fn outside(tier: Tier, dependency: &Dependency) -> Option<String> {
    let inner = matches!(tier, Tier::Kernel | Tier::Domain | Tier::Workflows);
    let allowed =
        !inner || dependency.only_for_tests || HARMLESS.contains(&dependency.name.as_str());
    (!allowed).then(|| "kernel, domains and workflows use harmless outside crates only".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A workspace that is in order, as `folder: dependencies`; `dev:` marks those for tests.
    const IN_ORDER: [(&str, &str); 14] = [
        ("crates/kernel", "serde uuid dev:tokio"),
        (
            "crates/domain/members",
            "crm-kernel chrono dev:crm-memory dev:tokio",
        ),
        ("crates/domain/tags", "crm-kernel mockall"),
        (
            "crates/workflows",
            "crm-members crm-tags crm-kernel tracing",
        ),
        (
            "crates/adapters/database",
            "crm-workflows crm-members crm-kernel sea-orm dev:crm-migrations",
        ),
        ("crates/adapters/memory", "crm-workflows crm-kernel tokio"),
        (
            "crates/adapters/line",
            "crm-kernel reqwest dev:crm-simulator-line",
        ),
        ("crates/simulators/line", "actix-web"),
        (
            "crates/bootstrap",
            "crm-database crm-line crm-workflows crm-migrations dotenvy",
        ),
        ("apps/api", "crm-bootstrap crm-members actix-web"),
        ("apps/job-runner", "crm-bootstrap apalis"),
        (
            "apps/demo",
            "crm-api crm-job-runner crm-bootstrap crm-simulator-line",
        ),
        ("migrations", "sea-orm-migration"),
        (
            "tests",
            "dev:crm-api dev:crm-database dev:crm-simulator-line dev:crm-migrations",
        ),
    ];

    fn in_order() -> Vec<Package> {
        let packages = IN_ORDER.map(|(folder, dependencies)| Package {
            name: name_in(folder),
            folder: folder.to_owned(),
            dependencies: dependencies.split(' ').map(dependency).collect(),
        });
        packages.to_vec()
    }

    fn name_in(folder: &str) -> String {
        let last = folder.rsplit('/').next().unwrap_or(folder);
        if folder.starts_with("crates/simulators/") {
            return format!("crm-simulator-{last}");
        }
        format!("crm-{last}")
    }

    fn dependency(word: &str) -> Dependency {
        Dependency {
            name: word.trim_start_matches("dev:").to_owned(),
            only_for_tests: word.starts_with("dev:"),
        }
    }

    fn with(folder: &str, planted: &str) -> Vec<String> {
        let mut packages = in_order();
        let package = packages
            .iter_mut()
            .find(|package| package.folder == folder)
            .unwrap();
        package.dependencies.push(dependency(planted));
        violations(&packages)
    }

    #[test]
    fn a_workspace_in_order_has_no_violations() {
        assert_eq!(violations(&in_order()), Vec::<String>::new());
    }

    #[test]
    fn a_domain_pointing_at_another_domain_is_reported() {
        assert_eq!(
            with("crates/domain/members", "crm-tags"),
            ["crm-members must not depend on crm-tags: \
              a domain does not know another domain (see workflows)"]
        );
    }

    #[test]
    fn a_domain_using_the_database_library_is_reported() {
        assert_eq!(
            with("crates/domain/members", "sea-orm"),
            ["crm-members must not depend on sea-orm: \
              kernel, domains and workflows use harmless outside crates only"]
        );
    }

    #[test]
    fn kernel_and_workflows_have_the_same_short_list() {
        for folder in ["crates/kernel", "crates/workflows"] {
            assert_eq!(with(folder, "reqwest").len(), 1, "{folder}");
            assert_eq!(with(folder, "tokio").len(), 1, "{folder}");
            assert_eq!(with(folder, "url").len(), 0, "{folder}");
        }
    }

    #[test]
    fn an_adapter_pointing_at_another_adapter_is_reported() {
        assert_eq!(
            with("crates/adapters/line", "crm-database"),
            ["crm-line must not depend on crm-database: \
              an adapter does not know another adapter"]
        );
    }

    #[test]
    fn anybody_but_demo_and_tests_pointing_at_an_app_is_reported() {
        for folder in [
            "crates/kernel",
            "crates/domain/members",
            "crates/workflows",
            "crates/adapters/line",
            "crates/simulators/line",
            "crates/bootstrap",
            "apps/job-runner",
            "migrations",
        ] {
            for planted in ["crm-api", "dev:crm-api"] {
                assert_eq!(
                    with(folder, planted),
                    [format!(
                        "{} must not depend on crm-api: \
                         only the demo and the tests may use an app",
                        name_in(folder)
                    )]
                );
            }
        }
    }

    #[test]
    fn arrows_pointing_outward_are_reported() {
        for (folder, planted, reason) in [
            (
                "crates/kernel",
                "crm-tags",
                "the kernel may not point at a domain",
            ),
            (
                "crates/domain/tags",
                "crm-workflows",
                "a domain may not point at the workflows",
            ),
            (
                "crates/workflows",
                "crm-line",
                "the workflows may not point at an adapter",
            ),
            (
                "crates/adapters/line",
                "crm-bootstrap",
                "an adapter may not point at the bootstrap",
            ),
            (
                "crates/simulators/line",
                "crm-kernel",
                "a simulator may not point at the kernel",
            ),
            (
                "migrations",
                "crm-kernel",
                "the migrations may not point at the kernel",
            ),
        ] {
            let name = name_in(folder);
            assert_eq!(
                with(folder, planted),
                [format!("{name} must not depend on {planted}: {reason}")]
            );
        }
    }

    #[test]
    fn simulators_are_for_the_demo_and_for_tests() {
        for folder in ["apps/api", "crates/bootstrap", "crates/adapters/memory"] {
            assert_eq!(
                with(folder, "crm-simulator-line"),
                [format!(
                    "{} must not depend on crm-simulator-line: \
                     only the demo and tests may use a simulator",
                    name_in(folder)
                )]
            );
            assert_eq!(with(folder, "dev:crm-simulator-line"), Vec::<String>::new());
        }
    }

    #[test]
    fn migrations_are_for_the_bootstrap_and_for_tests() {
        for folder in ["apps/api", "apps/demo", "crates/adapters/database"] {
            assert_eq!(
                with(folder, "crm-migrations"),
                [format!(
                    "{} must not depend on crm-migrations: \
                     only the bootstrap and tests may use the migrations",
                    name_in(folder)
                )]
            );
        }
    }

    #[test]
    fn a_crate_outside_the_known_folders_is_reported() {
        let mut packages = in_order();
        packages.push(Package {
            name: "crm-helpers".into(),
            folder: "crates/helpers".into(),
            dependencies: Vec::new(),
        });
        assert_eq!(
            violations(&packages),
            ["crm-helpers lives in crates/helpers, which belongs to no tier"]
        );
    }
}
