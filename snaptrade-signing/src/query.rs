//! The members of a raw query, and those of a stamp among them.

use crate::vectors;

/// Whether a raw query holds a stamp, or a part of one.
pub(crate) fn is_stamped(query: &str) -> bool {
    members(query).any(is_stamp)
}

/// Appends the members of a raw query but for a stamp's, with a `&` behind each.
#[inline]
pub(crate) fn extend_unstamped(out: &mut Vec<u8>, query: &str) {
    if query.is_empty() {
        return;
    }
    if !may_hold_stamp(query.as_bytes()) || !members(query).any(is_stamp) {
        out.extend_from_slice(query.as_bytes());
        out.push(b'&');
        return;
    }
    for member in members(query).filter(|member| !is_stamp(member)) {
        out.extend_from_slice(member);
        out.push(b'&');
    }
}

/// Whether a member of a raw query may be a stamp's: one begins as they do, or it is short.
///
/// Most queries have none that does. The compiler makes vectors of this: 130 instructions less than to go from member
/// to member.
#[inline]
fn may_hold_stamp(query: &[u8]) -> bool {
    let [first, nexts @ ..] = query else {
        return false;
    };
    let befores = &query[..nexts.len()];
    if matches!(first, b'c' | b't') {
        return true;
    }
    let (Some(last_befores), Some(last_nexts)) =
        (befores.last_chunk::<32>(), nexts.last_chunk::<32>())
    else {
        return true;
    };
    let chunks = befores.as_chunks().0.iter().zip(nexts.as_chunks().0);
    chunks
        .into_iter()
        .any(|(befores, nexts)| any_begins(befores, nexts))
        || any_begins(last_befores, last_nexts)
}

/// Whether a `c` or a `t` stands behind a `&`.
#[inline]
fn any_begins(befores: &[u8; 32], nexts: &[u8; 32]) -> bool {
    let begin = befores.iter().zip(nexts).fold(0, |begin, (before, next)| {
        begin | u8::from(*before == b'&') & (u8::from(*next == b'c') | u8::from(*next == b't'))
    });
    begin != 0
}

/// The members of a raw query: what stands between its `&`s.
#[inline]
fn members(query: &str) -> impl Iterator<Item = &[u8]> {
    let query = query.as_bytes();
    let mut start = Some(0);
    std::iter::from_fn(move || {
        let from = start?;
        let end = vectors::find(query, b'&', from);
        start = (end < query.len()).then_some(end + 1);
        query.get(from..end)
    })
}

/// Whether a member's raw name is one of the stamp's.
#[inline]
fn is_stamp(member: &[u8]) -> bool {
    let value = member
        .strip_prefix(b"clientId")
        .or_else(|| member.strip_prefix(b"timestamp"));
    matches!(value, Some([] | [b'=', ..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unstamped(query: &str) -> String {
        let mut out = Vec::new();
        extend_unstamped(&mut out, query);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_stamp_is_found_wherever_it_stands() {
        for stamp in ["clientId=x", "timestamp=1", "clientId", "timestamp"] {
            for before in 0..80 {
                for behind in [0, 1, 31, 32, 80] {
                    let (before, behind) = ("a".repeat(before), "b".repeat(behind));
                    let query = format!("{before}&{stamp}&{behind}");
                    assert!(is_stamped(&query));
                    assert_eq!(unstamped(&query), format!("{before}&{behind}&"));
                }
            }
            let query = format!("{stamp}&{}", "a".repeat(80));
            assert_eq!(unstamped(&query), format!("{}&", "a".repeat(80)));
        }
    }

    #[test]
    fn what_only_begins_as_a_stamp_stays() {
        for member in [
            "clientIds=1",
            "client=1",
            "timestamps",
            "t",
            "c",
            "%63lientId=1",
        ] {
            let query = format!("{}&{member}", "a".repeat(40));
            assert!(!is_stamped(&query));
            assert_eq!(unstamped(&query), format!("{query}&"));
        }
    }
}
