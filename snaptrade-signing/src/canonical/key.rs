//! Member names and their order: by Unicode code point, after unescaping.

use std::cmp::Ordering;
use std::ops::Range;

use super::string::Unescaped;

/// A member's name: where its canonical text stands, and enough of it to decide most comparisons.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Key {
    /// The first eight bytes of the unescaped name in UTF-8, big-endian, filled up with zeros.
    ///
    /// UTF-8 sorts as code points do. A filled-up name is no larger than one that goes on, so two different
    /// prefixes decide; two equal ones may not.
    prefix: u64,
    start: u32,
    /// Twice the end, and one if there are escapes: a member stays within half a cache line.
    end: u32,
}

/// The text that offsets point into.
pub(super) trait Source {
    fn slice(&self, start: u32, end: u32) -> &[u8];
}

impl Source for [u8] {
    #[inline]
    fn slice(&self, start: u32, end: u32) -> &[u8] {
        &self[start as usize..end as usize]
    }
}

impl Key {
    /// The name whose canonical text (without quotes) is `source[start..end]`.
    pub(super) fn new(source: &(impl Source + ?Sized), start: u32, end: u32) -> Self {
        let text = source.slice(start, end);
        let escaped = text.contains(&b'\\');
        let prefix = if escaped {
            unescaped_prefix(text)
        } else {
            prefix(text, 0..text.len())
        };
        Self {
            prefix,
            start,
            end: end << 1 | u32::from(escaped),
        }
    }

    /// The name that is ASCII without escapes, begins as `prefix` says, and whose text is `start..end` of its source.
    #[inline]
    pub(super) fn plain(prefix: u64, start: u32, end: u32) -> Self {
        Self {
            prefix,
            start,
            end: end << 1,
        }
    }

    /// Whether this is [`Default`] and no name: a brace and a quote stand before the first.
    #[inline]
    pub(super) fn is_none(self) -> bool {
        self.start == 0
    }

    /// Two names whose prefixes differ are in the order of these.
    #[inline]
    pub(super) fn prefix(self) -> u64 {
        self.prefix
    }

    /// Where the name stands in its source.
    pub(super) fn start(self) -> u32 {
        self.start
    }

    /// A number that is the same for names that begin alike.
    #[inline]
    pub(super) fn hash(self) -> usize {
        (self.prefix.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as usize
    }

    /// Compares two names of one source.
    #[inline]
    pub(super) fn compare(self, other: Self, source: &(impl Source + ?Sized)) -> Ordering {
        match self.prefix.cmp(&other.prefix) {
            Ordering::Equal => self.compare_whole(other, source),
            decided => decided,
        }
    }

    fn compare_whole(self, other: Self, source: &(impl Source + ?Sized)) -> Ordering {
        let (a, b) = (
            source.slice(self.start, self.end >> 1),
            source.slice(other.start, other.end >> 1),
        );
        if (self.end | other.end) & 1 != 0 {
            Unescaped::new(a).cmp(Unescaped::new(b))
        } else {
            a.cmp(b)
        }
    }
}

/// The first eight bytes of `text[name]`.
#[inline]
pub(super) fn prefix(text: &[u8], name: Range<usize>) -> u64 {
    // What follows a short name, most often its quote, is read with it and cut off.
    let Some(word) = text.get(name.start..).and_then(<[u8]>::first_chunk) else {
        return short_prefix(&text[name]);
    };
    let word = u64::from_be_bytes(*word);
    match name.len() {
        len @ 0..8 => word & !(u64::MAX >> (8 * len)),
        _ => word,
    }
}

/// The prefix of a name of less than eight bytes.
#[cold]
fn short_prefix(name: &[u8]) -> u64 {
    let mut bytes = [0; size_of::<u64>()];
    bytes[..name.len()].copy_from_slice(name);
    u64::from_be_bytes(bytes)
}

#[cold]
fn unescaped_prefix(text: &[u8]) -> u64 {
    let mut head = [0; 8];
    let mut len = 0;
    'name: for c in Unescaped::new(text) {
        for byte in c.encode_utf8(&mut [0; 4]).bytes() {
            if len == head.len() {
                break 'name;
            }
            head[len] = byte;
            len += 1;
        }
    }
    u64::from_be_bytes(head)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_by_code_point_after_unescaping() {
        // In the order that Python sorts them.
        let names = [
            "",
            r"\u0000",
            r"\u0000a",
            r"\t",
            " ",
            r#"\""#,
            "A",
            "AA",
            r"\\",
            "a",
            r"a\u0000",
            r"a\u0000b",
            "aa",
            "aaaaaaa",
            "aaaaaaaa",
            r"aaaaaaaa\n",
            "aaaaaaaaa",
            "aaaaaaab",
            r"aaaaaaa\u00e9",
            "b",
            r"\u007f",
            r"\u00e9",
            r"\ue000",
            r"\uffff",
            r"\ud800\udc00",
            r"\ud83d\ude00",
        ];
        let text: String = names.concat();
        let mut at = 0;
        let keys: Vec<Key> = names
            .iter()
            .map(|name| {
                let start = at;
                at += u32::try_from(name.len()).unwrap();
                Key::new(text.as_bytes(), start, at)
            })
            .collect();
        for (i, a) in keys.iter().enumerate() {
            for (j, b) in keys.iter().enumerate() {
                assert_eq!(
                    a.compare(*b, text.as_bytes()),
                    i.cmp(&j),
                    "{:?} against {:?}",
                    names[i],
                    names[j]
                );
            }
        }
    }
}
