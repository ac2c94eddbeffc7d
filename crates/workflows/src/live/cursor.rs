use std::fmt;

/// The place of an event in the stream of all events. Written `7`, or `9-7` where somebody may
/// still commit the 8: whoever comes back with it goes on after the 7.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    /// The number of the event.
    pub number: i64,
    /// Up to here nothing is missing.
    pub floor: i64,
}

impl Cursor {
    /// The place where nothing up to `floor` is missing.
    #[must_use]
    pub const fn at(floor: i64) -> Self {
        Self {
            number: floor,
            floor,
        }
    }

    /// Reads what was written.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (number, floor) = text.split_once('-').unwrap_or((text, text));
        let read = |text: &str| {
            let is_plain = text.bytes().all(|byte| byte.is_ascii_digit());
            is_plain.then(|| text.parse::<i64>().ok()).flatten()
        };
        Some(Self {
            number: read(number)?,
            floor: read(floor)?,
        })
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { number, floor } = self;
        if number == floor {
            write!(f, "{number}")
        } else {
            write!(f, "{number}-{floor}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_as_it_was_written() {
        for text in ["0", "7", "9-7", "3-8", "9223372036854775807"] {
            assert_eq!(Cursor::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_nobody_wrote_is_no_place() {
        for text in [
            "",
            "-",
            "7-",
            "-7",
            "+7",
            "1-2-3",
            "x",
            "9223372036854775808",
            " 7",
        ] {
            assert_eq!(Cursor::parse(text), None, "{text}");
        }
    }
}
