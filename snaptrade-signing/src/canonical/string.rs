//! String text: which bytes stay as they are, and how the others are escaped.

use super::Escaping;
use crate::buffer::Output;
use crate::vectors::{CHUNK, Marks, chunk};

/// The index of the first byte at or after `from` that is a quote, a backslash, a control character, U+007F or
/// not ASCII; the length of `bytes` if there is none.
#[inline]
pub(super) fn plain_end(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    while let Some(chunk) = chunk(bytes, at) {
        let others = Marks::of_others(chunk).bits();
        if others != 0 {
            return at + others.trailing_zeros() as usize;
        }
        at += CHUNK;
    }
    while bytes.get(at).is_some_and(|byte| is_plain_byte(*byte)) {
        at += 1;
    }
    at
}

/// Whether all of `bytes` stands for itself. Where the first that does not stands is not asked for.
#[inline]
pub(super) fn is_plain(bytes: &[u8]) -> bool {
    let Some(last) = bytes.last_chunk() else {
        return plain_end(bytes, 0) == bytes.len();
    };
    let (chunks, _) = bytes.as_chunks();
    let others = chunks.iter().map(Marks::of_others);
    others.fold(Marks::of_others(last), Marks::or).bits() == 0
}

/// Whether a byte stands for itself in every form of canonical text.
#[inline]
fn is_plain_byte(byte: u8) -> bool {
    matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\'
}

/// The canonical form of one character of a string, at most twelve bytes.
pub(super) struct EscapedChar {
    bytes: [u8; 12],
    len: u8,
}

impl EscapedChar {
    pub(super) fn new(c: char, escaping: Escaping) -> Self {
        let mut escaped = Self {
            bytes: [0; 12],
            len: 0,
        };
        match c {
            '"' => escaped.short(b'"'),
            '\\' => escaped.short(b'\\'),
            '\u{8}' => escaped.short(b'b'),
            '\u{c}' => escaped.short(b'f'),
            '\n' => escaped.short(b'n'),
            '\r' => escaped.short(b'r'),
            '\t' => escaped.short(b't'),
            ' '..='\u{7e}' => escaped.raw(c),
            '\0'..='\u{1f}' => escaped.unit(c as u32),
            _ if escaping == Escaping::RawUtf8 => escaped.raw(c),
            _ => {
                let mut units = [0; 2];
                for unit in c.encode_utf16(&mut units) {
                    escaped.unit(u32::from(*unit));
                }
            }
        }
        escaped
    }

    #[inline]
    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len as usize]
    }

    fn put(&mut self, byte: u8) {
        self.bytes[self.len as usize] = byte;
        self.len += 1;
    }

    fn short(&mut self, letter: u8) {
        self.put(b'\\');
        self.put(letter);
    }

    fn raw(&mut self, c: char) {
        let mut utf8 = [0; 4];
        for byte in c.encode_utf8(&mut utf8).bytes() {
            self.put(byte);
        }
    }

    fn unit(&mut self, unit: u32) {
        self.short(b'u');
        for shift in [12, 8, 4, 0] {
            self.put(b"0123456789abcdef"[(unit >> shift & 0xf) as usize]);
        }
    }
}

/// Writes `text` as the inside of a canonical string.
pub(super) fn write_escaped(text: &str, escaping: Escaping, out: &mut impl Output) {
    let bytes = text.as_bytes();
    let mut at = 0;
    loop {
        let plain = plain_end(bytes, at);
        out.extend(&bytes[at..plain]);
        // `plain_end` stops at whole characters only: everything that it passes is ASCII.
        let Some(c) = text.get(plain..).and_then(|rest| rest.chars().next()) else {
            return;
        };
        out.extend(EscapedChar::new(c, escaping).as_bytes());
        at = plain + c.len_utf8();
    }
}

/// The characters of a canonical string's inside, escapes resolved.
pub(super) struct Unescaped<'a> {
    rest: std::str::Chars<'a>,
}

impl<'a> Unescaped<'a> {
    pub(super) fn new(canonical: &'a [u8]) -> Self {
        let text = std::str::from_utf8(canonical).unwrap_or_default();
        Self { rest: text.chars() }
    }

    fn unit(&mut self) -> Option<u32> {
        (0..4).try_fold(0, |unit, _| {
            self.rest
                .next()?
                .to_digit(16)
                .map(|digit| unit << 4 | digit)
        })
    }
}

impl Iterator for Unescaped<'_> {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        let c = self.rest.next()?;
        if c != '\\' {
            return Some(c);
        }
        match self.rest.next()? {
            'b' => Some('\u{8}'),
            'f' => Some('\u{c}'),
            'n' => Some('\n'),
            'r' => Some('\r'),
            't' => Some('\t'),
            'u' => {
                let high = self.unit()?;
                if !(0xd800..0xdc00).contains(&high) {
                    return char::from_u32(high);
                }
                // The second half of a pair is `\uXXXX` too.
                self.rest.nth(1)?;
                let low = self.unit()?;
                char::from_u32(0x1_0000 + ((high & 0x3ff) << 10 | low & 0x3ff))
            }
            other => Some(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn word_and_byte_scans_agree() {
        for byte in 0..=255u8 {
            for (at, len) in (0..75).flat_map(|len| (0..len).map(move |at| (at, len))) {
                let mut bytes = [b'a'; 75];
                bytes[at] = byte;
                assert_eq!(
                    is_plain(&bytes[..len]),
                    is_plain_byte(byte),
                    "byte {byte:#x} at {at} of {len}"
                );
            }
            for at in 0..24 {
                let mut bytes = [b'a'; 24];
                bytes[at] = byte;
                let expected = if is_plain_byte(byte) { 24 } else { at };
                assert_eq!(plain_end(&bytes, 0), expected, "byte {byte:#x} at {at}");
                // What lies behind the first hit, or before the start, changes nothing.
                let mut tail = bytes;
                tail[at..].fill(byte);
                assert_eq!(plain_end(&tail, 0), expected.min(24));
                assert_eq!(plain_end(&bytes, at.min(23)), expected.max(at.min(23)));
            }
        }
    }

    #[test]
    fn every_character_survives_escaping() {
        for escaping in [Escaping::Ascii, Escaping::RawUtf8] {
            for c in '\0'..=char::MAX {
                let escaped = EscapedChar::new(c, escaping);
                let mut back = Unescaped::new(escaped.as_bytes());
                assert_eq!((back.next(), back.next()), (Some(c), None));
                assert!(escaping == Escaping::RawUtf8 || escaped.as_bytes().is_ascii());
            }
        }
    }
}
