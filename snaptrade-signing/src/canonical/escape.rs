//! The grammar of escapes in strings.

use super::error::{InvalidJson, Reason};
use super::scan::{Scanner, Sink};

impl<S: Sink> Scanner<'_, '_, S> {
    /// Reads an escape, from its backslash on.
    pub(super) fn escape(&mut self) -> Result<char, S::Stop> {
        let from = self.at;
        self.at += 2;
        Ok(match self.body.get(from + 1) {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode_escape(from),
            _ => return Err(self.refuse(from + 1, Reason::InvalidEscape)),
        })
    }

    fn unicode_escape(&mut self, from: usize) -> Result<char, S::Stop> {
        let unit = self.code_unit()?;
        if let Some(c) = char::from_u32(unit) {
            return Ok(c);
        }
        let paired = unit < 0xdc00 && self.body[self.at..].starts_with(b"\\u");
        if paired {
            self.at += 2;
            let low = self.code_unit()?;
            if (0xdc00..0xe000).contains(&low) {
                let c = 0x1_0000 + ((unit & 0x3ff) << 10 | low & 0x3ff);
                return char::from_u32(c).ok_or_else(|| self.refuse(from, Reason::LoneSurrogate));
            }
        }
        Err(InvalidJson::new(from, Reason::LoneSurrogate).into())
    }

    /// Reads four hexadecimal digits.
    fn code_unit(&mut self) -> Result<u32, S::Stop> {
        let mut unit = 0;
        for _ in 0..4 {
            let digit = self.peek().and_then(|digit| char::from(digit).to_digit(16));
            let Some(digit) = digit else {
                return Err(self.refuse(self.at, Reason::InvalidEscape));
            };
            unit = unit << 4 | digit;
            self.at += 1;
        }
        Ok(unit)
    }
}
