//! Text by words: eight bytes are looked at a time, without intrinsics.

/// The lowest and the highest bit of each byte.
pub(crate) const LOW_BITS: u64 = 0x0101_0101_0101_0101;
pub(crate) const HIGH_BITS: u64 = 0x8080_8080_8080_8080;

/// The eight bytes from `at` on, the first the lowest; none if there are fewer.
#[inline(always)]
pub(crate) fn word(bytes: &[u8], at: usize) -> Option<u64> {
    let word = bytes.get(at..at.wrapping_add(8))?.first_chunk()?;
    Some(u64::from_le_bytes(*word))
}

/// The index of the first byte, of those that are marked by their highest bit.
#[inline(always)]
pub(crate) fn first_marked(marks: u64) -> usize {
    (marks.trailing_zeros() / 8) as usize
}

/// The index of the first `wanted` at or after `from`; the length of `bytes` if there is none.
#[inline]
pub(crate) fn find(bytes: &[u8], wanted: u8, from: usize) -> usize {
    let mut at = from;
    while let Some(word) = word(bytes, at) {
        let differs = word ^ (LOW_BITS * u64::from(wanted));
        // A borrow marks bytes behind a true hit only, so the first mark is right.
        let hits = differs.wrapping_sub(LOW_BITS) & !differs & HIGH_BITS;
        if hits != 0 {
            return at + first_marked(hits);
        }
        at += 8;
    }
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().take_while(|byte| **byte != wanted).count()
}

/// The eight decimal digits of a number below 100,000,000, zeros at the front.
///
/// Split in halves three times, all parts at once: a division by a constant is a multiplication and a shift.
#[inline]
pub(crate) fn eight_digits(number: u32) -> [u8; 8] {
    let number = u64::from(number);
    let fours = (number / 10_000) | ((number % 10_000) << 32);
    let hundreds = ((fours * 10_486) >> 20) & 0x7f_0000_007f;
    let twos = hundreds | ((fours - hundreds * 100) << 16);
    let tens = ((twos * 103) >> 10) & 0x000f_000f_000f_000f;
    let ones = tens | ((twos - tens * 10) << 8);
    (ones | (LOW_BITS * u64::from(b'0'))).to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_first() {
        for wanted in [0, b'&', 0x7f, 0x80, 0xff] {
            for at in 0..20 {
                let mut bytes = [wanted ^ 1; 20];
                bytes[at..].fill(wanted);
                for from in 0..=20 {
                    assert_eq!(find(&bytes, wanted, from), at.max(from));
                }
            }
            assert_eq!(find(&[wanted ^ 1; 20], wanted, 3), 20);
        }
    }

    #[test]
    fn prints_all_eight_digits() {
        let numbers = (0..100_000_000).step_by(997);
        for number in numbers.chain([9, 10, 99, 100, 9_999, 10_000, 99_999_999]) {
            assert_eq!(eight_digits(number), *format!("{number:08}").as_bytes());
        }
    }
}
