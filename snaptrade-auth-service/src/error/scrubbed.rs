//! Errors of others, without what they should not print.

use std::error::Error as StdError;
use std::fmt;

/// An error's text and that of its sources, with every query cut out.
///
/// reqwest's errors hold the whole URL, `userSecret` included, in their `Display` and their `Debug` alike. The text
/// is what people need; the error itself stays out of reach.
pub(crate) struct Scrubbed {
    text: String,
    source: Option<Box<Scrubbed>>,
}

impl Scrubbed {
    pub(crate) fn new(error: &(dyn StdError + 'static)) -> Self {
        Self {
            text: scrub(&error.to_string()),
            source: error.source().map(|source| Box::new(Self::new(source))),
        }
    }
}

/// Cuts what follows a `?`, up to where a URL in running text ends.
pub(super) fn scrub(text: &str) -> String {
    let mut scrubbed = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, query)) = rest.split_once('?') {
        scrubbed.push_str(before);
        let end = query
            .find(|c: char| c.is_whitespace() || "\"'`<>()[]{},".contains(c))
            .unwrap_or(query.len());
        scrubbed.push_str(if end == 0 { "?" } else { "?[redacted]" });
        rest = &query[end..];
    }
    scrubbed.push_str(rest);
    scrubbed
}

impl fmt::Display for Scrubbed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Scrubbed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.text)?;
        match &self.source {
            Some(source) => write!(f, ": {source:?}"),
            None => Ok(()),
        }
    }
}

impl StdError for Scrubbed {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        let source = self.source.as_deref()?;
        Some(source)
    }
}

#[cfg(test)]
mod tests {
    use super::scrub;

    #[test]
    fn cuts_queries_and_nothing_else() {
        assert_eq!(
            scrub("error for url (https://h/p?userId=j&userSecret=s%20t), really?"),
            "error for url (https://h/p?[redacted]), really?"
        );
        assert_eq!(scrub("a?b \"c?d\" e"), "a?[redacted] \"c?[redacted]\" e");
        assert_eq!(scrub("a??secret"), "a?[redacted]");
        assert_eq!(scrub("nothing"), "nothing");
    }
}
