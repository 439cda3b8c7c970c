//! The order of members: by UTF-16 code units (RFC 8785, section 3.2.3).

use std::cmp::Ordering;

/// Compares two names as their UTF-16 code units compare, without encoding them.
///
/// UTF-8 bytes compare as code points do, and code points as UTF-16 code units, but for
/// one case: a character beyond U+FFFF is written with surrogates and stands before
/// U+E000 to U+FFFF. In UTF-8 those start with the bytes `EE` and `EF`, and characters
/// beyond U+FFFF with `F0` and above, so these two bytes are moved behind them.
pub(crate) fn utf16(left: &str, right: &str) -> Ordering {
    let different = left
        .bytes()
        .zip(right.bytes())
        .find(|(left, right)| left != right);
    match different {
        None => left.len().cmp(&right.len()),
        Some((left, right)) => rank(left).cmp(&rank(right)),
    }
}

const fn rank(byte: u8) -> u8 {
    match byte {
        0xEE | 0xEF => byte | 0x10,
        // No byte of UTF-8 lies above F4.
        _ => byte,
    }
}
