//! What may be depended upon: reads `deny.toml`, so that our quick check and cargo-deny agree.

use crate::licences::allows;
use crate::metadata::Metadata;

const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

#[derive(Debug, PartialEq)]
pub struct Policy {
    licences: Vec<String>,
    banned: Vec<String>,
}

impl Policy {
    /// Understands the two lists it needs, not TOML at large.
    pub fn parse(deny_toml: &str) -> Result<Self, String> {
        let licences = quoted(&array(deny_toml, "licenses", "allow")?);
        let bans = array(deny_toml, "bans", "deny")?;
        let banned = bans
            .split("crate = ")
            .skip(1)
            .filter_map(|entry| quoted(entry).into_iter().next())
            .collect();
        Ok(Self { licences, banned })
    }

    /// A sentence for each package that breaks the policy.
    pub fn objections(&self, metadata: &Metadata) -> Vec<String> {
        metadata
            .packages()
            .flat_map(|package| {
                let name = format!("{} {}", package.name(), package.version());
                self.judge(package.name(), package.licence(), package.source())
                    .into_iter()
                    .map(move |objection| format!("{name} {objection}"))
            })
            .collect()
    }

    fn judge(&self, name: &str, licence: Option<&str>, source: Option<&str>) -> Vec<String> {
        let mut objections = Vec::new();
        match licence.map(|expression| (expression, allows(expression, &self.licences))) {
            Some((_, Ok(true))) => {}
            Some((expression, Ok(false))) => objections.push(format!(
                "has the licence `{expression}`, which deny.toml does not allow"
            )),
            Some((expression, Err(problem))) => objections.push(format!(
                "has the licence `{expression}`, which cannot be read: {problem}"
            )),
            None => objections.push("names no licence".into()),
        }
        if self.banned.iter().any(|banned| banned == name) {
            objections.push("is banned by deny.toml, which says why".into());
        }
        if let Some(source) = source.filter(|source| *source != CRATES_IO) {
            objections.push(format!("comes from {source} instead of crates.io"));
        }
        objections
    }
}

/// The text between the brackets of `key = [ … ]` in `[section]`, without comments.
fn array(toml: &str, section: &str, key: &str) -> Result<String, String> {
    let header = format!("[{section}]");
    let body: Vec<&str> = toml
        .lines()
        .map(without_comment)
        .skip_while(|line| line.trim() != header)
        .skip(1)
        .take_while(|line| !(line.starts_with('[')))
        .collect();
    let start = body.iter().position(|line| {
        line.strip_prefix(key)
            .is_some_and(|rest| rest.trim_start().starts_with('='))
    });
    let start = start.ok_or_else(|| format!("deny.toml has no `{key}` in [{section}]"))?;
    let text = body[start..].join("\n");
    match (text.find('['), text.find(']')) {
        (Some(open), Some(close)) if open < close => Ok(text[open + 1..close].to_owned()),
        _ => Err(format!("`{key}` in [{section}] of deny.toml is no list")),
    }
}

fn without_comment(line: &str) -> &str {
    let hash = line
        .match_indices('#')
        .map(|(at, _)| at)
        .find(|at| line[..*at].matches('"').count().is_multiple_of(2));
    hash.map_or(line, |at| &line[..at]).trim_end()
}

fn quoted(text: &str) -> Vec<String> {
    text.split('"')
        .skip(1)
        .step_by(2)
        .map(String::from)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: &str = r#"
[licenses] # the ways we may ship
confidence-threshold = 0.9
allow = [
  "MIT", # most of them
  # "GPL-3.0-only",
  "Apache-2.0",
]

[bans]
deny = [
  { crate = "openssl", reason = "rustls # is used" },
  { crate = "rsa", reason = "timing" },
]
allow = ["x"]
"#;

    fn example() -> Policy {
        Policy {
            licences: vec!["MIT".into(), "Apache-2.0".into()],
            banned: vec!["openssl".into(), "rsa".into()],
        }
    }

    #[test]
    fn both_lists_are_read_without_comments() {
        assert_eq!(Policy::parse(EXAMPLE), Ok(example()));
    }

    #[test]
    fn a_missing_list_is_an_error_and_not_an_empty_one() {
        assert!(Policy::parse("[licenses]\n[bans]\ndeny = []").is_err());
        assert!(Policy::parse("[licenses]\nallow = []").is_err());
    }

    #[test]
    fn the_workspace_s_own_file_is_understood() {
        let policy = Policy::parse(include_str!("../../deny.toml")).unwrap();
        assert!(policy.licences.iter().any(|licence| licence == "MIT"));
        assert!(
            policy
                .licences
                .iter()
                .all(|licence| !licence.contains("GPL"))
        );
        for name in ["aws-lc-rs", "aws-lc-sys", "openssl", "rsa"] {
            assert!(policy.banned.iter().any(|banned| banned == name), "{name}");
        }
    }

    #[test]
    fn each_broken_rule_gets_its_sentence() {
        let policy = example();
        let judge = |name, licence, source| policy.judge(name, licence, source);
        assert!(judge("serde", Some("MIT OR GPL-3.0"), Some(CRATES_IO)).is_empty());
        assert_eq!(
            judge("openssl", None, Some("git+https://example.org/x")),
            [
                "names no licence",
                "is banned by deny.toml, which says why",
                "comes from git+https://example.org/x instead of crates.io",
            ]
        );
        assert_eq!(
            judge("x", Some("GPL-3.0-only"), None),
            ["has the licence `GPL-3.0-only`, which deny.toml does not allow"]
        );
    }
}
