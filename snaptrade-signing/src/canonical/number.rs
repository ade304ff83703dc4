//! The grammar of numbers.

use super::double::Text;
use super::error::Reason;
use crate::vectors::{CHUNK, Marks, chunk};

/// The most digits of an integer that Python converts (`sys.get_int_max_str_digits()`).
const MAX_INTEGER_DIGITS: usize = 4300;

/// Up to this many significant digits, no two decimals share a double: each is the shortest text of its own.
const EXACT_DIGITS: usize = 15;

/// A number as it stands in the body.
pub(super) struct Number {
    /// Its length in bytes.
    pub(super) len: usize,
    /// Its canonical text, where that differs from what stands there.
    pub(super) rewritten: Option<Text>,
}

/// Where the number at `at` ends if it is its own canonical text, told without converting it: most are.
///
/// One look at sixteen bytes tells all digits; a number that is longer is left to [`read`].
#[inline]
pub(super) fn plain_end(body: &[u8], at: usize) -> Option<usize> {
    let end = match chunk(body, at) {
        Some(window) => plain_len(window),
        None => plain_len(&padded(&body[at..])),
    };
    Some(at + end?)
}

/// The length of the number that `window` begins with; none if it is not its own canonical text, or does not end here.
#[inline(always)]
fn plain_len(window: &[u8; CHUNK]) -> Option<usize> {
    let digits = Marks::of_digits(window).bits();
    let digits_end = |from: usize| from + (digits >> from).trailing_ones() as usize;
    let sign = usize::from(window[0] == b'-');
    let mark = digits_end(sign);
    let integer = &window[sign..mark];
    if matches!(integer, [] | [b'0', _, ..]) {
        return None;
    }
    match window.get(mark)? {
        b'.' => {
            let end = digits_end(mark + 1);
            let fraction = window.get(mark + 1..end)?;
            let exponent = matches!(window.get(end)?, b'e' | b'E');
            (!fraction.is_empty() && !exponent && is_shortest(integer, fraction)).then_some(end)
        }
        b'e' | b'E' => None,
        _ if sign == 1 && integer == b"0" => None,
        _ => Some(mark),
    }
}

/// The last bytes of a body, zeros behind them.
#[cold]
fn padded(rest: &[u8]) -> [u8; CHUNK] {
    let mut padded = [0; CHUNK];
    for (padded, byte) in padded.iter_mut().zip(rest) {
        *padded = *byte;
    }
    padded
}

/// Reads the number at the start of `bytes`; on failure says where, from there, and why.
///
/// An integer keeps its digits whatever its size. Everything with `.`, `e` or `E` is a double.
#[inline]
pub(super) fn read(bytes: &[u8]) -> Result<Number, (usize, Reason)> {
    let negative = bytes.first() == Some(&b'-');
    let integer = usize::from(negative);
    let fraction_mark = digits_end(bytes, integer);
    let integer_digits = fraction_mark - integer;
    match bytes.get(integer) {
        Some(b'0') if integer_digits > 1 => return Err((integer + 1, Reason::InvalidNumber)),
        Some(b'0'..=b'9') => {}
        Some(b'I') if negative => return Err((0, Reason::NotANumber)),
        Some(_) => return Err((integer, Reason::InvalidNumber)),
        None => return Err((integer, Reason::UnexpectedEnd)),
    }
    if !matches!(bytes.get(fraction_mark), Some(b'.' | b'e' | b'E')) {
        if integer_digits > MAX_INTEGER_DIGITS {
            return Err((integer, Reason::TooManyDigits));
        }
        let minus_zero = negative && bytes[integer] == b'0';
        return Ok(Number {
            len: fraction_mark,
            rewritten: minus_zero.then(|| Text::copied(b"0")),
        });
    }
    read_double(bytes, integer, fraction_mark)
}

fn read_double(
    bytes: &[u8],
    integer: usize,
    fraction_mark: usize,
) -> Result<Number, (usize, Reason)> {
    let mut end = fraction_mark;
    if bytes[end] == b'.' {
        end = required_digits(bytes, end + 1)?;
    }
    let fraction = bytes.get(fraction_mark + 1..end).unwrap_or_default();
    let mut positional = true;
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        positional = false;
        end += 1;
        if matches!(bytes.get(end), Some(b'+' | b'-')) {
            end += 1;
        }
        end = required_digits(bytes, end)?;
    }
    let unchanged = positional && is_shortest(&bytes[integer..fraction_mark], fraction);
    let rewritten = if unchanged {
        None
    } else {
        let text = std::str::from_utf8(&bytes[..end]).unwrap_or_default();
        // The standard library's parser is correctly rounded.
        let value: f64 = text.parse().map_err(|_| (0, Reason::InvalidNumber))?;
        if !value.is_finite() {
            return Err((0, Reason::NumberOverflow));
        }
        let canonical = Text::of(value);
        (canonical.as_bytes() != &bytes[..end]).then_some(canonical)
    };
    Ok(Number {
        len: end,
        rewritten,
    })
}

/// Whether `integer.fraction` is the text of its own double, told without converting it.
///
/// It is if no digit can go (no zero at the end of the fraction, save `.0`), if there are few enough digits
/// that none can be spared, and if its decimal exponent is printed positionally.
fn is_shortest(integer: &[u8], fraction: &[u8]) -> bool {
    if integer.len() + fraction.len() > EXACT_DIGITS {
        return false;
    }
    if fraction == b"0" {
        return true;
    }
    let small = integer == b"0" && fraction.starts_with(b"0000");
    !small && fraction.last() != Some(&b'0')
}

#[inline]
fn digits_end(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    while bytes.get(at).is_some_and(u8::is_ascii_digit) {
        at += 1;
    }
    at
}

fn required_digits(bytes: &[u8], from: usize) -> Result<usize, (usize, Reason)> {
    let end = digits_end(bytes, from);
    if end > from {
        return Ok(end);
    }
    Err(match bytes.get(from) {
        Some(_) => (from, Reason::InvalidNumber),
        None => (from, Reason::UnexpectedEnd),
    })
}
