use super::*;
use proptest::prelude::*;

fn guest() -> Person {
    Person {
        display_name: Some("sunny".into()),
        first_name: Some("小明".into()),
        last_name: Some("王".into()),
        birthday_month: Some(9),
    }
}

fn filled_for(text: &str, person: &Person) -> String {
    VariableText::parse(text).unwrap().fill(person)
}

#[test]
fn every_variable_is_replaced_by_what_we_know() {
    assert_eq!(
        filled_for(
            "{{display_name}}/{{first_name}}/{{ last_name }}/{{name}}/{{birthday_month}}",
            &guest()
        ),
        "sunny/小明/王/王小明/9"
    );
}

#[test]
fn an_unknown_value_becomes_the_fallback_or_nothing() {
    let nobody = Person::default();
    assert_eq!(filled_for("Dear {{name|guest}}!", &nobody), "Dear guest!");
    assert_eq!(filled_for("Dear {{name}}!", &nobody), "Dear !");
    assert_eq!(filled_for("Dear {{name|guest}}!", &guest()), "Dear 王小明!");
}

#[test]
fn an_unknown_name_and_an_open_brace_are_errors() {
    assert_eq!(
        VariableText::parse("{{nickname}}"),
        Err(VariableError::Unknown("nickname".into()))
    );
    assert_eq!(
        VariableText::parse("Dear {{name"),
        Err(VariableError::Unclosed)
    );
    assert!(
        VariableError::Unknown("x".into())
            .to_string()
            .starts_with("unknown variable {{x}}")
    );
}

#[test]
fn single_braces_are_ordinary_and_a_third_one_stays_outside() {
    assert_eq!(filled_for("{a} }} {", &guest()), "{a} }} {");
    assert_eq!(filled_for("{{{last_name}}}", &guest()), "{王}");
}

#[test]
fn a_value_that_looks_like_a_variable_is_not_read_again() {
    let sly = Person {
        display_name: Some("{{last_name}}".into()),
        ..guest()
    };
    assert_eq!(filled_for("{{display_name}}", &sly), "{{last_name}}");
}

fn texts() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[a-z {}|王😀]{0,8}",
        Just("{{name}}".to_owned()),
        Just("{{ first_name | dear guest }}".to_owned()),
        Just("{{birthday_month|}}".to_owned()),
    ];
    proptest::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn what_was_read_is_written_and_read_again_the_same(text in texts()) {
        if let Ok(read) = VariableText::parse(&text) {
            prop_assert_eq!(VariableText::parse(&read.to_string()), Ok(read));
        }
    }

    #[test]
    fn a_text_without_double_braces_stays_as_it_is(text in "[^{]{0,60}") {
        prop_assert_eq!(VariableText::parse(&text).unwrap().fill(&guest()), text);
    }

    #[test]
    fn no_stored_guest_makes_a_text_longer_than_foreseen(
        text in texts(), first in "\\PC{0,50}", last in "\\PC{0,50}", display in "\\PC{0,100}",
    ) {
        if let Ok(read) = VariableText::parse(&text) {
            let person = Person {
                display_name: Some(display), first_name: Some(first), last_name: Some(last),
                birthday_month: Some(12),
            };
            prop_assert!(utf16(&read.fill(&person)) <= read.longest_utf16());
        }
    }
}
