//! Numbers as ECMAScript writes them (RFC 8785, section 3.2.2.3, which refers to
//! ECMA-262, `Number::toString`).

use super::value::Double;

/// Writes a double with the fewest digits that read back as the same double.
pub(super) fn write(out: &mut Vec<u8>, double: Double) {
    let number = double.get();
    if number == 0.0 {
        // Minus zero has no sign.
        out.push(b'0');
        return;
    }
    if number < 0.0 {
        out.push(b'-');
    }
    let text = shortest(number.abs());
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let digits: Vec<u8> = mantissa.bytes().filter(u8::is_ascii_digit).collect();
    let count = i32::try_from(digits.len()).unwrap_or_default();
    // The number is 0.d1d2d3... times ten to the power of `point`.
    let point = exponent
        .parse::<i32>()
        .unwrap_or_default()
        .saturating_add(1);
    let zeros = |count: i32| usize::try_from(count).unwrap_or_default();
    match point {
        _ if (count..=21).contains(&point) => {
            out.extend(&digits);
            out.extend(std::iter::repeat_n(b'0', zeros(point - count)));
        }
        1..=21 => {
            let (whole, part) = digits.split_at_checked(zeros(point)).unwrap_or_default();
            out.extend(whole);
            out.push(b'.');
            out.extend(part);
        }
        -5..=0 => {
            out.extend(b"0.");
            out.extend(std::iter::repeat_n(b'0', zeros(-point)));
            out.extend(&digits);
        }
        _ => {
            let (first, part) = digits.split_at_checked(1).unwrap_or_default();
            out.extend(first);
            if !part.is_empty() {
                out.push(b'.');
                out.extend(part);
            }
            let power = point - 1;
            out.extend(if power < 0 { b"e-" } else { b"e+" });
            out.extend(power.unsigned_abs().to_string().bytes());
        }
    }
}

/// The fewest digits that read back as the number, in the form `1.25e-7`.
///
/// Rust writes the fewest digits too; of two that are equally near ECMAScript takes the
/// even one, as Rust does when it is told how many digits to write.
fn shortest(number: f64) -> String {
    let fewest = format!("{number:e}");
    let mantissa = fewest.split('e').next().unwrap_or_default();
    let digits = mantissa.bytes().filter(u8::is_ascii_digit).count();
    let nearest = format!("{number:.*e}", digits.saturating_sub(1));
    if nearest.parse() == Ok(number) {
        nearest
    } else {
        fewest
    }
}
