//! Every reason for which a body is refused, and the byte that is named.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::collections::HashSet;

use snaptrade_signing::canonical::Reason::{self, *};
use snaptrade_signing::canonical::{self, Escaping, MAX_BYTES, MAX_DEPTH};

/// The first byte that cannot be right, but for a number that is too large, a surrogate or a word that is none:
/// its start.
const CASES: &[(&[u8], usize, Reason)] = &[
    // A value is missing, or ends too soon.
    (b"", 0, UnexpectedEnd),
    (b" \t\r\n", 4, UnexpectedEnd),
    (b"[", 1, UnexpectedEnd),
    (b"[ ", 2, UnexpectedEnd),
    (b"[1", 2, UnexpectedEnd),
    (b"[1,", 3, UnexpectedEnd),
    (b"{", 1, UnexpectedEnd),
    (b"{\"a\"", 4, UnexpectedEnd),
    (b"{\"a\":", 5, UnexpectedEnd),
    (b"{\"a\":1", 6, UnexpectedEnd),
    (b"{\"a\":1,", 7, UnexpectedEnd),
    (b"\"", 1, UnexpectedEnd),
    (b"\"abc", 4, UnexpectedEnd),
    (b"\"\\", 2, UnexpectedEnd),
    (b"\"\\u", 3, UnexpectedEnd),
    (b"\"\\u00e", 6, UnexpectedEnd),
    (b"\"\\ud83d\\u", 9, UnexpectedEnd),
    (b"\"\xc3\xa9", 3, UnexpectedEnd),
    (b"tru", 3, UnexpectedEnd),
    (b"n", 1, UnexpectedEnd),
    (b"-", 1, UnexpectedEnd),
    (b"1.", 2, UnexpectedEnd),
    (b"1e", 2, UnexpectedEnd),
    (b"1E+", 3, UnexpectedEnd),
    // Something else stands where a value should.
    (b"[,1]", 1, ExpectedValue),
    (b"[1,]", 3, ExpectedValue),
    (b"[1,,2]", 3, ExpectedValue),
    (b"{\"a\":}", 5, ExpectedValue),
    (b"]", 0, ExpectedValue),
    (b"'a'", 0, ExpectedValue),
    (b"+1", 0, ExpectedValue),
    (b".5", 0, ExpectedValue),
    (b"/**/1", 0, ExpectedValue),
    (b"\0", 0, ExpectedValue),
    (b"\x0c1", 0, ExpectedValue),
    (b"\xc2\xa01", 0, ExpectedValue),
    (b"True", 0, ExpectedValue),
    (b"trUe", 2, ExpectedValue),
    (b"[nul]", 4, ExpectedValue),
    (b"undefined", 0, ExpectedValue),
    // Objects.
    (b"{,}", 1, ExpectedKey),
    (b"{a:1}", 1, ExpectedKey),
    (b"{'a':1}", 1, ExpectedKey),
    (b"{1:1}", 1, ExpectedKey),
    (b"{\"a\":1,}", 7, ExpectedKey),
    (b"{\"a\"}", 4, ExpectedColon),
    (b"{\"a\" 1}", 5, ExpectedColon),
    (b"{\"a\",1}", 4, ExpectedColon),
    (b"{\"a\":1 \"b\":2}", 7, ExpectedCommaOrClose),
    (b"{\"a\":1]", 6, ExpectedCommaOrClose),
    (b"[1 2]", 3, ExpectedCommaOrClose),
    (b"[1}", 2, ExpectedCommaOrClose),
    (b"[truely]", 5, ExpectedCommaOrClose),
    (b"[01]", 2, InvalidNumber),
    // Behind the one value.
    (b"1 2", 2, TrailingCharacters),
    (b"{}{}", 2, TrailingCharacters),
    (b"[]]", 2, TrailingCharacters),
    (b"null\0", 4, TrailingCharacters),
    (b"0x10", 1, TrailingCharacters),
    (b"1_000", 1, TrailingCharacters),
    (b"1 // one", 2, TrailingCharacters),
    (b"\"a\"\xef\xbb\xbf", 3, TrailingCharacters),
    // Strings.
    (b"\"a\nb\"", 2, ControlCharacter),
    (b"\"12345678\t\"", 9, ControlCharacter),
    (b"\"\x1f\"", 1, ControlCharacter),
    (b"\"\0\"", 1, ControlCharacter),
    (b"{\"a\rb\":1}", 3, ControlCharacter),
    (b"\"\\x41\"", 2, InvalidEscape),
    (b"\"\\'\"", 2, InvalidEscape),
    (b"\"\\\n\"", 2, InvalidEscape),
    (b"\"\\U0041\"", 2, InvalidEscape),
    (b"\"\\u00g0\"", 5, InvalidEscape),
    (b"\"\\u+041\"", 3, InvalidEscape),
    (b"\"\\u12\"", 5, InvalidEscape),
    (b"\"\\ud83d\\u12\"", 11, InvalidEscape),
    (b"\"\\ud83d\"", 1, LoneSurrogate),
    (b"\"ab\\ude00\"", 3, LoneSurrogate),
    (b"\"\\ud83d\\n\"", 1, LoneSurrogate),
    (b"\"\\ud83d\\u0041\"", 1, LoneSurrogate),
    (b"\"\\ud83d\\ud83d\\ude00\"", 1, LoneSurrogate),
    (b"\"\\ude00\\ud83d\"", 1, LoneSurrogate),
    (b"{\"\\udfff\":1}", 2, LoneSurrogate),
    // Even where a later member would replace it.
    (b"{\"a\":\"\\ud83d\",\"a\":1}", 6, LoneSurrogate),
    // Numbers.
    (b"-a", 1, InvalidNumber),
    (b"--1", 1, InvalidNumber),
    (b"-01", 2, InvalidNumber),
    (b"00", 1, InvalidNumber),
    (b"1.e5", 2, InvalidNumber),
    (b"[1.]", 3, InvalidNumber),
    (b"[1e]", 3, InvalidNumber),
    (b"1e+-5", 3, InvalidNumber),
    (b"1e.5", 2, InvalidNumber),
    (b"1e309", 0, NumberOverflow),
    (b"[-1e400]", 1, NumberOverflow),
    (b"1.7976931348623159e308", 0, NumberOverflow),
    (b"NaN", 0, NotANumber),
    (b"[Infinity]", 1, NotANumber),
    (b"{\"a\":-Infinity}", 5, NotANumber),
    // Bytes.
    (b"\"\xff\"", 1, InvalidUtf8),
    (b"\"a\x80\"", 2, InvalidUtf8),
    (b"\"\xc0\xaf\"", 1, InvalidUtf8),
    (b"\"\xc3\"", 1, InvalidUtf8),
    (b"\"\xed\xa0\x80\"", 1, InvalidUtf8),
    (b"\"\xf4\x90\x80\x80\"", 1, InvalidUtf8),
    (b"\"\xc3\xa9\xe2\x82\"", 3, InvalidUtf8),
    (b"\xef\xbb\xbf{}", 0, ByteOrderMark),
    (b"\xef\xbb\xbf", 0, ByteOrderMark),
];

