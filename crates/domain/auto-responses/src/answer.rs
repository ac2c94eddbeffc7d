use crm_kernel::{Problems, TemplateId};

/// Most texts of an answer: what LINE takes in one reply.
pub const MAX_TEXTS: usize = 5;
/// Units of UTF-16 in a text (LINE Messaging API reference, text message).
pub const MAX_TEXT_UTF16: usize = 5000;

/// What a rule says: texts, then a template, at least one of them and at most 5 messages in all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    texts: Vec<String>,
    template_id: Option<TemplateId>,
}

impl Answer {
    /// Checks what is to be said.
    pub(crate) fn check(
        texts: Vec<String>,
        template_id: Option<TemplateId>,
        problems: &mut Problems,
    ) -> Self {
        problems.check(
            !texts.is_empty() || template_id.is_some(),
            "content",
            "must not be empty",
        );
        problems.check(
            texts.len() + usize::from(template_id.is_some()) <= MAX_TEXTS,
            "messages",
            "must have at most 5 entries, the template counted",
        );
        for (place, text) in texts.iter().enumerate() {
            // A client that wrote only `content` knows no other name for it.
            let field = match (place, texts.len()) {
                (0, 1) => "content".to_owned(),
                _ => format!("messages[{place}]"),
            };
            problems.check(!text.trim().is_empty(), &field, "must not be empty");
            problems.check(
                text.encode_utf16().count() <= MAX_TEXT_UTF16,
                &field,
                "must have at most 5000 characters",
            );
        }
        Self { texts, template_id }
    }

    /// Every text, with the field that a client knows it by.
    pub(crate) fn named_texts(&self) -> Vec<(String, &str)> {
        let texts = self.texts.iter().enumerate();
        texts
            .map(|(place, text)| (format!("messages[{place}]"), text.as_str()))
            .collect()
    }

    /// An answer that was checked before it was stored.
    #[must_use]
    pub const fn from_stored(texts: Vec<String>, template_id: Option<TemplateId>) -> Self {
        Self { texts, template_id }
    }

    /// The first text; empty when a template is all that is said.
    #[must_use]
    pub fn content(&self) -> &str {
        self.texts.first().map_or("", String::as_str)
    }

    /// All texts in their order, 0 to 5.
    #[must_use]
    pub fn texts(&self) -> &[String] {
        &self.texts
    }

    /// The template said after the texts.
    #[must_use]
    pub const fn template_id(&self) -> Option<TemplateId> {
        self.template_id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(texts: &[&str], template: Option<i64>) -> Vec<String> {
        let mut problems = Problems::default();
        let texts = texts.iter().map(|&t| t.to_owned()).collect();
        Answer::check(texts, template.map(TemplateId::new), &mut problems);
        let faults = problems.into_result().err().unwrap_or_default();
        faults.into_iter().map(|fault| fault.field).collect()
    }

    #[test]
    fn something_must_be_said() {
        assert_eq!(faults(&[], None), ["content"]);
        assert!(faults(&[], Some(1)).is_empty());
    }

    #[test]
    fn at_most_five_messages_the_template_counted() {
        assert!(faults(&["a"; 5], None).is_empty());
        assert_eq!(faults(&["a"; 6], None), ["messages"]);
        assert_eq!(faults(&["a"; 5], Some(1)), ["messages"]);
    }

    #[test]
    fn a_text_is_measured_as_line_does() {
        assert!(faults(&[&"😀".repeat(2500)], None).is_empty());
        assert_eq!(faults(&[&"😀".repeat(2501)], None), ["content"]);
        assert_eq!(faults(&["a", " "], None), ["messages[1]"]);
    }
}
