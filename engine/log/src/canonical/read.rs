//! Reading JSON (RFC 8259) as RFC 8785 asks for it: I-JSON, without a name given twice
//! and without half a surrogate pair.

use super::value::{Double, Object, Value};

/// How much of a text is read at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadLimits {
    /// The longest text in bytes.
    pub bytes_max: usize,
    /// The deepest nesting of arrays and objects.
    pub depth_max: u32,
}

/// What is wrong with a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadProblem {
    /// It is longer than the limit.
    TooLong {
        /// The longest there may be, in bytes.
        limit: usize,
        /// How long it is.
        used: usize,
    },
    /// It nests deeper than the limit.
    TooDeep {
        /// The deepest there may be.
        limit: u32,
    },
    /// It is not UTF-8.
    NotUtf8,
    /// It ends in the middle of a value.
    End,
    /// A character that cannot stand here.
    Unexpected,
    /// A name given twice in one object.
    Duplicate,
    /// An escape that does not exist, or half a surrogate pair.
    Escape,
    /// A control character that is not escaped.
    Control,
    /// A number that no double holds.
    Number,
    /// Something after the value.
    Trailing,
}

impl ReadProblem {
    const fn words(self) -> &'static str {
        match self {
            Self::TooLong { .. } => "the text is too long",
            Self::TooDeep { .. } => "the text nests too deep",
            Self::NotUtf8 => "the text is not UTF-8",
            Self::End => "the text ends in the middle of a value",
            Self::Unexpected => "an unexpected character",
            Self::Duplicate => "a name given twice in one object",
            Self::Escape => "an escape that does not exist",
            Self::Control => "a control character that is not escaped",
            Self::Number => "a number that no double holds",
            Self::Trailing => "something after the value",
        }
    }
}

/// Why a text is not JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{} at byte {offset}", problem.words())]
pub struct ReadError {
    /// Where, in bytes from the start.
    pub offset: usize,
    /// What is wrong there.
    pub problem: ReadProblem,
}

impl ReadError {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self.problem {
            ReadProblem::TooLong { .. } => "json_too_long",
            ReadProblem::TooDeep { .. } => "json_too_deep",
            ReadProblem::Duplicate => "json_duplicate_name",
            _ => "json_syntax",
        }
    }
}

/// Reads one JSON value and nothing after it but white space.
///
/// # Errors
/// [`ReadError`] with the first thing that is wrong.
pub fn read(bytes: &[u8], limits: ReadLimits) -> Result<Value, ReadError> {
    if bytes.len() > limits.bytes_max {
        return Err(ReadError {
            offset: limits.bytes_max,
            problem: ReadProblem::TooLong {
                limit: limits.bytes_max,
                used: bytes.len(),
            },
        });
    }
    let text = std::str::from_utf8(bytes).map_err(|error| ReadError {
        offset: error.valid_up_to(),
        problem: ReadProblem::NotUtf8,
    })?;
    let mut reader = Reader {
        text,
        offset: 0,
        depth: 0,
        depth_max: limits.depth_max,
    };
    let value = reader.value()?;
    reader.space();
    match reader.peek() {
        None => Ok(value),
        Some(_) => Err(reader.error(ReadProblem::Trailing)),
    }
}

struct Reader<'a> {
    text: &'a str,
    offset: usize,
    depth: u32,
    depth_max: u32,
}

impl<'a> Reader<'a> {
    const fn error(&self, problem: ReadProblem) -> ReadError {
        ReadError {
            offset: self.offset,
            problem,
        }
    }

