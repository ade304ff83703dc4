//! Writing the canonical text, and the message around it.
//!
//! Text is written once, from spans: an object in order is part of the span around it, and neighbours that
//! stay neighbours are one span.

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
        self.write_range(text, 0..text.len(), 0..self.objects.len(), out);
    }

    /// Writes a part of `text` in which `objects` are nested.
    fn write_range(
        &self,
        text: &[u8],
        range: Range<usize>,
        objects: Range<usize>,
        out: &mut impl Output,
    ) {
        let mut at = range.start;
        let mut index = objects.start;
        while index < objects.end {
            let object = self.objects[index];
            let (begin, end) = object.spans;
            if begin == end {
                index += 1;
                continue;
            }
            let open = object.start as usize;
            out.extend_piece(text, at..open, b'{');
            self.write_members(text, &self.spans[begin as usize..end as usize], out);
            at = object.end as usize;
            index = object.next as usize;
        }
        if at < range.end {
            out.extend(&text[at..range.end]);
        }
    }

    /// Writes the members of an object, and its closing brace.
    fn write_members(&self, text: &[u8], mut spans: &[Span], out: &mut impl Output) {
        while let [first, tail @ ..] = spans {
            spans = tail;
            let mut run = *first;
            // Members that were neighbours before, comma between them, are copied as one.
            while let [next, tail @ ..] = spans
                && next.start == run.end + 1
            {
                spans = tail;
                run.end = next.end;
                run.nested.1 = next.nested.1;
            }
            let behind = if spans.is_empty() { b'}' } else { b',' };
            let range = run.start as usize..run.end as usize;
            let nested = run.nested.0 as usize..run.nested.1 as usize;
            if nested.is_empty() {
                out.extend_piece(text, range, behind);
            } else {
                self.write_range(text, range, nested, out);
                out.extend(&[behind]);
            }
        }
    }
}
