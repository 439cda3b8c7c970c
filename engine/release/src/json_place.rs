//! Where in a JSON text a pointer leads, so that an author is told the line.
//!
//! A parsed document has lost its lines, and a pointer alone makes an author count braces.

/// The line, from 1, of what an RFC 6901 pointer leads to in valid JSON: that of a member's
/// key or of an array's item. Of a pointer that leads nowhere, such as to a member that is
/// missing, it is the line of the last part of the way that is there.
pub(crate) fn line_of(text: &str, pointer: &str) -> u32 {
    let mut scan = Scan {
        text: text.as_bytes(),
        at: 0,
    };
    scan.space();
    let mut found = scan.at;
    for token in pointer.split('/').skip(1) {
        let name = token.replace("~1", "/").replace("~0", "~");
        match scan.enter(&name) {
            Some(at) => found = at,
            None => break,
        }
    }
    crate::reader::line_at(text, found)
}

/// A text that was parsed once already, so that only ends of values are looked for.
struct Scan<'t> {
    text: &'t [u8],
    at: usize,
}

impl Scan<'_> {
    fn now(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn next(&mut self) {
        self.at = self.at.saturating_add(1);
    }

    fn space(&mut self) {
        while self.now().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.next();
        }
    }

    /// Moves from a value to its member or item of this name, and gives the place of the key
    /// or item; `None` if there is none.
    fn enter(&mut self, name: &str) -> Option<usize> {
        let is_object = match self.now()? {
            b'{' => true,
            b'[' => false,
            _ => return None,
        };
        let mut index = 0_usize;
        loop {
            // The bracket, or the comma after the member before.
            self.next();
            self.space();
            let at = self.at;
            if matches!(self.now()?, b'}' | b']') {
                return None;
            }
            let is_it = if is_object {
                self.string();
                let key = self.text.get(at..self.at)?;
                let key: String = serde_json::from_slice(key).ok()?;
                self.space();
                self.next();
                self.space();
                key == name
            } else {
                index.to_string() == name
            };
            if is_it {
                return Some(at);
            }
            self.value();
            self.space();
            if self.now()? != b',' {
                return None;
            }
            index = index.saturating_add(1);
        }
    }

    /// Past a string, from its first quote to behind its last.
    fn string(&mut self) {
        self.next();
        while let Some(byte) = self.now() {
            self.next();
            match byte {
                b'\\' => self.next(),
                b'"' => return,
                _ => {}
            }
        }
    }

    /// Past a whole value.
    fn value(&mut self) {
        let mut depth = 0_u32;
        while let Some(byte) = self.now() {
            match byte {
                b'"' => self.string(),
                b'{' | b'[' => {
                    depth = depth.saturating_add(1);
                    self.next();
                }
                b'}' | b']' | b',' if depth == 0 => return,
                b'}' | b']' => {
                    depth = depth.saturating_sub(1);
                    self.next();
                }
                _ => self.next(),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"
{
  "type": "object", "note": "a } in \" a text, {",
  "properties": {
    "first": {"type": "boolean"},
    "a/b~c": {
      "enum": [
        "one",
        {"deep": []}
      ]
    }
  }
}"#;

    #[test]
    fn a_pointer_leads_to_the_line_of_its_key() {
        for (pointer, line) in [
            ("", 2),
            ("/note", 3),
            ("/properties", 4),
            ("/properties/first/type", 5),
            ("/properties/a~1b~0c", 6),
            ("/properties/a~1b~0c/enum/1/deep", 9),
            ("/properties/a~1b~0c/enum/0", 8),
        ] {
            assert_eq!(line_of(TEXT, pointer), line, "{pointer}");
        }
    }

    #[test]
    fn what_is_missing_is_told_where_it_should_stand() {
        for (pointer, line) in [
            ("/properties/first/x-direction", 5),
            ("/properties/second", 4),
            ("/properties/a~1b~0c/enum/7", 7),
            ("/note/deeper", 3),
        ] {
            assert_eq!(line_of(TEXT, pointer), line, "{pointer}");
        }
        // What is no JSON was refused before; here it only must not be followed for ever.
        for text in ["", "{", "{\"a", "[1,", "{\"a\":[[["] {
            assert_eq!(line_of(text, "/a/0/b"), 1);
        }
    }
}
