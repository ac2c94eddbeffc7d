pub use crm_messages::SentKind;

#[cfg(test)]
mod tests {
    use crate::What;
    use serde_json::{Value, json};

    fn said(stored: Value) -> String {
        let Ok(What::Message { sent, text, .. }) = serde_json::from_value(stored) else {
            return "not a message".into();
        };
        sent.incoming(text.as_deref()).content().body().to_owned()
    }

    #[test]
    fn an_event_of_any_version_tells_what_was_sent() {
        for (stored, content) in [
            (json!({"type": "message", "text": "𠮷野 😀"}), "𠮷野 😀"),
            (json!({"type": "message", "text": null}), "[message]"),
            (
                json!({"type": "message", "id": "1", "sent": {"kind": "text"}, "text": "hi"}),
                "hi",
            ),
            (
                json!({"type": "message", "sent": {"kind": "sticker"}, "text": null}),
                "[sticker]",
            ),
            (
                json!({"type": "message", "sent": {"kind": "file", "name": "房.pdf"}, "text": null}),
                "[file] 房.pdf",
            ),
            (
                json!({"type": "message", "sent": {"kind": "location", "planet": "moon"}}),
                "[location]",
            ),
            (
                json!({"type": "message", "sent": {"kind": "image", "elsewhere": {}}, "text": null}),
                "[image]",
            ),
            (
                json!({"type": "message", "sent": {"kind": "hologram", "size": 3}, "text": null}),
                "[message]",
            ),
        ] {
            assert_eq!(said(stored.clone()), content, "{stored}");
        }
    }
}
