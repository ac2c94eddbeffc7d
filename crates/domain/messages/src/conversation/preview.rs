use crate::MessageType;

/// Characters of a preview, the sign for what was cut included.
const LONGEST: usize = 80;

/// A message in one short line: its words without breaks, or what it is.
#[must_use]
pub fn preview(kind: MessageType, content: &str) -> String {
    if kind == MessageType::Image {
        return "[image]".to_owned();
    }
    let line = content.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LONGEST) {
        None => line,
        Some(_) => line.chars().take(LONGEST - 1).chain(['…']).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_preview_is_one_line_of_at_most_eighty_characters() {
        let of = |text: &str| preview(MessageType::Text, text);
        assert_eq!(of(" 您好\n\n請問　有房嗎 "), "您好 請問 有房嗎");
        assert_eq!(of(&"房".repeat(80)), "房".repeat(80));
        assert_eq!(of(&"房".repeat(81)), format!("{}…", "房".repeat(79)));
        assert_eq!(of(&"😀".repeat(5000)).chars().count(), 80);
    }

    #[test]
    fn a_picture_is_named_not_its_address() {
        let shown = preview(MessageType::Image, "https://hotel.tw/room.jpg");
        assert_eq!(shown, "[image]");
    }
}
