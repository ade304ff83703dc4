//! The grammar of escapes in strings.

use super::error::Reason;
use super::scan::{Scanner, Sink, Stop};

impl<S: Sink> Scanner<'_, '_, S> {
    /// Reads an escape, whose backslash stands at `from`; returns the character and where it goes on.
    pub(super) fn escape(&mut self, from: usize) -> Result<(char, usize), Stop> {
        let c = match self.byte(from + 1) {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.unicode_escape(from),
            _ => return Err(self.refuse(from + 1, Reason::InvalidEscape)),
        };
        Ok((c, from + 2))
    }

    fn unicode_escape(&mut self, from: usize) -> Result<(char, usize), Stop> {
        let high = self.code_unit(from + 2)?;
        if let Some(c) = char::from_u32(high) {
            return Ok((c, from + 6));
        }
        if high < 0xdc00 && self.body[from + 6..].starts_with(b"\\u") {
            let low = self.code_unit(from + 8)?;
            if (0xdc00..0xe000).contains(&low)
                && let Some(c) = char::from_u32(0x1_0000 + ((high & 0x3ff) << 10 | low & 0x3ff))
            {
                return Ok((c, from + 12));
            }
        }
        Err(self.refuse(from, Reason::LoneSurrogate))
    }

    /// Reads the four hexadecimal digits at `at`.
    fn code_unit(&mut self, at: usize) -> Result<u32, Stop> {
        let mut unit = 0;
        for at in at..at + 4 {
            let Some(digit) = char::from(self.byte(at)).to_digit(16) else {
                return Err(self.refuse(at, Reason::InvalidEscape));
            };
            unit = unit << 4 | digit;
        }
        Ok(unit)
    }
}
