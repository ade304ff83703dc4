//! Numbers that are hard to read or to print.

use fastrand::Rng;

const ODD: [&str; 44] = [
    "0",
    "-0",
    "-0.0",
    "0.0",
    "0e5",
    "-0E-5",
    "1E2",
    "1e0",
    "10",
    "-1",
    "1.50",
    "0.1",
    "1e15",
    "1e16",
    "1e17",
    "9999999999999998.0",
    "99999999999999990.0",
    "0.0001",
    "0.00001",
    "0.00009999",
    "0.0001000",
    "1e22",
    "1e23",
    "9007199254740993.0",
    "9007199254740993",
    "18446744073709551616",
    "-9223372036854775809",
    "1e308",
    "1.7976931348623157e308",
    "1.7976931348623158e308",
    "1.7976931348623159e308",
    "1e309",
    "-1e400",
    "1e-400",
    "4.9e-324",
    "5e-324",
    "2.47e-324",
    "2.4703282292062327e-324",
    "2.4703282292062328e-324",
    "2.2250738585072011e-308",
    "2.2250738585072014e-308",
    "1e00000000000000000002",
    "0.3e-00001",
    "123456789012345678901234567890.5",
];

const BROKEN: [&str; 13] = [
    "01",
    "-",
    "-01",
    "1.",
    ".5",
    "+1",
    "1e",
    "1e+",
    "1.e5",
    "0x10",
    "NaN",
    "-Infinity",
    "1_000",
];

/// Writes a number; one in a few hundred is broken.
pub(crate) fn write(rng: &mut Rng, out: &mut Vec<u8>) {
    let text = match rng.u16(..2000) {
        0..3 => BROKEN[rng.usize(..BROKEN.len())].to_owned(),
        3..5 => "9".repeat(rng.usize(4298..4303)),
        5..8 => format!("0.{}", "123456789".repeat(rng.usize(..200))) + "1",
        8..400 => ODD[rng.usize(..ODD.len())].to_owned(),
        400..700 => rng.i32(-1000..100_000).to_string(),
        700..800 => digits(rng, 40),
        800..1200 => halfway(rng),
        1200..1500 => of_bits(rng),
        _ => decimal(rng),
    };
    out.extend_from_slice(text.as_bytes());
}

fn digits(rng: &mut Rng, most: usize) -> String {
    let mut digits = String::from(rng.char('1'..='9'));
    for _ in 0..rng.usize(..most) {
        digits.push(rng.char('0'..='9'));
    }
    digits
}

/// A few digits, somewhere a point, perhaps zeros at the end, perhaps an exponent.
fn decimal(rng: &mut Rng) -> String {
    let sign = ["", "-"][rng.usize(..2)];
    let whole = match rng.bool() {
        true => "0".to_owned(),
        false => digits(rng, 18),
    };
    let zeros = "0".repeat(rng.usize(..7));
    let fraction = digits(rng, 18);
    let tail = "0".repeat(rng.usize(..3));
    let exponent = match rng.u8(..3) {
        0 => String::new(),
        _ => exponent(rng, -330..310),
    };
    format!("{sign}{whole}.{zeros}{fraction}{tail}{exponent}")
}

/// With an `e` or `E`, at times a `+`, at times zeros in front.
fn exponent(rng: &mut Rng, range: std::ops::Range<i32>) -> String {
    let small = rng.bool();
    let exponent = match small {
        true => rng.i32(-25..25),
        false => rng.i32(range),
    };
    let mark = ["e", "E"][rng.usize(..2)];
    let sign = match exponent {
        ..0 => "-",
        0.. => ["", "+"][rng.usize(..2)],
    };
    let zeros = "0".repeat(rng.usize(..3));
    format!("{mark}{sign}{zeros}{}", exponent.unsigned_abs())
}

/// Any finite double, one in four of them subnormal, in one of the forms that it can be printed in.
fn of_bits(rng: &mut Rng) -> String {
    let bits = match rng.u8(..4) {
        0 => rng.u64(..1 << 52),
        _ => rng.u64(..),
    };
    let value = Some(f64::from_bits(bits)).filter(|value| value.is_finite());
    let value = value.unwrap_or(0.5);
    match rng.u8(..4) {
        0 => format!("{value:e}"),
        1 => format!("{value:.17e}"),
        2 => format!("{value:.16e}"),
        // All its digits, hundreds of them.
        _ => format!("{value:.1}"),
    }
}

/// Exactly between two doubles, or next to it by one in the last of many digits.
fn halfway(rng: &mut Rng) -> String {
    // 54 bits, the last of them set: one more than a double has.
    let between = u128::from(rng.u64(1 << 53..1 << 54) | 1);
    let shift = rng.i32(-31..64);
    let (mut digits, exponent) = match shift {
        0.. => ((between << shift).to_string(), 0),
        // m / 2^k = m * 5^k / 10^k
        _ => (
            (between * 5u128.pow(shift.unsigned_abs())).to_string(),
            shift,
        ),
    };
    let mut exponent = exponent + rng.i32(-3..4) * i32::from(rng.u8(..4) == 0);
    match rng.u8(..4) {
        0 => digits.push_str(".0"),
        1 => digits.push_str(".00000000000000000001"),
        2 => {
            // One less in the last of the digits: they end in 5, or in no zero at least.
            let last = digits
                .pop()
                .and_then(|digit| digit.to_digit(10))
                .unwrap_or(0);
            digits.push_str(&last.saturating_sub(1).to_string());
            digits.push_str(".99999999999999999999");
        }
        _ => {
            let point = rng.usize(1..digits.len());
            exponent += i32::try_from(digits.len() - point).unwrap_or(0);
            digits.insert(point, '.');
        }
    }
    match exponent {
        0 => digits,
        _ => format!("{digits}e{exponent}"),
    }
}
