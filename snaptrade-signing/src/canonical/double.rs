//! Doubles as text, as Python prints them.

/// The text of a number: at most a sign, 17 digits, a point, four zeros and an exponent.
pub(super) struct Text {
    bytes: [u8; 32],
    len: u8,
}

impl Text {
    pub(super) fn copied(bytes: &[u8]) -> Self {
        let mut text = Self {
            bytes: [0; 32],
            len: 0,
        };
        text.put(bytes);
        text
    }

    #[inline]
    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len as usize]
    }

    fn put(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.bytes[self.len as usize] = *byte;
            self.len += 1;
        }
    }

    fn zeros(&mut self, count: usize) {
        for _ in 0..count {
            self.put(b"0");
        }
    }

    /// Python's `repr` of a finite double: shortest round-trip digits; positional for decimal exponents
    /// -4..=15, else `d.ddde±XX`.
    pub(super) fn of(value: f64) -> Self {
        let mut text = Self::copied(if value.is_sign_negative() { b"-" } else { b"" });
        if value == 0.0 {
            text.put(b"0.0");
            return text;
        }
        let mut buffer = zmij::Buffer::new();
        let (digits, exponent) = decimal(buffer.format_finite(value.abs()));
        let digits = digits.as_bytes();
        let count = digits.len();
        match exponent {
            0..=15 => {
                #[expect(clippy::cast_sign_loss, reason = "matched as 0..=15")]
                let whole = exponent as usize + 1;
                if count > whole {
                    text.put(&digits[..whole]);
                    text.put(b".");
                    text.put(&digits[whole..]);
                } else {
                    text.put(digits);
                    text.zeros(whole - count);
                    text.put(b".0");
                }
            }
            -4..=-1 => {
                text.put(b"0.");
                text.zeros(exponent.unsigned_abs() as usize - 1);
                text.put(digits);
            }
            _ => {
                text.put(&digits[..1]);
                if count > 1 {
                    text.put(b".");
                    text.put(&digits[1..]);
                }
                text.put(if exponent < 0 { b"e-" } else { b"e+" });
                let size = exponent.unsigned_abs();
                for unit in [100, 10, 1] {
                    if size >= unit || unit < 100 {
                        text.put(&[b'0' + (size / unit % 10) as u8]);
                    }
                }
            }
        }
        text
    }
}

/// The significant digits of a printed positive number, without zeros at either end, and the decimal exponent
/// of the first one.
fn decimal(printed: &str) -> (Digits, i32) {
    let (mantissa, exponent) = printed.split_once(['e', 'E']).unwrap_or((printed, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let mut digits = Digits::default();
    let mut first: i32 = exponent.parse().unwrap_or(0);
    first += i32::try_from(whole.len()).unwrap_or(0) - 1;
    for digit in whole.bytes().chain(fraction.bytes()) {
        if digits.len == 0 && digit == b'0' {
            first -= 1;
        } else {
            digits.push(digit);
        }
    }
    digits.trim_zeros();
    (digits, first)
}

/// Significant digits, without zeros at either end.
#[derive(Default)]
struct Digits {
    bytes: [u8; 24],
    len: usize,
}

impl Digits {
    fn push(&mut self, digit: u8) {
        self.bytes[self.len] = digit;
        self.len += 1;
    }

    fn trim_zeros(&mut self) {
        while self.len > 1 && self.bytes[self.len - 1] == b'0' {
            self.len -= 1;
        }
    }

    fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

#[cfg(test)]
mod tests {
    use super::Text;

    #[test]
    fn prints_as_python_does() {
        for (value, expected) in [
            (0.1, "0.1"),
            (1e15, "1000000000000000.0"),
            (1e16, "1e+16"),
            (123_456_789_012_345_680.0, "1.2345678901234568e+17"),
            (0.0001, "0.0001"),
            (0.000_012_5, "1.25e-05"),
            (5e-324, "5e-324"),
            (f64::MAX, "1.7976931348623157e+308"),
            (-0.0, "-0.0"),
            (-2.5, "-2.5"),
            (9_007_199_254_740_993.0, "9007199254740992.0"),
        ] {
            assert_eq!(Text::of(value).as_bytes(), expected.as_bytes());
        }
    }
}
