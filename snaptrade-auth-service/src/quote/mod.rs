//! Text of others, made fit to print: escaped, cut and masked.
//!
//! What a server says, and what errors of other crates say, ends in logs and on terminals. It must not forge a line,
//! turn around what follows it, fill a disk, or show a secret that was sent.

mod hidden;
mod queries;
mod secrets;
mod signs;
#[cfg(test)]
mod tests;

use std::fmt;
use std::ops::Range;

use hidden::is_hidden;

/// The longest text that is printed, in bytes, without the note that it was cut.
const LONGEST: usize = 1024;
/// No more than this is looked at, in bytes.
const READ: usize = 8 * 1024;
const MASK: &str = "[redacted]";

/// Text that was made fit to print. `Display` is the text; `Debug` is the text in quotes.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Quoted(String);

/// Makes a text fit to print.
///
/// - Queries, and values of `userSecret`, `token`, `consumerKey`, `signature`, `Authorization` and the like are masked,
///   in whatever way they are written.
/// - Control characters and characters that cannot be seen are escaped: `\n`, `\u{202e}`.
/// - What is longer than 1 KiB is cut, and says so.
pub(crate) fn quote(text: &str) -> Quoted {
    let read = start_of(text);
    let mut quoted = Writer::default();
    let mut at = 0;
    for masked in masked(read) {
        quoted.escaped(&read[at..masked.start]);
        quoted.piece(MASK);
        at = masked.end;
    }
    quoted.escaped(&read[at..]);
    if quoted.is_full || read.len() < text.len() {
        let note = format!("… [cut, {} bytes]", text.len());
        quoted.text.push_str(&note);
    }
    Quoted(quoted.text)
}

/// As much of it as is looked at, in whole characters.
fn start_of(text: &str) -> &str {
    let mut start = text.len().min(READ);
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    &text[..start]
}

/// What must not be shown: in order, and apart from each other.
fn masked(text: &str) -> Vec<Range<usize>> {
    let mut ranges = secrets::find(text);
    ranges.extend(queries::find(text));
    ranges.sort_by_key(|range| range.start);
    let mut apart: Vec<Range<usize>> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match apart.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => apart.push(range),
        }
    }
    apart
}

/// Takes pieces until the first that does not fit.
#[derive(Default)]
struct Writer {
    text: String,
    is_full: bool,
}

impl Writer {
    fn piece(&mut self, piece: &str) {
        self.is_full |= self.text.len() + piece.len() > LONGEST;
        if !self.is_full {
            self.text.push_str(piece);
        }
    }

    fn escaped(&mut self, text: &str) {
        for c in text.chars() {
            if self.is_full {
                return;
            }
            if is_hidden(c) {
                self.piece(&c.escape_default().to_string());
            } else {
                self.piece(c.encode_utf8(&mut [0; 4]));
            }
        }
    }
}

impl fmt::Display for Quoted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Quoted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0.replace('"', "\\\""))
    }
}
