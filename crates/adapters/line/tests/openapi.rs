//! Our messages against LINE's own OpenAPI description (`LINE_OPENAPI_DIR`).

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod kinds;

use crm_line::encode;
use crm_templates::{OutgoingMessage, TemplateKind};
use jsonschema::{Draft, Validator};
use kinds::{cards, picture, rendered, suite, text, text_button};
use serde_json::{Value, json};
use std::io::Write;

#[expect(
    clippy::disallowed_methods,
    reason = "a test says itself where its material lies"
)]
fn description() -> Option<Value> {
    let Ok(folder) = std::env::var("LINE_OPENAPI_DIR") else {
        // past the test runner, which hides what a passing test prints
        let _ = writeln!(
            std::io::stderr(),
            "\n*** LEFT OUT: LINE_OPENAPI_DIR is not set, messages were not compared with LINE's description ***\n"
        );
        return None;
    };
    let path = std::path::Path::new(&folder).join("messaging-api.yml");
    let yaml = std::fs::read_to_string(path).unwrap();
    Some(serde_yaml_ng::from_str(&yaml).unwrap())
}

/// LINE's base schemas name their subtypes in `discriminator.mapping` only, where a JSON schema
/// validator does not look. Each such X becomes `oneOf` its subtypes, and the subtypes build on
/// a copy of X without the mapping.
fn with_subtypes_checked(mut description: Value) -> Value {
    let schemas = description["components"]["schemas"]
        .as_object_mut()
        .unwrap();
    let mapped: Vec<(String, Value)> = schemas
        .iter()
        .filter_map(|(name, schema)| {
            let mapping = schema.pointer("/discriminator/mapping")?;
            Some((name.clone(), mapping.clone()))
        })
        .collect();
    for (name, mapping) in mapped {
        let mut base = schemas[&name].clone();
        base.as_object_mut().unwrap().remove("discriminator");
        schemas.insert(format!("{name}Base"), base);
        let whole = json!(format!("#/components/schemas/{name}"));
        let mut one_of = Vec::new();
        for (value, reference) in mapping.as_object().unwrap() {
            let subtype = reference.as_str().unwrap().rsplit('/').next().unwrap();
            for part in schemas[subtype]["allOf"].as_array_mut().unwrap() {
                if part.get("$ref") == Some(&whole) {
                    part["$ref"] = json!(format!("#/components/schemas/{name}Base"));
                }
            }
            one_of.push(json!({"allOf": [
                {"$ref": reference},
                {"required": ["type"], "properties": {"type": {"enum": [value]}}},
            ]}));
        }
        schemas.insert(name, json!({ "oneOf": one_of }));
    }
    description
}

fn validator(description: &Value, schema: &str) -> Validator {
    let root = json!({
        "allOf": [{"$ref": format!("#/components/schemas/{schema}")}],
        "components": description["components"],
    });
    jsonschema::options()
        .with_draft(Draft::Draft4)
        .build(&root)
        .unwrap()
}

fn all_kinds() -> Vec<Vec<OutgoingMessage>> {
    let mut with_button = picture();
    with_button.button = suite().buttons.pop();
    let image = OutgoingMessage::Image {
        url: "https://h.tw/a.jpg".into(),
        preview_url: "https://h.tw/a.jpg".into(),
    };
    vec![
        rendered(text()),
        rendered(text_button()),
        rendered(cards(TemplateKind::ImageClick, vec![picture()])),
        rendered(cards(
            TemplateKind::ImageClick,
            vec![picture(), with_button],
        )),
        rendered(cards(TemplateKind::ImageCard, vec![suite()])),
        rendered(cards(TemplateKind::ImageCard, vec![suite(); 12])),
        vec![image],
    ]
}

#[test]
fn messages_of_every_kind_satisfy_lines_own_description() {
    let Some(description) = description() else {
        return;
    };
    let description = with_subtypes_checked(description);
    let push = validator(&description, "PushMessageRequest");
    let multicast = validator(&description, "MulticastRequest");
    for messages in all_kinds() {
        let wire = encode(&messages).unwrap();
        let body = json!({"to": "U1", "messages": wire});
        assert_valid(&push, &body);
        let body = json!({"to": ["U1", "U2"], "messages": wire});
        assert_valid(&multicast, &body);
    }
}

fn assert_valid(validator: &Validator, body: &Value) {
    let problems: Vec<_> = validator
        .iter_errors(body)
        .map(|error| format!("{}: {error}", error.instance_path))
        .collect();
    assert!(problems.is_empty(), "{problems:#?}\n{body:#}");
}

#[test]
fn the_comparison_catches_what_is_wrong() {
    let Some(description) = description() else {
        return;
    };
    let description = with_subtypes_checked(description);
    let push = validator(&description, "PushMessageRequest");
    let body = |message: &Value| json!({"to": "U1", "messages": [message]});
    let fine = encode(&rendered(text_button())).unwrap().0.remove(0);
    assert!(push.is_valid(&body(&fine)));
    let mut without_layout = fine.clone();
    without_layout["contents"]["body"]
        .as_object_mut()
        .unwrap()
        .remove("layout");
    let mut odd_style = fine.clone();
    odd_style["contents"]["footer"]["contents"][0]["style"] = json!("loud");
    let mut long_data = fine.clone();
    long_data["contents"]["footer"]["contents"][0]["action"]["data"] = json!("d".repeat(301));
    let no_text = json!({"type": "text"});
    let no_such_type = json!({"type": "hologram", "text": "hi"});
    for wrong in [without_layout, odd_style, long_data, no_text, no_such_type] {
        assert!(!push.is_valid(&body(&wrong)), "{wrong:#}");
    }
}
