//! The grammar: one strict pass over a body, which tells a [`Sink`] whatever is not canonical.

use super::error::{InvalidJson, Reason};
use super::key::Key;
use super::string::{EscapedChar, plain_end};
use super::{Escaping, MAX_DEPTH, number};

/// What a pass does with what it finds. Offsets given to it are the body's and never go back.
pub(super) trait Sink {
    /// Why a pass stops.
    type Stop: From<InvalidJson>;
    /// What is remembered of an object while its members are read.
    type Object;

    /// `body[from..to]` must be replaced.
    fn rewrite(&mut self, from: usize, to: usize, canonical: &[u8]) -> Result<(), Self::Stop>;
    /// Where the text of `body[at..]` will stand.
    fn offset(&self, at: usize) -> u32;
    /// The member name whose text starts at the offset `start` and ends before `body[end]`.
    fn key(&mut self, start: u32, end: usize, plain: bool) -> Key;

    fn open(&mut self, at: usize) -> Self::Object;
    /// A member's name has been read.
    fn member(&mut self, object: &mut Self::Object, key: Key) -> Result<(), Self::Stop>;
    /// The value of the last member ends before `end`.
    fn member_end(&mut self, object: &mut Self::Object, end: usize);
    fn close(&mut self, object: Self::Object, end: usize);
}

/// Reads the one value that `body` holds; white space may stand around it.
pub(super) fn scan<S: Sink>(body: &[u8], escaping: Escaping, sink: &mut S) -> Result<(), S::Stop> {
    if body.starts_with(b"\xef\xbb\xbf") {
        return Err(InvalidJson::new(0, Reason::ByteOrderMark).into());
    }
    let mut scanner = Scanner {
        body,
        at: 0,
        depth: 0,
        escaping,
        utf8: None,
        sink,
    };
    scanner.white_space()?;
    scanner.value()?;
    scanner.white_space()?;
    if scanner.at < body.len() {
        return Err(scanner.refuse(scanner.at, Reason::TrailingCharacters));
    }
    Ok(())
}

pub(super) struct Scanner<'a, 's, S> {
    pub(super) body: &'a [u8],
    pub(super) at: usize,
    depth: usize,
    escaping: Escaping,
    /// The body as text, once a character beyond ASCII was met.
    utf8: Option<&'a str>,
    sink: &'s mut S,
}

impl<S: Sink> Scanner<'_, '_, S> {
    #[inline]
    pub(super) fn peek(&self) -> Option<u8> {
        self.body.get(self.at).copied()
    }

    #[cold]
    pub(super) fn refuse(&self, at: usize, reason: Reason) -> S::Stop {
        let reason = if at >= self.body.len() {
            Reason::UnexpectedEnd
        } else {
            reason
        };
        InvalidJson::new(at, reason).into()
    }

    #[inline]
    fn white_space(&mut self) -> Result<(), S::Stop> {
        match self.peek() {
            Some(b' ' | b'\n' | b'\r' | b'\t') => self.skip_white_space(),
            _ => Ok(()),
        }
    }

    fn skip_white_space(&mut self) -> Result<(), S::Stop> {
        let from = self.at;
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
        self.sink.rewrite(from, self.at, b"")
    }

    fn value(&mut self) -> Result<(), S::Stop> {
        match self.peek() {
            Some(b'"') => self.string().map(|_| ()),
            Some(b'{') => self.nested(Self::object),
            Some(b'[') => self.nested(Self::array),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word(b"true"),
            Some(b'f') => self.word(b"false"),
            Some(b'n') => self.word(b"null"),
            Some(b'N' | b'I') => Err(self.refuse(self.at, Reason::NotANumber)),
            _ => Err(self.refuse(self.at, Reason::ExpectedValue)),
        }
    }

    #[inline]
    fn nested(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<(), S::Stop>,
    ) -> Result<(), S::Stop> {
        if self.depth == MAX_DEPTH {
            return Err(self.refuse(self.at, Reason::TooDeep));
        }
        self.depth += 1;
        read(self)?;
        self.depth -= 1;
        Ok(())
    }

