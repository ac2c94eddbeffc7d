use serde::Serializer;
use serde_json::Number;

/// The hundredths of an amount, read from its digits: arithmetic on binary fractions would round.
///
/// # Errors
/// What is wrong with it: short, lower case, safe to show.
pub fn read_hundredths(amount: &Number) -> Result<i64, &'static str> {
    const TOO_LARGE: &str = "is too large";
    let text = amount.to_string();
    if text.contains(['e', 'E']) {
        return Err("must be an amount with at most 2 decimals");
    }
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text.as_str()),
    };
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
    let decimals = decimals.trim_end_matches('0');
    if decimals.len() > 2 {
        return Err("must have at most 2 decimals");
    }
    let hundredths: i64 = format!("{decimals:0<2}").parse().map_err(|_| TOO_LARGE)?;
    whole
        .parse::<i64>()
        .ok()
        .and_then(|whole| whole.checked_mul(100)?.checked_add(hundredths))
        .map(|minor| sign * minor)
        .ok_or(TOO_LARGE)
}

/// Writes hundredths as a number with at most two decimals.
///
/// # Errors
/// Those of the serializer.
pub fn write_hundredths<S: Serializer>(hundredths: i64, serializer: S) -> Result<S::Ok, S::Error> {
    if hundredths % 100 == 0 {
        return serializer.serialize_i64(hundredths / 100);
    }
    #[expect(
        clippy::cast_precision_loss,
        reason = "amounts have at most 15 digits, which a double writes back as they are"
    )]
    serializer.serialize_f64(hundredths as f64 / 100.0)
}
