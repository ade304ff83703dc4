//! The grammar of strings and their escapes.

use super::error::Reason;
use super::scan::{Position, Scanner, Sink, Stop};
use super::string::{EscapedChar, plain_end};

impl<S: Sink> Scanner<'_, '_, S> {
    /// Reads a string, its quotes included.
    #[inline]
    pub(super) fn string(&mut self, at: usize) -> Position {
        let body = self.body;
        let end = plain_end(body, at + 1);
        match body.get(end) {
            Some(b'"') => Ok(end + 1),
            _ => self.escaped_string(end),
        }
    }

    /// Goes on behind the plain start of a string.
    #[inline(never)]
    pub(super) fn escaped_string(&mut self, mut at: usize) -> Position {
        loop {
            let from = at;
            let c;
            (c, at) = match self.body.get(at) {
                None => return Err(self.refuse(at, Reason::UnexpectedEnd)),
                Some(b'"') => return Ok(at + 1),
                Some(b'\\') => self.escape(at)?,
                Some(0..=0x1f) => return Err(self.refuse(at, Reason::ControlCharacter)),
                Some(_) => self.character(at)?,
            };
            let canonical = EscapedChar::new(c, self.escaping);
            if canonical.as_bytes() != &self.body[from..at] {
                self.sink.rewrite(from, at, canonical.as_bytes())?;
            }
            at = plain_end(self.body, at);
        }
    }

    /// Reads one unescaped character that is no control character below U+0020.
    fn character(&mut self, at: usize) -> Result<(char, usize), Stop> {
        let text = match self.utf8 {
            Some(text) => text,
            None => match std::str::from_utf8(self.body) {
                Ok(text) => *self.utf8.insert(text),
                Err(error) => return Err(self.refuse(error.valid_up_to(), Reason::InvalidUtf8)),
            },
        };
        let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) else {
            return Err(self.refuse(at, Reason::InvalidUtf8));
        };
        Ok((c, at + c.len_utf8()))
    }

    /// Reads an escape, whose backslash stands at `from`; returns the character and where it goes on.
    fn escape(&mut self, from: usize) -> Result<(char, usize), Stop> {
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
