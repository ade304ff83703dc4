//! The grammar: one strict pass over a body, which tells a [`Sink`] whatever is not canonical.
//!
//! Where the pass stands is handed from function to function, and a pass that stops says no more than that: both
//! stay in registers, which a place in a struct would not.

use std::ops::Range;

use super::error::{InvalidJson, Reason};
use super::key;
use super::names::Names;
use super::string::{EscapedChar, plain_end};
use super::{Escaping, MAX_DEPTH, number};

/// What a pass does with what it finds. Offsets given to it are the body's and never go back.
pub(super) trait Sink {
    /// What is remembered of an object while its members are read.
    type Object;

    /// The body is not JSON.
    fn refuse(&mut self, error: InvalidJson) -> Stop;
    /// `body[from..to]` must be replaced.
    fn rewrite(&mut self, from: usize, to: usize, canonical: &[u8]) -> Result<(), Stop>;
    /// Where the text of `body[at..]` will stand.
    fn offset(&self, at: usize) -> u32;

    fn open(&mut self, at: usize) -> Self::Object;
    /// The next member's name is `body[name]`, ASCII without escapes; `prefix` is its [`key::Key`]'s.
    fn plain_name(
        &mut self,
        object: &mut Self::Object,
        prefix: u64,
        name: Range<usize>,
    ) -> Result<(), Stop>;
    /// The next member's name has its text at the offset `start`, and ends before `body[end]`.
    fn name(&mut self, object: &mut Self::Object, start: u32, end: usize) -> Result<(), Stop>;
    /// The value of the last member ends before `end`.
    fn member_end(&mut self, object: &mut Self::Object, end: usize);
    fn close(&mut self, object: Self::Object, end: usize);
}

/// A pass has stopped before the end; its sink knows why.
pub(super) struct Stop;

/// Where the pass stands now.
type Position = Result<usize, Stop>;

/// Reads the one value that `body` holds; white space may stand around it.
pub(super) fn scan<S: Sink>(
    body: &[u8],
    escaping: Escaping,
    names: &mut Names,
    sink: &mut S,
) -> Result<(), Stop> {
    names.erase();
    let mut scanner = Scanner {
        body,
        escaping,
        utf8: None,
        names,
        sink,
    };
    if body.starts_with(b"\xef\xbb\xbf") {
        return Err(scanner.refuse(0, Reason::ByteOrderMark));
    }
    let at = scanner.token(0)?;
    let at = scanner.value(at, 0)?;
    let at = scanner.token(at)?;
    if at < body.len() {
        return Err(scanner.refuse(at, Reason::TrailingCharacters));
    }
    Ok(())
}

pub(super) struct Scanner<'a, 's, S> {
    pub(super) body: &'a [u8],
    escaping: Escaping,
    /// The body as text, once a character beyond ASCII was met.
    utf8: Option<&'a str>,
    names: &'s mut Names,
    sink: &'s mut S,
}

impl<S: Sink> Scanner<'_, '_, S> {
    /// The byte at `at`; behind the end zero, which is no part of JSON.
    #[inline]
    pub(super) fn byte(&self, at: usize) -> u8 {
        self.body.get(at).copied().unwrap_or(0)
    }

    #[cold]
    pub(super) fn refuse(&mut self, at: usize, reason: Reason) -> Stop {
        let reason = if at >= self.body.len() {
            Reason::UnexpectedEnd
        } else {
            reason
        };
        self.sink.refuse(InvalidJson::new(at, reason))
    }

    /// Where the next token begins, white space skipped.
    #[inline]
    fn token(&mut self, at: usize) -> Position {
        match self.byte(at) {
            0..=b' ' => self.white_space(at),
            _ => Ok(at),
        }
    }

    #[inline(never)]
    fn white_space(&mut self, from: usize) -> Position {
        let mut at = from;
        while matches!(self.byte(at), b' ' | b'\n' | b'\r' | b'\t') {
            at += 1;
        }
        if at > from {
            self.sink.rewrite(from, at, b"")?;
        }
        Ok(at)
    }

    /// Reads the value at `at`, inside of `depth` arrays and objects.
    #[inline(always)]
    fn value(&mut self, at: usize, depth: usize) -> Position {
        let first = self.byte(at);
        // Ahead of the table that the rest becomes.
        if first == b'"' {
            return self.string(at);
        }
        match first {
            b'-' | b'0'..=b'9' => self.number(at),
            b'{' => self.object(at, depth),
            b'[' => self.array(at, depth),
            b't' => self.word(at, b"true"),
            b'f' => self.word(at, b"false"),
            b'n' => self.word(at, b"null"),
            b'N' | b'I' => Err(self.refuse(at, Reason::NotANumber)),
            _ => Err(self.refuse(at, Reason::ExpectedValue)),
        }
    }

