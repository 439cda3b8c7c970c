//! What a spreadsheet's bytes mean.
//!
//! A byte-order mark decides; without one the text is UTF-8 unless its author says
//! otherwise. Nothing is guessed from the bytes: two encodings can both make sense of a
//! sum, and only one of them is right.

/// How a file without a byte-order mark is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8.
    Utf8,
    /// GB18030, which GBK and GB 2312 are parts of.
    Gb18030,
}

/// Why bytes are no text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// Some bytes mean nothing in the encoding.
    #[error("the text is not {encoding}")]
    Malformed {
        /// The encoding.
        encoding: &'static str,
        /// The line of the first such byte, from 1; known in UTF-8.
        line: Option<usize>,
    },
}

impl DecodeError {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed { .. } => "text_malformed",
        }
    }

    /// The line of the first byte that means nothing, from 1, where it is known.
    #[must_use]
    pub const fn line(&self) -> Option<usize> {
        match self {
            Self::Malformed { line, .. } => *line,
        }
    }
}

/// Decodes bytes; a byte-order mark overrides what is said of them and is taken off.
///
/// # Errors
/// [`DecodeError::Malformed`] when bytes mean nothing in the encoding; no byte is replaced.
pub fn decode(bytes: &[u8], encoding: Encoding) -> Result<String, DecodeError> {
    let marked = encoding_rs::Encoding::for_bom(bytes);
    let said = match encoding {
        Encoding::Utf8 => encoding_rs::UTF_8,
        Encoding::Gb18030 => encoding_rs::GB18030,
    };
    let (encoding, skip) = marked.unwrap_or((said, 0));
    let bytes = bytes.get(skip..).unwrap_or_default();
    let text = encoding.decode_without_bom_handling_and_without_replacement(bytes);
    let text = text.map(std::borrow::Cow::into_owned);
    text.ok_or_else(|| DecodeError::Malformed {
        encoding: encoding.name(),
        line: (encoding == encoding_rs::UTF_8)
            .then(|| std::str::from_utf8(bytes).err())
            .flatten()
            .map(|error| {
                let good = bytes.get(..error.valid_up_to()).unwrap_or_default();
                good.iter().filter(|byte| **byte == b'\n').count() + 1
            }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_decides_and_what_is_said_counts_without_one() {
        let utf8 = |bytes: &[u8]| decode(bytes, Encoding::Utf8);
        let gb = |bytes: &[u8]| decode(bytes, Encoding::Gb18030);
        assert_eq!(utf8("原因,金额".as_bytes()).unwrap(), "原因,金额");
        assert_eq!(utf8(b"\xef\xbb\xbfa").unwrap(), "a");
        // "原因" in GBK, "€" as GB18030 has it, and a character outside the BMP.
        assert_eq!(gb(b"\xd4\xad\xd2\xf2").unwrap(), "原因");
        assert_eq!(gb(b"\x95\x32\x82\x36").unwrap(), "\u{20000}");
        assert_eq!(gb(b"\xef\xbb\xbf\xe5\x8e\x9f").unwrap(), "原");
        assert_eq!(utf8(b"\xff\xfe1\0,\0\x9f\x53").unwrap(), "1,原");
    }

    #[test]
    fn bytes_that_mean_nothing_are_told_and_never_replaced() {
        let error = decode(b"a,b\n\xd4\xad\xd2\xf2\n", Encoding::Utf8).unwrap_err();
        assert_eq!(error.to_string(), "the text is not UTF-8");
        assert_eq!((error.line(), error.code()), (Some(2), "text_malformed"));
        let error = decode(b"\x81\xff", Encoding::Gb18030).unwrap_err();
        assert_eq!(error.to_string(), "the text is not gb18030");
        assert_eq!(error.line(), None);
    }
}
