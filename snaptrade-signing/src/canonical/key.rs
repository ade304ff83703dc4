//! Member names and their order: by Unicode code point, after unescaping.

use std::cmp::Ordering;

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
    end: u32,
    escaped: bool,
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
    /// The name whose canonical text (without quotes) is `source[start..end]`; `plain` if it is ASCII without
    /// escapes.
    #[inline]
    pub(super) fn new(source: &(impl Source + ?Sized), start: u32, end: u32, plain: bool) -> Self {
        let text = source.slice(start, end);
        let escaped = !plain && text.contains(&b'\\');
        let prefix = if escaped {
            unescaped_prefix(text)
        } else {
            prefix(text)
        };
        Self {
            prefix,
            start,
            end,
            escaped,
        }
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
            source.slice(self.start, self.end),
            source.slice(other.start, other.end),
        );
        if self.escaped || other.escaped {
            Unescaped::new(a).cmp(Unescaped::new(b))
        } else {
            a.cmp(b)
        }
    }
}

#[inline]
fn prefix(text: &[u8]) -> u64 {
    if let Some(first) = text.first_chunk::<8>() {
        return u64::from_be_bytes(*first);
    }
    // Shorter than a word: two overlapping halves, or byte by byte.
    let shift = 64 - 8 * text.len();
    match text {
        [] => 0,
        [a, b, c, d, ..] => {
            let head = u64::from(u32::from_be_bytes([*a, *b, *c, *d])) << 32;
            let mut tail = 0;
            for byte in &text[4..] {
                tail = tail << 8 | u64::from(*byte);
            }
            head | tail << shift
        }
        _ => {
            let mut word = 0;
            for byte in text {
                word = word << 8 | u64::from(*byte);
            }
            word << shift
        }
    }
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
                Key::new(text.as_bytes(), start, at, false)
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