    #[inline]
    fn word<const N: usize>(&mut self, at: usize, word: &'static [u8; N]) -> Position {
        match self.body[at..].first_chunk() == Some(word) {
            true => Ok(at + N),
            false => self.other_word(at, word),
        }
    }

    #[cold]
    fn other_word(&mut self, at: usize, word: &[u8]) -> Position {
        let rest = self.body[at..].iter();
        let wrong = rest.zip(word).take_while(|(a, b)| a == b).count();
        Err(self.refuse(at + wrong, Reason::ExpectedValue))
    }

    #[inline]
    fn number(&mut self, at: usize) -> Position {
        match number::plain_end(self.body, at) {
            Some(end) => Ok(end),
            None => self.other_number(at),
        }
    }

    /// Reads a number that may have to be converted.
    #[inline(never)]
    fn other_number(&mut self, from: usize) -> Position {
        let number = match number::read(&self.body[from..]) {
            Ok(number) => number,
            Err((offset, reason)) => return Err(self.refuse(from + offset, reason)),
        };
        let at = from + number.len;
        if let Some(text) = number.rewritten {
            self.sink.rewrite(from, at, text.as_bytes())?;
        }
        Ok(at)
    }

    #[inline(never)]
    fn array(&mut self, at: usize, depth: usize) -> Position {
        if depth == MAX_DEPTH {
            return Err(self.refuse(at, Reason::TooDeep));
        }
        let mut at = self.token(at + 1)?;
        if self.byte(at) == b']' {
            return Ok(at + 1);
        }
        let entered = self.names.enter();
        loop {
            self.names.element(entered);
            at = self.value(at, depth + 1)?;
            at = self.token(at)?;
            match self.byte(at) {
                b',' => at = self.token(at + 1)?,
                b']' => break,
                _ => return Err(self.refuse(at, Reason::ExpectedCommaOrClose)),
            }
        }
        self.names.leave(entered);
        Ok(at + 1)
    }

    #[inline(never)]
    fn object(&mut self, at: usize, depth: usize) -> Position {
        if depth == MAX_DEPTH {
            return Err(self.refuse(at, Reason::TooDeep));
        }
        let mut object = self.sink.open(at);
        let (mut at, mut first_member) = (at, true);
        loop {
            at = match self.names.guess(self.body, at) {
                Some(name) => {
                    let behind = at + name.len;
                    self.sink
                        .plain_name(&mut object, name.prefix, at + 2..behind - 2)?;
                    behind
                }
                None => {
                    let first = self.token(at + 1)?;
                    if first_member && self.byte(first) == b'}' {
                        at = first;
                        break;
                    }
                    self.name(&mut object, at, first)?
                }
            };
            first_member = false;
            at = self.token(at)?;
            at = self.value(at, depth + 1)?;
            self.sink.member_end(&mut object, at);
            at = self.token(at)?;
            match self.byte(at) {
                b',' => {}
                b'}' => break,
                _ => return Err(self.refuse(at, Reason::ExpectedCommaOrClose)),
            }
        }
        self.sink.close(object, at + 1);
        Ok(at + 1)
    }

    /// Reads the name at `at` and its colon. What stands before it is at `separator`.
    #[inline]
    fn name(&mut self, object: &mut S::Object, separator: usize, at: usize) -> Position {
        let (body, start) = (self.body, at + 1);
        if body.get(at) != Some(&b'"') {
            return Err(self.refuse(at, Reason::ExpectedKey));
        }
        let end = plain_end(body, start);
        if body.get(end) != Some(&b'"') {
            return self.escaped_name(object, start, end);
        }
        let prefix = key::prefix(body, start..end);
        self.sink.plain_name(object, prefix, start..end)?;
        if body.get(end + 1) != Some(&b':') {
            return self.colon(end + 1);
        }
        if at == separator + 1 {
            self.names.learn(body, separator, end + 2, prefix);
        }
        Ok(end + 2)
    }

    /// Goes on behind the plain start of a name, which is `body[start..end]`.
    #[inline(never)]
    fn escaped_name(&mut self, object: &mut S::Object, start: usize, end: usize) -> Position {
        let start = self.sink.offset(start);
        let behind = self.escaped_string(end)?;
        self.sink.name(object, start, behind - 1)?;
        self.colon(behind)
    }

    #[inline(never)]
    fn colon(&mut self, at: usize) -> Position {
        let at = self.token(at)?;
        match self.byte(at) {
            b':' => Ok(at + 1),
            _ => Err(self.refuse(at, Reason::ExpectedColon)),
        }
    }

    /// Reads a string, its quotes included.
    #[inline]
    fn string(&mut self, at: usize) -> Position {
        let body = self.body;
        let end = plain_end(body, at + 1);
        match body.get(end) {
            Some(b'"') => Ok(end + 1),
            _ => self.escaped_string(end),
        }
    }

    /// Goes on behind the plain start of a string.
    #[inline(never)]
    fn escaped_string(&mut self, mut at: usize) -> Position {
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
}
