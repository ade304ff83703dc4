//! Text by vectors: sixteen bytes are looked at a time, and each answer is a bit.
//!
//! `wide` asks the processor for that mask (`pmovmskb`), which safe code cannot do by itself. Against words of eight
//! bytes that is 8 % of the instructions of a canonical body, and its constants stay in registers of their own.

use wide::i8x16;

/// How many bytes are looked at a time.
pub(crate) const CHUNK: usize = 16;

/// The sixteen bytes from `at` on; none if there are fewer.
#[inline(always)]
pub(crate) fn chunk(bytes: &[u8], at: usize) -> Option<&[u8; CHUNK]> {
    bytes.get(at..at.wrapping_add(CHUNK))?.first_chunk()
}

/// The index of the first `wanted` at or after `from`; the length of `bytes` if there is none.
#[inline]
pub(crate) fn find(bytes: &[u8], wanted: u8, from: usize) -> usize {
    let mut at = from;
    while let Some(chunk) = chunk(bytes, at) {
        let found = Marks::of(wanted, chunk).bits();
        if found != 0 {
            return at + found.trailing_zeros() as usize;
        }
        at += CHUNK;
    }
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().take_while(|byte| **byte != wanted).count()
}

/// Whether each of sixteen bytes is something; the first byte's bit is the lowest.
#[derive(Clone, Copy)]
pub(crate) struct Marks(i8x16);

impl Marks {
    /// The bytes that are this one.
    #[inline(always)]
    pub(crate) fn of(wanted: u8, chunk: &[u8; CHUNK]) -> Self {
        Self(vector(chunk).simd_eq(i8x16::splat(wanted.cast_signed())))
    }

    /// The bytes that do not stand for themselves in a string: quotes, backslashes, control characters, U+007F and
    /// all that is not ASCII.
    #[inline(always)]
    pub(crate) fn of_others(chunk: &[u8; CHUNK]) -> Self {
        let bytes = vector(chunk);
        // With that bit changed, a quote is next to the control characters, and a space is not. What is not ASCII is
        // negative.
        let quote_or_control = (bytes ^ i8x16::splat(0x02)).simd_lt(i8x16::splat(0x21));
        let backslash = bytes.simd_eq(i8x16::splat(0x5c));
        let delete = bytes.simd_eq(i8x16::splat(0x7f));
        Self(quote_or_control | backslash | delete)
    }

    /// The decimal digits.
    #[inline(always)]
    pub(crate) fn of_digits(chunk: &[u8; CHUNK]) -> Self {
        // The ten digits become the ten lowest numbers.
        let lowest = vector(chunk) + i8x16::splat(0x50);
        Self(lowest.simd_lt(i8x16::splat(i8::MIN + 10)))
    }

    /// What one of two has marked.
    #[inline(always)]
    pub(crate) fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    #[inline(always)]
    pub(crate) fn bits(self) -> u32 {
        self.0.to_bitmask()
    }
}

/// A text of at most 32 bytes, to be found again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pattern {
    text: [[u8; CHUNK]; 2],
    /// The bits of the bytes that count.
    mask: [[u8; CHUNK]; 2],
}

impl Pattern {
    /// The longest text.
    pub(crate) const MAX: usize = 2 * CHUNK;

    /// What stands nowhere, but where 32 zeros do.
    pub(crate) const NOWHERE: Self = Self {
        text: [[0; CHUNK]; 2],
        mask: [[0xff; CHUNK]; 2],
    };

    /// A text.
    pub(crate) fn new(text: &[u8]) -> Option<Self> {
        let mut pattern = Self {
            text: [[0; CHUNK]; 2],
            mask: [[0; CHUNK]; 2],
        };
        let (texts, masks) = (&mut pattern.text, &mut pattern.mask);
        texts
            .as_flattened_mut()
            .get_mut(..text.len())?
            .copy_from_slice(text);
        masks.as_flattened_mut().get_mut(..text.len())?.fill(0xff);
        Some(pattern)
    }

    /// Whether the text stands at `at`, told if 32 bytes do: a short text is looked for as a long one is.
    #[inline(always)]
    pub(crate) fn stands_at(&self, bytes: &[u8], at: usize) -> bool {
        let Some(window) = bytes
            .get(at..)
            .and_then(<[u8]>::first_chunk::<{ Self::MAX }>)
        else {
            return false;
        };
        let [first, second] = window.as_chunks().0 else {
            return false;
        };
        let equal = |half: usize, found: &[u8; CHUNK]| {
            let counts = vector(found) & vector(&self.mask[half]);
            counts.simd_eq(vector(&self.text[half]))
        };
        (equal(0, first) & equal(1, second)).to_bitmask() == 0xffff
    }
}

#[inline(always)]
fn vector(chunk: &[u8; CHUNK]) -> i8x16 {
    i8x16::new(chunk.map(u8::cast_signed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_each_byte_where_it_stands() {
        for byte in 0..=255u8 {
            let other = !(b' '..=b'~').contains(&byte) || byte == b'"' || byte == b'\\';
            for at in 0..CHUNK {
                let mut letters = [b'a'; CHUNK];
                letters[at] = byte;
                let expected = u32::from(other) << at;
                assert_eq!(Marks::of_others(&letters).bits(), expected, "{byte:#x}");
                let mut spaces = [b' '; CHUNK];
                spaces[at] = byte;
                let expected = u32::from(byte.is_ascii_digit()) << at;
                assert_eq!(Marks::of_digits(&spaces).bits(), expected, "{byte:#x}");
            }
        }
    }

    #[test]
    fn finds_the_first() {
        for wanted in [0, b'&', 0x7f, 0x80, 0xff] {
            for at in 0..40 {
                let mut bytes = [wanted ^ 1; 40];
                bytes[at..].fill(wanted);
                for from in 0..=40 {
                    assert_eq!(find(&bytes, wanted, from), at.max(from));
                }
            }
            assert_eq!(find(&[wanted ^ 1; 40], wanted, 3), 40);
        }
    }

    #[test]
    fn finds_a_text_whatever_stands_behind_it() {
        for len in 0..=Pattern::MAX {
            let text = [b'n'; Pattern::MAX];
            let pattern = Pattern::new(&text[..len]).unwrap();
            for at in 0..Pattern::MAX {
                let mut bytes = [b'n'; 3 * Pattern::MAX];
                bytes[Pattern::MAX + at] = b'x';
                assert_eq!(pattern.stands_at(&bytes, Pattern::MAX), at >= len);
                assert!(pattern.stands_at(&bytes, 0));
                assert!(!Pattern::NOWHERE.stands_at(&bytes, at));
            }
            assert!(!pattern.stands_at(&text, 1), "too few bytes");
        }
        assert!(Pattern::new(&[0; Pattern::MAX + 1]).is_none());
    }

    #[test]
    fn a_chunk_is_within_its_text() {
        let text = [b'a'; CHUNK + 1];
        assert!(chunk(&text, 1).is_some());
        for at in [2, CHUNK, CHUNK + 1, CHUNK + 2, usize::MAX] {
            assert!(chunk(&text, at).is_none(), "{at}");
        }
    }
}
