//! Values of members, parameters and headers that are secret, wherever they are named in running text.

use std::ops::Range;

use super::signs::{self, Sign, is_quote};

/// The parts of a name, in lower case. Between them may be `_`, `-` or a space; before them anything, so that an
/// `accessToken` is a token.
const NAMES: [&[&str]; 7] = [
    &["secret"],
    &["token"],
    &["consumer", "key"],
    &["api", "key"],
    &["signature"],
    &["password"],
    &["authorization"],
];
/// What may stand between a name and its value, as in `userSecret provided - [abc]`.
const LINKS: [&str; 10] = [
    "is", "was", "value", "provided", "given", "sent", "received", "supplied", "of", "header",
];
/// The value goes on behind these.
const SCHEMES: [&str; 6] = ["bearer", "basic", "digest", "token", "some", "hmac"];

/// The values. They may overlap, as one may name another secret.
pub(super) fn find(text: &str) -> Vec<Range<usize>> {
    let signs = signs::read(text);
    let text = Text(&signs);
    let names = (0..signs.len()).filter_map(|at| text.name(at).map(|found| (at, found)));
    let values = names.filter_map(|(at, (end, is_header))| {
        let start = text.value(at, end)?;
        let last = text.value_end(start, is_header).checked_sub(1)?;
        (last >= start).then(|| signs[start].start..signs[last].end)
    });
    values.collect()
}

struct Text<'a>(&'a [Sign]);

impl Text<'_> {
    fn at(&self, at: usize) -> Option<char> {
        self.0.get(at).map(|sign| sign.c)
    }

    fn before(&self, at: usize) -> Option<char> {
        self.at(at.checked_sub(1)?)
    }

    fn word_at(&self, mut at: usize, word: &str) -> Option<usize> {
        for c in word.chars() {
            if self.at(at)? != c {
                return None;
            }
            at += 1;
        }
        Some(at)
    }

    /// The end of a word that stands alone.
    fn any_of(&self, at: usize, words: &[&str]) -> Option<usize> {
        let mut ends = words.iter().filter_map(|word| self.word_at(at, word));
        ends.find(|&end| !self.at(end).is_some_and(char::is_alphanumeric))
    }

    /// The end of a secret's name that begins here, and whether it is a header whose value has spaces.
    fn name(&self, at: usize) -> Option<(usize, bool)> {
        NAMES.iter().find_map(|parts| {
            let is_header = parts == &["authorization"];
            // A `brokerage_authorization` is the id of a connection.
            let before = self.before(at);
            if is_header && before.is_some_and(|c| c.is_alphanumeric() || c == '_') {
                return None;
            }
            let mut end = at;
            for (index, part) in parts.iter().enumerate() {
                if index > 0 && matches!(self.at(end), Some('_' | '-' | ' ')) {
                    end += 1;
                }
                end = self.word_at(end, part)?;
            }
            while self.at(end).is_some_and(|c| c.is_ascii_digit()) {
                end += 1;
            }
            let goes_on = |c: char| c.is_alphanumeric() || c == '_';
            let hyphen = self.at(end) == Some('-') && self.at(end + 1).is_some_and(goes_on);
            (!hyphen && !self.at(end).is_some_and(goes_on)).then_some((end, is_header))
        })
    }

    /// Where the value of the name before `from` begins, if there is one.
    fn value(&self, name: usize, from: usize) -> Option<usize> {
        let quoted = self.name_quote(name, from);
        let (mut separated, mut closed) = (false, false);
        let mut at = from;
        loop {
            let c = self.at(at)?;
            if Some(c) == quoted && !closed && !separated {
                closed = true;
                at += 1;
                continue;
            }
            match c {
                ':' | '=' => separated = true,
                '|' if !separated => separated = true,
                ',' if closed && !separated => separated = true,
                // `<token>abc`, `token -> abc`.
                '>' if at == from || matches!(self.before(at), Some('-' | '=')) => separated = true,
                '*' | ']' | ')' | '-' | '–' | '—' if !separated => {}
                c if c.is_whitespace() => {}
                '[' => return Some(at),
                '(' | '{' if separated || at == from => return Some(at),
                c if is_quote(c) || separated => return Some(at),
                _ => {
                    at = self.any_of(at, &LINKS)?;
                    continue;
                }
            }
            at += 1;
        }
    }

    /// The quote that the name stands in: the one before the whole word whose end the name is.
    fn name_quote(&self, name: usize, from: usize) -> Option<char> {
        let quote = self.at(from).filter(|&c| is_quote(c))?;
        let mut start = name;
        while let Some(c) = self.before(start) {
            if c == quote {
                return Some(quote);
            }
            if !(c.is_alphanumeric() || "_-. []".contains(c)) {
                return None;
            }
            start -= 1;
        }
        None
    }

    /// The end of the value that begins at `start`.
    fn value_end(&self, start: usize, is_header: bool) -> usize {
        let (mut at, mut open) = (start, 0_usize);
        while let Some(&Sign { c, depth, .. }) = self.0.get(at) {
            let is_literal = depth == 0;
            let opens = at == start
                || matches!(
                    self.before(at),
                    Some('(' | '[' | '{' | '=' | ',' | ':' | ' ')
                )
                || (at == start + 1 && matches!(self.before(at), Some('b' | 'r' | 'u')));
            match c {
                c if is_quote(c) && opens => {
                    let Some(end) = self.closing_quote(at) else {
                        return self.0.len();
                    };
                    at = end;
                }
                c if is_quote(c) && open == 0 && is_literal => return at,
                '(' | '[' | '{' if is_literal => open += 1,
                ')' | ']' | '}' if is_literal => match open.checked_sub(1) {
                    Some(still) => open = still,
                    None => return at,
                },
                '\n' | '\r' if open == 0 && is_literal => return at,
                c if c.is_whitespace() && open == 0 && is_literal => {
                    let scheme = self.any_of(start, &SCHEMES);
                    if !is_header && scheme != Some(at) {
                        return at;
                    }
                }
                ',' | ';' if open == 0 && is_literal && !is_header => return at,
                '&' | '<' | '>' | '|' if open == 0 && is_literal => return at,
                _ => {}
            }
            at += 1;
        }
        at
    }

    /// Where the string that begins at `start` is closed. One that is written with escapes ends with its own kind of
    /// quote or with one that is less escaped.
    fn closing_quote(&self, start: usize) -> Option<usize> {
        let opening = self.0.get(start)?;
        let rest = self.0.iter().skip(start + 1);
        let mut rest = rest.zip(start + 1..);
        rest.find(|(sign, _)| sign.c == opening.c && sign.depth <= opening.depth)
            .map(|(_, at)| at)
    }
}