    fn rest(&self) -> &'a [u8] {
        self.text.as_bytes().get(self.offset..).unwrap_or_default()
    }

    fn peek(&self) -> Option<u8> {
        self.rest().first().copied()
    }

    const fn skip(&mut self, bytes: usize) {
        self.offset = self.offset.saturating_add(bytes);
    }

    fn space(&mut self) {
        let rest = self.rest();
        let blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
        self.skip(rest.iter().take_while(|byte| blank(byte)).count());
    }

    fn unexpected(&self) -> ReadError {
        self.error(match self.peek() {
            None => ReadProblem::End,
            Some(_) => ReadProblem::Unexpected,
        })
    }

    fn expect(&mut self, token: &str) -> Result<(), ReadError> {
        if self.rest().starts_with(token.as_bytes()) {
            self.skip(token.len());
            Ok(())
        } else {
            Err(self.unexpected())
        }
    }

    fn value(&mut self) -> Result<Value, ReadError> {
        self.space();
        match self.peek() {
            Some(b'{') => self.nested(Self::object),
            Some(b'[') => self.nested(Self::array),
            Some(b'"') => Ok(Value::Text(self.string()?)),
            Some(b't') => self.expect("true").map(|()| Value::Bool(true)),
            Some(b'f') => self.expect("false").map(|()| Value::Bool(false)),
            Some(b'n') => self.expect("null").map(|()| Value::Null),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => Err(self.unexpected()),
        }
    }

    fn nested(
        &mut self,
        read: fn(&mut Self) -> Result<Value, ReadError>,
    ) -> Result<Value, ReadError> {
        if self.depth >= self.depth_max {
            let limit = self.depth_max;
            return Err(self.error(ReadProblem::TooDeep { limit }));
        }
        self.depth = self.depth.saturating_add(1);
        self.skip(1);
        let value = read(self);
        self.depth = self.depth.saturating_sub(1);
        value
    }

    fn object(&mut self) -> Result<Value, ReadError> {
        let mut object = Object::default();
        self.space();
        if self.peek() == Some(b'}') {
            self.skip(1);
            return Ok(Value::Object(object));
        }
        loop {
            self.space();
            let at = self.error(ReadProblem::Duplicate);
            if self.peek() != Some(b'"') {
                return Err(self.unexpected());
            }
            let name = self.string()?;
            self.space();
            self.expect(":")?;
            let value = self.value()?;
            if object.insert(name, value).is_some() {
                return Err(at);
            }
            self.space();
            match self.peek() {
                Some(b',') => self.skip(1),
                Some(b'}') => {
                    self.skip(1);
                    return Ok(Value::Object(object));
                }
                _ => return Err(self.unexpected()),
            }
        }
    }

    fn array(&mut self) -> Result<Value, ReadError> {
        let mut items = Vec::new();
        self.space();
        if self.peek() == Some(b']') {
            self.skip(1);
            return Ok(Value::Array(items));
        }
        loop {
            items.push(self.value()?);
            self.space();
            match self.peek() {
                Some(b',') => self.skip(1),
                Some(b']') => {
                    self.skip(1);
                    return Ok(Value::Array(items));
                }
                _ => return Err(self.unexpected()),
            }
        }
    }

    fn string(&mut self) -> Result<String, ReadError> {
        self.skip(1);
        let mut out = String::new();
        loop {
            let rest = self.rest();
            let plain = rest
                .iter()
                .take_while(|byte| **byte >= 0x20 && **byte != b'"' && **byte != b'\\')
                .count();
            let end = self.offset.saturating_add(plain);
            // The stop bytes are ASCII, so the range ends on a character.
            out.push_str(self.text.get(self.offset..end).unwrap_or_default());
            self.skip(plain);
            match self.peek() {
                Some(b'"') => {
                    self.skip(1);
                    return Ok(out);
                }
                Some(b'\\') => out.push(self.escape()?),
                Some(_) => return Err(self.error(ReadProblem::Control)),
                None => return Err(self.error(ReadProblem::End)),
            }
        }
    }

    fn escape(&mut self) -> Result<char, ReadError> {
        let bad = self.error(ReadProblem::Escape);
        self.skip(1);
        let kind = self.peek().ok_or(ReadError {
            problem: ReadProblem::End,
            ..bad
        })?;
        self.skip(1);
        Ok(match kind {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let first = self.hex().ok_or(bad)?;
                let mut units = vec![first];
                if (0xD800..0xDC00).contains(&first) {
                    if !self.rest().starts_with(b"\\u") {
                        return Err(bad);
                    }
                    self.skip(2);
                    units.push(self.hex().ok_or(bad)?);
                }
                let mut decoded = char::decode_utf16(units);
                match (decoded.next(), decoded.next()) {
                    (Some(Ok(char)), None) => char,
                    _ => return Err(bad),
                }
            }
            _ => return Err(bad),
        })
    }

    /// Four hexadecimal digits.
    fn hex(&mut self) -> Option<u16> {
        let digits = self.rest().get(..4)?;
        let digits = std::str::from_utf8(digits).ok()?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        self.skip(4);
        u16::from_str_radix(digits, 16).ok()
    }

    fn digits(&mut self) -> Result<(), ReadError> {
        let count = self
            .rest()
            .iter()
            .take_while(|b| b.is_ascii_digit())
            .count();
        if count == 0 {
            return Err(self.unexpected());
        }
        self.skip(count);
        Ok(())
    }

    fn number(&mut self) -> Result<Value, ReadError> {
        let at = self.error(ReadProblem::Number);
        let start = self.offset;
        if self.peek() == Some(b'-') {
            self.skip(1);
        }
        if self.peek() == Some(b'0') {
            self.skip(1);
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.skip(1);
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.skip(1);
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.skip(1);
            }
            self.digits()?;
        }
        let text = self.text.get(start..self.offset).unwrap_or_default();
        let number = text.parse::<f64>().ok().and_then(Double::new);
        number.map(Value::Number).ok_or(at)
    }
}
