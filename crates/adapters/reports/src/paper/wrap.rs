use crate::ruler::Measure;
use crate::scene::Type;

const NOT_FIRST: &str = "，。、；：！？」』）】》〉…,.!?)%％";
const NOT_LAST: &str = "「『（【《〈(";

/// The words on lines that fit, `most` of them; the last ends in dots where words are left.
pub fn wrap(
    words: &str,
    style: Type,
    room: f32,
    most: usize,
    measure: &dyn Measure,
) -> Vec<String> {
    let mut lines = Vec::new();
    let mut rest = words.trim();
    while !rest.is_empty() {
        if lines.len() + 1 == most {
            // Whatever is left goes on the last line, as far as there is room.
            lines.push(measure.fit(rest, style, room));
            break;
        }
        let paragraph = rest.lines().next().unwrap_or(rest);
        let (line, after) = rest.split_at(line_end(paragraph, style, room, measure));
        lines.push(line.trim_end().to_owned());
        rest = after.trim_start();
    }
    lines
}

/// Where the first line ends; at least one character is on it.
fn line_end(words: &str, style: Type, room: f32, measure: &dyn Measure) -> usize {
    let (mut width, mut last_break, mut before) = (0.0, 0, None);
    for (at, c) in words.char_indices() {
        if before.is_some_and(|before| may_break(before, c)) {
            last_break = at;
        }
        width += measure.advance(c, style.bold) * style.size;
        if width > room && at > 0 && c != ' ' {
            return if last_break > 0 { last_break } else { at };
        }
        before = Some(c);
    }
    words.len()
}

fn may_break(before: char, after: char) -> bool {
    if NOT_FIRST.contains(after) || NOT_LAST.contains(before) {
        return false;
    }
    before == ' ' || is_wide(before) || is_wide(after)
}

const fn is_wide(c: char) -> bool {
    c >= '\u{2e80}'
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ruler::Guess;
    use crate::scheme::INK;

    fn lines(words: &str, room: f32, most: usize) -> Vec<String> {
        wrap(words, Type::plain(10.0, INK), room, most, &Guess)
    }

    #[test]
    fn chinese_breaks_anywhere_but_before_a_full_stop() {
        assert_eq!(lines("秋日溫泉。好", 45.0, 9), ["秋日溫", "泉。好"]);
    }

    #[test]
    fn latin_words_stay_whole_and_long_ones_are_broken() {
        assert_eq!(lines("open rate", 40.0, 9), ["open", "rate"]);
        assert_eq!(lines("abcdefgh", 30.0, 9), ["abcde", "fgh"]);
    }

    #[test]
    fn the_last_line_ends_in_dots() {
        assert_eq!(lines("一二三四五六七八九", 30.0, 2), ["一二三", "四五…"]);
        assert_eq!(lines("一\n二\n三", 90.0, 2), ["一", "二 三"]);
        assert_eq!(lines("", 90.0, 2), Vec::<String>::new());
    }

    #[test]
    fn a_room_too_small_for_a_character_still_takes_one() {
        assert_eq!(lines("一二", 1.0, 9), ["一", "二"]);
    }
}
