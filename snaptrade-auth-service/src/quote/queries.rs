//! Queries of URLs in running text.

use std::ops::Range;

/// What follows a `?`, up to where a URL in running text ends.
pub(super) fn find(text: &str) -> Vec<Range<usize>> {
    let mut queries = Vec::new();
    let mut from = 0;
    while let Some(mark) = text[from..].find('?') {
        let start = from + mark + 1;
        let rest = &text[start..];
        let end = rest
            .find(|c: char| c.is_whitespace() || "\"'`<>()[]{},".contains(c))
            .map_or(text.len(), |end| start + end);
        if end > start {
            queries.push(start..end);
        }
        from = end;
    }
    queries
}
