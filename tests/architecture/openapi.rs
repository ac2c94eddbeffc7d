//! `docs/openapi.json` is the API's description as the code makes it, for those who read, compare
//! or generate clients without building anything.

use serde_json::Value;
use std::error::Error;
use std::path::{Path, PathBuf};

/// Set by `cargo xtask openapi`: write the file instead of comparing it.
const WRITE: &str = "CRM_WRITE_OPENAPI";

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "how the command that renews the file tells the test to do so"
)]
fn the_openapi_file_is_what_the_code_makes() -> Result<(), Box<dyn Error>> {
    let made = document()?;
    if std::env::var_os(WRITE).is_some() {
        return Ok(std::fs::write(file(), made)?);
    }
    let kept = std::fs::read_to_string(file()).unwrap_or_default();
    difference(&kept, &made).map_or(Ok(()), |difference| {
        Err(format!(
            "docs/openapi.json is not what the code makes any more ({difference}).\n\
             Renew it with `cargo xtask openapi` and look at what changed."
        )
        .into())
    })
}

fn file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/openapi.json")
}

fn document() -> Result<String, Box<dyn Error>> {
    Ok(crm_api::openapi().to_pretty_json()? + "\n")
}

/// Where two texts begin to differ.
fn difference(kept: &str, made: &str) -> Option<String> {
    if kept == made {
        return None;
    }
    let same = kept
        .lines()
        .zip(made.lines())
        .take_while(|(old, new)| old == new)
        .count();
    let line = |text: &str| {
        let line = text.lines().nth(same).unwrap_or("(its end)");
        line.trim().to_owned()
    };
    Some(format!(
        "line {}: `{}` should be `{}`",
        same + 1,
        line(kept),
        line(made)
    ))
}

#[test]
fn the_first_line_that_differs_is_named() {
    assert_eq!(difference("a\nb\n", "a\nb\n"), None);
    let changed = difference("a\n b\nc\n", "a\n x\nc\n");
    assert_eq!(changed.as_deref(), Some("line 2: `b` should be `x`"));
    let longer = difference("a\n", "a\nb\n");
    assert_eq!(longer.as_deref(), Some("line 2: `(its end)` should be `b`"));
}

#[test]
fn the_document_is_the_same_each_time_it_is_made() -> Result<(), Box<dyn Error>> {
    assert_eq!(document()?, document()?);
    Ok(())
}

#[test]
fn nobody_has_to_say_what_is_known_without_them() -> Result<(), Box<dyn Error>> {
    let document: Value = serde_json::from_str(&document()?)?;
    let paths = document["paths"].as_object().ok_or("no paths")?;
    let operations = paths.values().filter_map(Value::as_object).flatten();
    let parameters = operations.flat_map(|(_, operation)| {
        let parameters = operation["parameters"].as_array();
        parameters
            .into_iter()
            .flatten()
            .map(move |it| (operation, it))
    });
    let wrong: Vec<String> = parameters
        .filter(|(_, it)| it["required"] == true && it["schema"].get("default").is_some())
        .map(|(operation, it)| format!("{} of {}", it["name"], operation["operationId"]))
        .collect();
    assert_eq!(wrong, Vec::<String>::new(), "required, with a default");
    Ok(())
}