fn place(text: &[u8]) -> Option<(usize, Reason)> {
    let places = [Escaping::Ascii, Escaping::RawUtf8].map(|escaping| {
        let error = canonical::json(escaping, text).err()?;
        Some((error.offset(), error.reason()))
    });
    assert_eq!(places[0], places[1], "escaping changes nothing");
    places[0]
}

#[test]
fn each_error_names_its_place() {
    for (text, offset, reason) in CASES {
        let text_shown = text.escape_ascii();
        assert_eq!(place(text), Some((*offset, *reason)), "{text_shown}");
        // The same place behind something that has to be rewritten.
        let mut behind = b"[ 1E2, \"\\/\", {\"b\":0,\"a\":0}, ".to_vec();
        let start = behind.len();
        behind.extend_from_slice(text);
        if !matches!(reason, ByteOrderMark | TrailingCharacters | UnexpectedEnd) {
            assert_eq!(
                place(&behind),
                Some((start + offset, *reason)),
                "{text_shown}"
            );
        }
    }
}

#[test]
fn each_error_says_what_and_where() {
    let mut seen = HashSet::new();
    for (text, offset, reason) in CASES {
        let error = canonical::json(Escaping::Ascii, text).unwrap_err();
        let expected =
            format!("the body is not JSON that can be signed: {reason} at byte {offset}");
        assert_eq!(error.to_string(), expected);
        seen.insert(reason.to_string());
    }
    for reason in [TooDeep, TooManyDigits, TooLong] {
        assert!(
            seen.insert(reason.to_string()),
            "{reason} has a text of its own"
        );
    }
    assert_eq!(seen.len(), 17, "every reason is here");
}

#[test]
fn nesting_ends_at_128() {
    assert_eq!(MAX_DEPTH, 128);
    for (open, close) in [
        ("[", "]"),
        ("{\"a\":", "}"),
        ("{ \"b\" : 0, \"a\" : ", "}"),
        ("[{\"\":", "}]"),
    ] {
        let levels = open.matches(['[', '{']).count();
        let nested = |depth: usize| {
            let count = depth / levels;
            open.repeat(count) + "0" + &close.repeat(count)
        };
        assert_eq!(place(nested(128).as_bytes()), None);
        // The bracket that is one too many.
        let refused = format!("[{}]", nested(128));
        let bracket = refused.rfind(['[', '{']).unwrap();
        assert_eq!(place(refused.as_bytes()), Some((bracket, TooDeep)));
        // Far more than a stack could take.
        let refused = open.repeat(1 << 20);
        let mut brackets = refused.match_indices(['[', '{']);
        let bracket = brackets.nth(128).unwrap().0;
        assert_eq!(place(refused.as_bytes()), Some((bracket, TooDeep)));
    }
    // Side by side is not deep, and brackets in strings are none.
    assert_eq!(place(format!("[{}0]", "[],".repeat(1000)).as_bytes()), None);
    assert_eq!(
        place(format!("[\"{}\"]", "[".repeat(1000)).as_bytes()),
        None
    );
}

#[test]
fn integers_end_at_4300_digits() {
    let digits = "7".repeat(4300);
    assert_eq!(place(digits.as_bytes()), None);
    assert_eq!(place(format!("-{digits}").as_bytes()), None);
    assert_eq!(
        place(format!("{digits}7").as_bytes()),
        Some((0, TooManyDigits))
    );
    assert_eq!(
        place(format!("[-{digits}7]").as_bytes()),
        Some((2, TooManyDigits))
    );
    // A double may have as many digits as it likes.
    assert_eq!(place(format!("0.{digits}{digits}").as_bytes()), None);
    assert_eq!(place(format!("{digits}7e-4300").as_bytes()), None);
    assert_eq!(
        place(format!("{digits}.0").as_bytes()),
        Some((0, NumberOverflow))
    );
}

#[test]
fn bodies_end_at_256_mebibytes() {
    assert_eq!(MAX_BYTES, 256 << 20);
    let body = vec![b' '; MAX_BYTES + 1];
    assert_eq!(place(&body), Some((MAX_BYTES, TooLong)));
}