    fn word(&mut self, word: &'static [u8]) -> Result<(), S::Stop> {
        let rest = &self.body[self.at..];
        if rest.starts_with(word) {
            self.at += word.len();
            return Ok(());
        }
        let wrong = rest.iter().zip(word).take_while(|(a, b)| a == b).count();
        Err(self.refuse(self.at + wrong, Reason::ExpectedValue))
    }

    fn number(&mut self) -> Result<(), S::Stop> {
        let number = number::read(&self.body[self.at..])
            .map_err(|(offset, reason)| self.refuse(self.at + offset, reason))?;
        let from = self.at;
        self.at += number.len;
        match number.rewritten {
            Some(text) => self.sink.rewrite(from, self.at, text.as_bytes()),
            None => Ok(()),
        }
    }

    fn array(&mut self) -> Result<(), S::Stop> {
        self.at += 1;
        self.white_space()?;
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(());
        }
        loop {
            self.value()?;
            self.white_space()?;
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(());
                }
                _ => return Err(self.refuse(self.at, Reason::ExpectedCommaOrClose)),
            }
            self.white_space()?;
        }
    }

    fn object(&mut self) -> Result<(), S::Stop> {
        let mut object = self.sink.open(self.at);
        self.at += 1;
        self.white_space()?;
        if self.peek() == Some(b'}') {
            self.at += 1;
            self.sink.close(object, self.at);
            return Ok(());
        }
        loop {
            if self.peek() != Some(b'"') {
                return Err(self.refuse(self.at, Reason::ExpectedKey));
            }
            let start = self.sink.offset(self.at + 1);
            let plain = self.string()?;
            let key = self.sink.key(start, self.at - 1, plain);
            self.sink.member(&mut object, key)?;
            self.white_space()?;
            if self.peek() != Some(b':') {
                return Err(self.refuse(self.at, Reason::ExpectedColon));
            }
            self.at += 1;
            self.white_space()?;
            self.value()?;
            self.sink.member_end(&mut object, self.at);
            self.white_space()?;
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    self.sink.close(object, self.at);
                    return Ok(());
                }
                _ => return Err(self.refuse(self.at, Reason::ExpectedCommaOrClose)),
            }
            self.white_space()?;
        }
    }

    /// Reads a string, its quotes included; tells whether it is ASCII without escapes.
    #[inline]
    fn string(&mut self) -> Result<bool, S::Stop> {
        let end = plain_end(self.body, self.at + 1);
        if self.body.get(end) == Some(&b'"') {
            self.at = end + 1;
            return Ok(true);
        }
        self.at = end;
        self.string_with_escapes()?;
        Ok(false)
    }

    /// Goes on behind the plain start of a string.
    fn string_with_escapes(&mut self) -> Result<(), S::Stop> {
        loop {
            let from = self.at;
            let c = match self.peek() {
                None => return Err(self.refuse(from, Reason::UnexpectedEnd)),
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => self.escape()?,
                Some(0..=0x1f) => return Err(self.refuse(from, Reason::ControlCharacter)),
                Some(_) => self.character()?,
            };
            let canonical = EscapedChar::new(c, self.escaping);
            if canonical.as_bytes() != &self.body[from..self.at] {
                self.sink.rewrite(from, self.at, canonical.as_bytes())?;
            }
            self.at = plain_end(self.body, self.at);
        }
    }

    /// Reads one unescaped character that is no control character below U+0020.
    fn character(&mut self) -> Result<char, S::Stop> {
        let text = match self.utf8 {
            Some(text) => text,
            None => *self
                .utf8
                .insert(std::str::from_utf8(self.body).map_err(|error| {
                    S::Stop::from(InvalidJson::new(error.valid_up_to(), Reason::InvalidUtf8))
                })?),
        };
        let Some(c) = text.get(self.at..).and_then(|rest| rest.chars().next()) else {
            return Err(self.refuse(self.at, Reason::InvalidUtf8));
        };
        self.at += c.len_utf8();
        Ok(c)
    }
}
