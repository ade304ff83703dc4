//! Strings and names, escaped in every way that JSON allows.

use fastrand::Rng;

/// Names that are hard to keep in order: alike in their first eight bytes, alike until they are unescaped, and
/// in another order as UTF-16 than as code points.
const NAMES: [&str; 30] = [
    "",
    "a",
    "b",
    "aa",
    "a\0",
    "a\0\0",
    "\0",
    "A",
    "é",
    "e\u{301}",
    "\u{7f}",
    "\u{e000}",
    "\u{ffff}",
    "\u{10000}",
    "😀",
    "\"",
    "\\",
    "/",
    "\n",
    "\u{1f}",
    "aaaaaaaa",
    "aaaaaaaaa",
    "aaaaaaaab",
    "aaaaaaaa\0",
    "aaaaaaaa\n",
    "aaaaaaaé",
    "aaaaaaaè",
    "accountId",
    "accountIds",
    "accountNumber",
];

const CHARS: [char; 36] = [
    'a',
    'z',
    '0',
    ' ',
    '"',
    '\\',
    '/',
    '\u{8}',
    '\u{c}',
    '\n',
    '\r',
    '\t',
    '\0',
    '\u{1f}',
    '\u{7e}',
    '\u{7f}',
    '\u{80}',
    'é',
    '\u{7ff}',
    '\u{800}',
    '\u{2028}',
    '\u{2029}',
    '\u{d7ff}',
    '\u{e000}',
    '\u{fffd}',
    '\u{ffff}',
    '\u{feff}',
    '\u{10000}',
    '😀',
    '\u{10ffff}',
    '<',
    '>',
    '&',
    '\'',
    'u',
    'N',
];

/// Up to `most` names in any order, with repetitions at times.
pub(crate) fn names(rng: &mut Rng, most: usize) -> Vec<String> {
    let count = rng.usize(1..most + 1);
    let mut names: Vec<String> = (0..count)
        .map(|at| match rng.u8(..4) {
            0 => text(rng),
            1 => format!("{}{at}", NAMES[rng.usize(..NAMES.len())]),
            _ => NAMES[rng.usize(..NAMES.len())].to_owned(),
        })
        .collect();
    if rng.u8(..4) == 0 {
        names.sort_unstable();
    }
    if rng.u8(..2) == 0 {
        let mut seen = std::collections::HashSet::new();
        names.retain(|name| seen.insert(name.clone()));
    }
    names
}

/// A short text of characters that matter.
pub(crate) fn text(rng: &mut Rng) -> String {
    let len = [0, 1, 3, 8, 9, 20, 60][rng.usize(..7)];
    let plain = rng.bool();
    (0..len)
        .map(|_| match rng.u8(..8) {
            0 => rng.char(..),
            1..=3 if !plain => CHARS[rng.usize(..CHARS.len())],
            _ => rng.char('a'..='z'),
        })
        .collect()
}

/// Writes a string; one in a few hundred is broken.
pub(crate) fn write(rng: &mut Rng, out: &mut Vec<u8>) {
    if rng.u16(..400) == 0 {
        let broken: [&[u8]; 11] = [
            br#""\ud83d""#,
            br#""\ude00\ud83d""#,
            br#""\ud83d\n""#,
            br#""\ud83d\u0041""#,
            br#""\ud83d\ud83d\ude00""#,
            br#""\ud83d\ud83d""#,
            br#""\uD83D\\uDE00""#,
            br#""\u00g0""#,
            br#""\a""#,
            b"\"\t\"",
            b"\"\xed\xa0\xbd\xed\xb8\x80\"",
        ];
        out.extend_from_slice(broken[rng.usize(..broken.len())]);
        return;
    }
    let text = text(rng);
    write_text(rng, out, &text);
}

/// Writes a text as a string.
pub(crate) fn write_text(rng: &mut Rng, out: &mut Vec<u8>, text: &str) {
    // Every character, one in a few, or only those that must be.
    let escaped = [1, 6, u8::MAX][rng.usize(..3)];
    out.push(b'"');
    for c in text.chars() {
        let must = c < ' ' || c == '"' || c == '\\';
        if must || rng.u8(..escaped) == 0 {
            escape(rng, out, c);
        } else {
            out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }
    out.push(b'"');
}

fn escape(rng: &mut Rng, out: &mut Vec<u8>, c: char) {
    let short = match c {
        '"' | '\\' | '/' => Some(c),
        '\u{8}' => Some('b'),
        '\u{c}' => Some('f'),
        '\n' => Some('n'),
        '\r' => Some('r'),
        '\t' => Some('t'),
        _ => None,
    };
    if let Some(short) = short
        && rng.bool()
    {
        out.extend_from_slice(format!("\\{short}").as_bytes());
        return;
    }
    for unit in c.encode_utf16(&mut [0; 2]) {
        let unit = match rng.bool() {
            true => format!("\\u{unit:04x}"),
            false => format!("\\u{unit:04X}"),
        };
        out.extend_from_slice(unit.as_bytes());
    }
}
