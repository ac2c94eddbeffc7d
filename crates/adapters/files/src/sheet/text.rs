use super::{Collector, Sheet, SheetError};
use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use csv::{ReaderBuilder, StringRecord};
use encoding_rs::{BIG5, Encoding, UTF_8};

/// Reads a CSV file.
pub(super) fn read(bytes: &[u8]) -> Result<Sheet, SheetError> {
    let mut text = decode(bytes)?.replace("\r\n", "\n").replace('\r', "\n");
    if text.contains('\0') {
        return Err(SheetError::NulCharacter);
    }
    // With an end to every line, the lines that a record took tell how many were blank.
    text.push('\n');

    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator(&text))
        .from_reader(text.as_bytes());
    let mut sheet = Collector::default();
    let mut record = StringRecord::new();
    let mut row = 0;
    loop {
        let from = reader.position().line();
        let more = reader.read_record(&mut record);
        if !more.map_err(|_| SheetError::NotAText)? {
            return sheet.finish();
        }
        let inside: usize = record.iter().map(|cell| cell.matches('\n').count()).sum();
        let taken = reader.position().line() - from;
        row += taken.saturating_sub(inside as u64).max(1);
        sheet.add(row, record.iter().map(str::to_owned).collect())?;
    }
}

/// Strictly: a file with one wrong byte is refused rather than stored with a hole in a name.
fn decode(bytes: &[u8]) -> Result<String, SheetError> {
    let (encoding, rest) = match Encoding::for_bom(bytes) {
        Some((encoding, mark)) => (encoding, bytes.get(mark..).unwrap_or_default()),
        None if bytes.contains(&0) => return Err(SheetError::NulCharacter),
        None if std::str::from_utf8(bytes).is_ok() => (UTF_8, bytes),
        None if looks_like_big5(bytes) => (BIG5, bytes),
        None => return Err(SheetError::NotAText),
    };
    encoding
        .decode_without_bom_handling_and_without_replacement(rest)
        .map(std::borrow::Cow::into_owned)
        .ok_or(SheetError::NotAText)
}

fn looks_like_big5(bytes: &[u8]) -> bool {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    detector.guess(Some(b"tw"), Utf8Detection::Deny) == BIG5
}

/// The separator that the header has most of, outside quotes.
fn separator(text: &str) -> u8 {
    let header = text.lines().find(|line| !line.trim().is_empty());
    let mut quoted = false;
    let mut counts = [(b',', 0_usize), (b';', 0), (b'\t', 0)];
    for byte in header.unwrap_or_default().bytes() {
        quoted ^= byte == b'"';
        for (separator, count) in &mut counts {
            *count += usize::from(!quoted && byte == *separator);
        }
    }
    let [comma, semicolon, tab] = counts;
    let mut best = comma;
    for other in [semicolon, tab] {
        if other.1 > best.1 {
            best = other;
        }
    }
    best.0
}
