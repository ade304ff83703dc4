//! Decimal digits, eight at once.

/// The lowest bit of each byte.
const LOW_BITS: u64 = 0x0101_0101_0101_0101;

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
    fn prints_all_eight_digits() {
        let numbers = (0..100_000_000).step_by(997);
        for number in numbers.chain([9, 10, 99, 100, 9_999, 10_000, 99_999_999]) {
            assert_eq!(eight_digits(number), *format!("{number:08}").as_bytes());
        }
    }
}
