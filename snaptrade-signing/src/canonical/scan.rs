//! The grammar: one strict pass over a body, which tells a [`Sink`] whatever is not canonical.
//!
//! Where the pass stands is handed from function to function, and a pass that stops says no more than that: both
//! stay in registers, which a place in a struct would not.

use std::ops::Range;

use super::error::{InvalidJson, Reason};
use super::names::Names;
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
    /// The next member's name is `body[name]`, ASCII without escapes; `prefix` is its [`Key`](super::key::Key)'s.
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
pub(super) type Position = Result<usize, Stop>;

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
    let at = scanner.value(0, 0)?;
    let (at, _) = scanner.token(at)?;
    if at < body.len() {
        return Err(scanner.refuse(at, Reason::TrailingCharacters));
    }
    Ok(())
}

pub(super) struct Scanner<'a, 's, S> {
    pub(super) body: &'a [u8],
    pub(super) escaping: Escaping,
    /// The body as text, once a character beyond ASCII was met.
    pub(super) utf8: Option<&'a str>,
    pub(super) names: &'s mut Names,
    pub(super) sink: &'s mut S,
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

    /// Where the next token begins, white space skipped, and with which byte.
    #[inline(always)]
    pub(super) fn token(&mut self, at: usize) -> Result<(usize, u8), Stop> {
        match self.byte(at) {
            0..=b' ' => {
                let at = self.white_space(at)?;
                Ok((at, self.byte(at)))
            }
            first => Ok((at, first)),
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

    /// Reads the value at or behind `at`, inside of `depth` arrays and objects.
    #[inline(always)]
    pub(super) fn value(&mut self, at: usize, depth: usize) -> Position {
        // Ahead of all else, and of the table of jumps that the rest becomes.
        if self.byte(at) == b'"' {
            return self.string(at);
        }
        let (at, first) = self.token(at)?;
        match first {
            b'"' => self.spaced_string(at),
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

    #[inline(never)]
    fn spaced_string(&mut self, at: usize) -> Position {
        self.string(at)
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
        let (mut at, first) = self.token(at + 1)?;
        if first == b']' {
            return Ok(at + 1);
        }
        let entered = self.names.enter();
        loop {
            self.names.element(entered);
            let end = self.value(at, depth + 1)?;
            let separator;
            (at, separator) = self.token(end)?;
            match separator {
                b',' => at += 1,
                b']' => break,
                _ => return Err(self.refuse(at, Reason::ExpectedCommaOrClose)),
            }
        }
        self.names.leave(entered);
        Ok(at + 1)
    }
}
