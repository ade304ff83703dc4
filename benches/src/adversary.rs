//! Bodies made to be slow.

use std::fmt::Write as _;

use snaptrade_signing::canonical::MAX_DEPTH;

use crate::corpus::Random;

/// Makes a body of about `n` members or characters.
pub type Make = fn(usize) -> String;

/// All of them.
pub const ALL: [(&str, Make); 10] = [
    ("keys in reverse", |n| keys((0..n).rev())),
    ("keys at random", |n| {
        let mut random = Random::new(3);
        keys((0..n).map(|_| random.below(1 << 40)))
    }),
    ("one key again and again", |n| keys((0..n).map(|_| 7))),
    ("keys with a long common start", common_start),
    ("one long key among many", |n| long_among_many(n, "x")),
    ("one long key among many, escaped", |n| {
        long_among_many(n, "\\u00e9")
    }),
    ("deep objects, unsorted", deep_objects),
    ("deep arrays", |n| {
        let arrays = n / MAX_DEPTH + 1;
        let open = "[".repeat(MAX_DEPTH - 1);
        let close = "]".repeat(MAX_DEPTH - 1);
        list((0..arrays).map(|_| format!("{open}{close}")))
    }),
    ("escapes", |n| {
        format!("[\"{}\"]", "\\u00E9\\/".repeat(n / 8 + 1))
    }),
    ("one key of many characters", |n| {
        let long = "\\u00e9".repeat(n / 6 + 1);
        format!("{{\"{long}b\":1,\"{long}a\":2}}")
    }),
];

fn keys(keys: impl Iterator<Item = usize>) -> String {
    let members = keys.map(|key| format!("\"key {key:012}\":{key}"));
    format!("{{{}}}", members.collect::<Vec<_>>().join(","))
}

/// Names that differ in their last characters alone, so that no prefix decides.
fn common_start(n: usize) -> String {
    let mut random = Random::new(5);
    let start = "x".repeat(32);
    let members = (0..n).map(|_| format!("\"{start}{:012}\":0", random.below(1 << 39)));
    format!("{{{}}}", members.collect::<Vec<_>>().join(","))
}

/// Names that begin alike, in the middle of them one as long as all others together.
fn long_among_many(n: usize, character: &str) -> String {
    let mut random = Random::new(9);
    let start = character.repeat(8);
    let mut names: Vec<String> = (0..n)
        .map(|_| format!("{start}{:06}", random.below(1_000_000)))
        .collect();
    names[n / 2] = format!("{start}5{}", character.repeat(20 * n));
    let members = names.iter().map(|name| format!("\"{name}\":0"));
    format!("{{{}}}", members.collect::<Vec<_>>().join(","))
}

/// Unsorted objects, nested as deeply as is allowed, one such tower after the other.
fn deep_objects(n: usize) -> String {
    let depth = MAX_DEPTH - 1;
    list((0..n / depth + 1).map(|_| {
        let mut tower = String::new();
        for level in 0..depth {
            let _ = write!(tower, "{{\"z{level}\":1,\"a\":");
        }
        tower.push('0');
        tower.push_str(&"}".repeat(depth));
        tower
    }))
}

fn list(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(","))
}
