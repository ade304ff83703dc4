//! Running text as a reader means it: escapes are resolved, and what cannot be seen is left out.
//!
//! A secret is echoed in many forms: as JSON, as JSON in a JSON string, in a query, in HTML. In signs they look alike.

use std::iter::Peekable;
use std::str::CharIndices;

use super::hidden::is_hidden;

/// A character, where it stands in the text, and how it is written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sign {
    /// ASCII letters are in lower case.
    pub(super) c: char,
    pub(super) start: usize,
    pub(super) end: usize,
    /// 0 for a character that is written as it is. A quoted string ends at a quote of its own depth or of a lower one.
    pub(super) depth: usize,
}

/// Deeper than any number of backslashes that matters.
const PERCENT: usize = 1 << 20;
const ENTITY: usize = 1 << 21;

/// `#x1f44d;`
const LONGEST_ENTITY: usize = 9;
const ENTITIES: [(&str, char); 5] = [
    ("quot", '"'),
    ("apos", '\''),
    ("lt", '<'),
    ("gt", '>'),
    ("equals", '='),
];

pub(super) fn read(text: &str) -> Vec<Sign> {
    let mut signs = Vec::with_capacity(text.len());
    let mut chars = text.char_indices().peekable();
    while let Some(&(start, first)) = chars.peek() {
        let (c, depth) = match first {
            '\\' => backslashes(&mut chars, text),
            '%' => percent(&mut chars, text),
            '&' => entity(&mut chars, text),
            other => {
                chars.next();
                (other, 0)
            }
        };
        let end = chars.peek().map_or(text.len(), |&(at, _)| at);
        if c.is_whitespace() || !is_hidden(c) {
            let c = c.to_ascii_lowercase();
            signs.push(Sign {
                c,
                start,
                end,
                depth,
            });
        }
    }
    signs
}

pub(super) fn is_quote(c: char) -> bool {
    matches!(c, '"' | '\'' | '`')
}

type Chars<'a> = Peekable<CharIndices<'a>>;

/// Goes on to the character at `at`.
fn skip_to(chars: &mut Chars<'_>, at: usize) {
    while chars.next_if(|&(here, _)| here < at).is_some() {}
}

/// `\"`, `\\\"`, `\n`, `\u0022`.
fn backslashes(chars: &mut Chars<'_>, text: &str) -> (char, usize) {
    let mut count = 0;
    while chars.next_if(|&(_, c)| c == '\\').is_some() {
        count += 1;
    }
    // An even number of them stands for backslashes.
    let depth = if count % 2 == 1 { count } else { 0 };
    match chars.peek() {
        Some(&(_, quote)) if is_quote(quote) => {
            chars.next();
            (quote, depth)
        }
        Some(&(_, 'n' | 'r' | 't')) if depth > 0 => {
            chars.next();
            (' ', depth)
        }
        Some(&(at, 'u')) if depth > 0 => match hex(text, at + 1, 4) {
            Some(c) => {
                skip_to(chars, at + 5);
                (c, depth)
            }
            None => ('\\', 0),
        },
        _ => ('\\', 0),
    }
}

/// `%22`, `%2522`.
fn percent(chars: &mut Chars<'_>, text: &str) -> (char, usize) {
    let Some((start, _)) = chars.next() else {
        return ('%', 0);
    };
    let mut at = start + 1;
    while text[at..].starts_with("25") {
        at += 2;
    }
    match hex(text, at, 2) {
        Some(c) if c.is_ascii() => {
            skip_to(chars, at + 2);
            (c, PERCENT + at - start)
        }
        _ => ('%', 0),
    }
}

/// `&quot;`, `&#39;`, `&#x27;`, `&amp;quot;`.
fn entity(chars: &mut Chars<'_>, text: &str) -> (char, usize) {
    let Some((start, _)) = chars.next() else {
        return ('&', 0);
    };
    let mut at = start + 1;
    while let Some(next) = text.get(at..at + 4)
        && next.eq_ignore_ascii_case("amp;")
    {
        at += 4;
    }
    let mut name = text.bytes().skip(at).take(LONGEST_ENTITY);
    let name = name.position(|byte| byte == b';');
    let known = name.and_then(|length| {
        let name = &text[at..at + length];
        let c = match name.strip_prefix('#') {
            Some(number) => match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok().and_then(char::from_u32),
                None => number.parse().ok().and_then(char::from_u32),
            },
            None => ENTITIES
                .iter()
                .find_map(|&(known, c)| known.eq_ignore_ascii_case(name).then_some(c)),
        };
        Some((c?, name.len()))
    });
    match known {
        Some((c, length)) => {
            skip_to(chars, at + length + 1);
            (c, ENTITY)
        }
        None => {
            skip_to(chars, at);
            ('&', if at > start + 1 { ENTITY } else { 0 })
        }
    }
}

fn hex(text: &str, at: usize, digits: usize) -> Option<char> {
    let digits = text.get(at..at + digits)?;
    let hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let number = hex.then(|| u32::from_str_radix(digits, 16).ok())??;
    char::from_u32(number)
}
