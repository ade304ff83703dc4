//! Why a body cannot be signed.

use std::fmt;

/// A body that is not JSON as the server reads it, so no signature over it could ever verify.
///
/// Holds the place and the reason, never a byte of the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidJson {
    offset: usize,
    reason: Reason,
}

/// What is wrong at [`InvalidJson::offset`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// The body ends inside a value.
    UnexpectedEnd,
    /// A value was expected: an object, an array, a string, a number, `true`, `false` or `null`.
    ExpectedValue,
    /// A member's name, in double quotes, was expected.
    ExpectedKey,
    /// A `:` was expected after a member's name.
    ExpectedColon,
    /// A `,` or the closing bracket was expected.
    ExpectedCommaOrClose,
    /// Something follows the one value that a body may hold.
    TrailingCharacters,
    /// A control character stands unescaped in a string.
    ControlCharacter,
    /// A backslash is followed by a character that it cannot escape.
    InvalidEscape,
    /// A `\u` escape is one half of a surrogate pair without the other.
    LoneSurrogate,
    /// A number is not written as JSON demands (leading zero or plus, missing digit, …).
    InvalidNumber,
    /// A number is too large for a double, so Python would read it as infinity.
    NumberOverflow,
    /// An integer has more digits than Python converts.
    TooManyDigits,
    /// Arrays and objects are nested too deeply.
    TooDeep,
    /// The bytes are not UTF-8.
    InvalidUtf8,
    /// A byte order mark stands at the start.
    ByteOrderMark,
    /// `NaN`, `Infinity` or `-Infinity`, which Python's reader accepts and JSON does not have.
    NotANumber,
    /// The body is longer than [`MAX_BYTES`](super::MAX_BYTES).
    TooLong,
}

impl InvalidJson {
    pub(crate) fn new(offset: usize, reason: Reason) -> Self {
        Self { offset, reason }
    }

    /// The place, in bytes from the start of the body.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// What is wrong there.
    #[must_use]
    pub fn reason(&self) -> Reason {
        self.reason
    }
}

impl fmt::Display for InvalidJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the body is not JSON that can be signed: {} at byte {}",
            self.reason, self.offset
        )
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UnexpectedEnd => "it ends inside a value",
            Self::ExpectedValue => "a value was expected",
            Self::ExpectedKey => "a member name in double quotes was expected",
            Self::ExpectedColon => "a colon was expected after the member name",
            Self::ExpectedCommaOrClose => "a comma or the closing bracket was expected",
            Self::TrailingCharacters => "only white space may follow the value",
            Self::ControlCharacter => "a control character must be escaped in a string",
            Self::InvalidEscape => {
                "no such escape exists (use \\\" \\\\ \\/ \\b \\f \\n \\r \\t or \\uXXXX)"
            }
            Self::LoneSurrogate => "half a surrogate pair cannot be encoded (write both halves)",
            Self::InvalidNumber => "the number is malformed",
            Self::NumberOverflow => "the number overflows a double (send it as a string)",
            Self::TooManyDigits => "the integer has more than 4,300 digits (send it as a string)",
            Self::TooDeep => "arrays and objects may be nested 128 deep at most",
            Self::InvalidUtf8 => "the bytes are not UTF-8",
            Self::ByteOrderMark => "a byte order mark must be left out",
            Self::NotANumber => "NaN and Infinity do not exist in JSON (use null)",
            Self::TooLong => "the body is longer than 256 MiB",
        })
    }
}

impl std::error::Error for InvalidJson {}
