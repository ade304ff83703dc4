//! Writing the canonical text, and the message around it.
//!
//! Text is written once, in pieces: an object in order is part of the piece around it. A piece begins with what
//! separates it from the one before, a comma or a brace, and is written with the one that belongs there: no brace and
//! no comma is a piece of its own.

use std::ops::Range;

use super::order::{Order, Span};
use super::{Escaping, string};
use crate::buffer::Output;

/// The canonical text of a body.
pub(super) enum Content<'a> {
    /// As it stands here: in the body itself, most often.
    Text(&'a [u8]),
    /// Standing here, to be written in another order.
    Disordered(&'a [u8], &'a Order),
}

impl Content<'_> {
    #[inline]
    pub(super) fn write(&self, out: &mut impl Output) {
        match self {
            Self::Text(text) => out.extend(text),
            Self::Disordered(text, order) => order.write(text, out),
        }
    }

    #[inline]
    pub(super) fn write_message(
        &self,
        escaping: Escaping,
        path: &str,
        query: &str,
        out: &mut impl Output,
    ) {
        const HEAD: &[u8] = b"{\"content\":";
        const BEFORE_PATH: &[u8] = b",\"path\":\"";
        const BEFORE_QUERY: &[u8] = b"\",\"query\":\"";
        const END: &[u8] = b"\"}";
        if string::is_plain(path.as_bytes()) && string::is_plain(query.as_bytes()) {
            let (path, query) = (path.as_bytes(), query.as_bytes());
            if let Self::Text(text) = self {
                out.extend_all([HEAD, text, BEFORE_PATH, path, BEFORE_QUERY, query, END]);
            } else {
                out.extend(HEAD);
                self.write(out);
                out.extend_all([BEFORE_PATH, path, BEFORE_QUERY, query, END]);
            }
            return;
        }
        out.extend(HEAD);
        self.write(out);
        out.extend(BEFORE_PATH);
        string::write_escaped(path, escaping, out);
        out.extend(BEFORE_QUERY);
        string::write_escaped(query, escaping, out);
        out.extend(END);
    }
}

impl Order {
    /// Writes `text` with the members of each object in order.
    fn write(&self, text: &[u8], out: &mut impl Output) {
        if let Some(first) = text.first() {
            self.write_range(text, 0..text.len(), *first, 0..self.objects.len(), out);
        }
    }

    /// Writes a part of `text` in which `objects` are nested, its first byte replaced by `first`.
    fn write_range(
        &self,
        text: &[u8],
        mut range: Range<usize>,
        mut first: u8,
        objects: Range<usize>,
        out: &mut impl Output,
    ) {
        let mut index = objects.start;
        while index < objects.end {
            let object = self.objects[index];
            let (begin, end) = object.spans;
            if begin == end {
                index += 1;
                continue;
            }
            out.extend_piece(text, range.start..object.start as usize, first);
            self.write_members(text, &self.spans[begin as usize..end as usize], out);
            // The closing brace is part of what follows.
            (range.start, first) = (object.end as usize - 1, b'}');
            index = object.next as usize;
        }
        out.extend_piece(text, range, first);
    }

    /// Writes the members of an object, each behind its comma or the opening brace.
    fn write_members(&self, text: &[u8], spans: &[Span], out: &mut impl Output) {
        let mut separator = b'{';
        for span in spans {
            let range = span.start as usize..span.end as usize;
            let nested = span.nested.0 as usize..span.nested.1 as usize;
            if nested.is_empty() {
                out.extend_piece(text, range, separator);
            } else {
                self.write_range(text, range, separator, nested, out);
            }
            separator = b',';
        }
    }
}
