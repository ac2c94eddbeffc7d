use crate::ContentKind;

/// What nobody should try to show.
pub const UNKNOWN_TYPE: &str = "application/octet-stream";
/// First bytes that are enough to tell a file's type.
pub const HEAD_BYTES: usize = 64;

/// Brands of an ISO media file that are sound alone.
const SOUND_BRANDS: [&[u8]; 3] = [b"M4A ", b"M4B ", b"F4A "];

/// What a file is by its first bytes; what it was announced or named as decides nothing. Only
/// types that cannot run anything are told apart.
#[must_use]
pub fn media_type(head: &[u8]) -> &'static str {
    match head {
        [0xff, 0xd8, 0xff, ..] => "image/jpeg",
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => "image/png",
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => "image/gif",
        [
            b'R',
            b'I',
            b'F',
            b'F',
            _,
            _,
            _,
            _,
            b'W',
            b'E',
            b'B',
            b'P',
            ..,
        ] => "image/webp",
        [
            b'R',
            b'I',
            b'F',
            b'F',
            _,
            _,
            _,
            _,
            b'W',
            b'A',
            b'V',
            b'E',
            ..,
        ] => "audio/wav",
        [_, _, _, _, b'f', b't', b'y', b'p', rest @ ..] => iso_media(rest),
        [b'I', b'D', b'3', ..] | [0xff, 0xfb | 0xf3 | 0xf2, ..] => "audio/mpeg",
        [0xff, 0xf1 | 0xf9, ..] => "audio/aac",
        [b'O', b'g', b'g', b'S', ..] => "audio/ogg",
        [0x1a, 0x45, 0xdf, 0xa3, ..] => "video/webm",
        [b'%', b'P', b'D', b'F', b'-', ..] => "application/pdf",
        [b'P', b'K', 3, 4, ..] => "application/zip",
        _ => UNKNOWN_TYPE,
    }
}

fn iso_media(brand: &[u8]) -> &'static str {
    let brand = brand.get(..4).unwrap_or_default();
    if SOUND_BRANDS.contains(&brand) {
        return "audio/mp4";
    }
    match brand {
        b"heic" | b"heix" | b"mif1" => "image/heic",
        b"avif" => "image/avif",
        b"qt  " => "video/quicktime",
        _ => "video/mp4",
    }
}

impl ContentKind {
    /// What stored content counts as, by its first bytes: what was sent as a picture but is none
    /// is a file of unknown type, and likewise for videos and sound.
    #[must_use]
    pub fn type_of(self, head: &[u8]) -> &'static str {
        let found = media_type(head);
        let fits = match self {
            Self::Image => found.starts_with("image/"),
            // A container tells little: a video may hold sound alone, and the other way round.
            Self::Video | Self::Audio => found.starts_with("video/") || found.starts_with("audio/"),
            Self::File => true,
        };
        match (self, found) {
            _ if !fits => UNKNOWN_TYPE,
            (Self::Audio, "video/mp4") => "audio/mp4",
            _ => found,
        }
    }

    /// Whether a browser may show it in its place instead of offering to save it.
    #[must_use]
    pub fn is_shown(self, content_type: &str) -> bool {
        self != Self::File && content_type != UNKNOWN_TYPE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_what_its_first_bytes_say() {
        for (head, is) in [
            (&b"\xff\xd8\xff\xe0...."[..], "image/jpeg"),
            (b"\x89PNG\r\n\x1a\n", "image/png"),
            (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
            (b"\0\0\0\x20ftypisom", "video/mp4"),
            (b"\0\0\0\x20ftypM4A ", "audio/mp4"),
            (b"ID3\x03", "audio/mpeg"),
            (b"%PDF-1.7", "application/pdf"),
            (b"<svg xmlns=\"http://www.w3.org/2000/svg\">", UNKNOWN_TYPE),
            (b"<!doctype html>", UNKNOWN_TYPE),
            (b"", UNKNOWN_TYPE),
        ] {
            assert_eq!(media_type(head), is);
        }
    }

    #[test]
    fn what_is_not_what_it_was_sent_as_is_never_shown() {
        let html = b"<!doctype html>";
        assert_eq!(ContentKind::Image.type_of(html), UNKNOWN_TYPE);
        assert_eq!(ContentKind::Image.type_of(b"%PDF-1.7"), UNKNOWN_TYPE);
        assert!(!ContentKind::Image.is_shown(UNKNOWN_TYPE));
        assert_eq!(ContentKind::File.type_of(b"%PDF-1.7"), "application/pdf");
        assert!(!ContentKind::File.is_shown("application/pdf"));
        let sound = b"\0\0\0\x20ftypmp42";
        assert_eq!(ContentKind::Audio.type_of(sound), "audio/mp4");
        assert!(ContentKind::Image.is_shown("image/png"));
    }
}
