//! The stamp in a query, as any reader may see it.

use std::borrow::Cow;

use percent_encoding::percent_decode;

const CLIENT_ID: &str = "clientId";
const TIMESTAMP: &str = "timestamp";

/// What a query says of who signed it and when.
#[derive(Debug, Default, PartialEq)]
pub(super) struct QueryStamp<'a> {
    client_id: Option<&'a str>,
    timestamp: Option<&'a str>,
    /// Whether another reader may see another stamp.
    pub(super) is_ambiguous: bool,
}

impl<'a> QueryStamp<'a> {
    /// Names count behind `&` and, as some readers split there as well, behind `;`.
    pub(super) fn read(query: &'a str) -> Self {
        let mut stamp = Self::default();
        let has_parts = query.contains(';');
        for member in query.split('&') {
            if has_parts && member.contains(';') {
                member.split(';').for_each(|part| stamp.note(part, false));
            } else {
                stamp.note(member, true);
            }
        }
        stamp
    }

    /// `is_whole` if every reader sees this member, and not a part or more of it.
    fn note(&mut self, member: &'a str, is_whole: bool) {
        let (name, value) = member.split_once('=').unwrap_or((member, ""));
        let (place, is_exact) = match Name::read(name) {
            Name::Other => return,
            Name::Unclear => {
                self.is_ambiguous = true;
                return;
            }
            Name::ClientId { is_exact } => (&mut self.client_id, is_exact),
            Name::Timestamp { is_exact } => (&mut self.timestamp, is_exact),
        };
        if is_whole && is_exact && place.is_none() {
            *place = Some(value);
        } else {
            self.is_ambiguous = true;
        }
    }

    /// The client id and the timestamp, decoded; none if one of the two is missing.
    pub(super) fn values(&self) -> Option<(Cow<'a, str>, Cow<'a, str>)> {
        Some((decode_lossy(self.client_id?), decode_lossy(self.timestamp?)))
    }
}

#[derive(Debug, PartialEq)]
enum Name {
    /// `is_exact` if it is that name to whoever decodes it once, as the rule has it; else some readers may take it for
    /// that name.
    ClientId {
        is_exact: bool,
    },
    Timestamp {
        is_exact: bool,
    },
    /// What it is depends on how often it is decoded, and what becomes of broken escapes and characters.
    Unclear,
    Other,
}

impl Name {
    fn read(raw: &str) -> Self {
        // No reader makes a name longer.
        if raw.len() < CLIENT_ID.len().min(TIMESTAMP.len()) {
            return Self::Other;
        }
        if raw.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Self::of(raw, raw);
        }
        match decode(raw) {
            Cow::Borrowed(_) => Self::of(raw, lenient(raw)),
            Cow::Owned(bytes) => match String::from_utf8(bytes) {
                Ok(name) if !name.contains('%') => Self::of(&name, lenient(&name)),
                _ => Self::Unclear,
            },
        }
    }

    fn of(name: &str, lenient: &str) -> Self {
        if lenient.eq_ignore_ascii_case(CLIENT_ID) {
            let is_exact = name == CLIENT_ID;
            return Self::ClientId { is_exact };
        }
        if lenient.eq_ignore_ascii_case(TIMESTAMP) {
            let is_exact = name == TIMESTAMP;
            return Self::Timestamp { is_exact };
        }
        Self::Other
    }
}

/// A name without what some readers leave out: space and `?` around it, a list's index, all behind a zero.
fn lenient(name: &str) -> &str {
    let end = name.find(['[', '\0']).unwrap_or(name.len());
    name[..end].trim_matches(|c: char| c.is_whitespace() || c == '?')
}

/// What is no UTF-8 becomes U+FFFD.
fn decode_lossy(value: &str) -> Cow<'_, str> {
    match decode(value) {
        Cow::Borrowed(_) => Cow::Borrowed(value),
        Cow::Owned(bytes) => Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()),
    }
}

/// Resolves `%XX` and `+`; borrowed if there is none.
fn decode(text: &str) -> Cow<'_, [u8]> {
    if !text.bytes().any(|byte| matches!(byte, b'%' | b'+')) {
        return Cow::Borrowed(text.as_bytes());
    }
    let spaced = text.replace('+', " ");
    Cow::Owned(percent_decode(spaced.as_bytes()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// In each of the 256 ways in which its letters can be escaped or not.
    #[test]
    fn a_name_is_found_however_it_is_spelled() {
        for mask in 0..1_u32 << CLIENT_ID.len() {
            let letters = CLIENT_ID.chars().enumerate();
            let spell = |escape: fn(char) -> String| {
                let letters = letters.clone();
                let spelled = letters.map(|(i, c)| match mask >> i & 1 {
                    0 => c.to_string(),
                    _ => escape(c),
                });
                spelled.collect::<String>()
            };
            for escape in [
                |c| format!("%{:02x}", u32::from(c)),
                |c| format!("%{:02X}", u32::from(c)),
            ] {
                let name = spell(escape);
                let found = Name::read(&name);
                assert_eq!(found, Name::ClientId { is_exact: true }, "{name}");
            }
            for escape in [
                |c| format!("%25{:02x}", u32::from(c)),
                |c| {
                    format!(
                        "%{:02x}%{:02x}",
                        0xc0 | u32::from(c) >> 6,
                        0x80 | u32::from(c) & 0x3f
                    )
                },
                |c| format!("%u{:04x}", u32::from(c)),
                |c| format!("{c}%fe"),
            ] {
                let name = spell(escape);
                let expected = match mask {
                    0 => Name::ClientId { is_exact: true },
                    _ => Name::Unclear,
                };
                assert_eq!(Name::read(&name), expected, "{name}");
            }
        }
    }

    #[test]
    fn nothing_is_allocated_for_plain_values() {
        let stamp = QueryStamp::read("a=%20&clientId=ACME&timestamp=1");
        let (client_id, timestamp) = stamp.values().unwrap();
        assert!(matches!(client_id, Cow::Borrowed("ACME")));
        assert!(matches!(timestamp, Cow::Borrowed("1")));
        assert!(!stamp.is_ambiguous);
    }
}
