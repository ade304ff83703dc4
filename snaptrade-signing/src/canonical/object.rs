//! The grammar of objects.

use super::error::Reason;
use super::scan::{Position, Scanner, Sink};
use super::string::plain_end;
use super::{MAX_DEPTH, key};

impl<S: Sink> Scanner<'_, '_, S> {
    /// Reads the object at `at`, inside of `depth` arrays and objects.
    #[inline(never)]
    pub(super) fn object(&mut self, at: usize, depth: usize) -> Position {
        if depth == MAX_DEPTH {
            return Err(self.refuse(at, Reason::TooDeep));
        }
        let mut object = self.sink.open(at);
        let (mut at, mut first_member) = (at, true);
        loop {
            at = match self.names.guess(self.body, at) {
                Some((len, prefix)) => {
                    let behind = at + len;
                    self.sink
                        .plain_name(&mut object, prefix, at + 2..behind - 2)?;
                    behind
                }
                None => {
                    let (start, first) = self.token(at + 1)?;
                    if first_member && first == b'}' {
                        at = start;
                        break;
                    }
                    self.name(&mut object, at, start)?
                }
            };
            first_member = false;
            let end = self.value(at, depth + 1)?;
            self.sink.member_end(&mut object, end);
            let separator;
            (at, separator) = self.token(end)?;
            match separator {
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
        let (at, first) = self.token(at)?;
        match first {
            b':' => Ok(at + 1),
            _ => Err(self.refuse(at, Reason::ExpectedColon)),
        }
    }
}
