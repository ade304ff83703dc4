//! Python's own `json` module against this crate, on generated documents: the same text, or both refuse.
//!
//! `DIFFERENTIAL_DOCUMENTS` says how many (100,000 unless set), `DIFFERENTIAL_SEED` where to begin. A failure names
//! the seed of its document, so that it can be run alone. `differential/run-long.sh` runs millions.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

#[path = "differential/generate.rs"]
mod generate;
#[path = "differential/number.rs"]
mod number;
#[path = "differential/oracle.rs"]
mod oracle;
#[path = "differential/string.rs"]
mod string;

use std::panic::{AssertUnwindSafe, catch_unwind};

use oracle::{Answer, Oracle};
use snaptrade_signing::canonical::{self, Escaping};
use snaptrade_signing::{Credentials, Signer};

const BATCH: u64 = 500;

#[test]
#[ignore = "needs Python 3"]
fn python_and_this_crate_agree() {
    let documents = variable("DIFFERENTIAL_DOCUMENTS").unwrap_or(100_000);
    let first = variable("DIFFERENTIAL_SEED").unwrap_or(1);
    let signer = Signer::new(Credentials::new("ACME", "mykey").unwrap());
    let mut python = Oracle::spawn();
    let mut accepted = 0;
    let mut seed = first;
    while seed < first + documents {
        let end = (seed + BATCH).min(first + documents);
        let batch: Vec<Vec<u8>> = (seed..end).map(generate::document).collect();
        python.ask(&batch);
        // While Python works on them.
        let ours: Vec<Answer> = (seed..end)
            .zip(&batch)
            .map(|(seed, document)| canonical_texts(seed, document, &signer))
            .collect();
        for ((seed, document), ours) in (seed..end).zip(&batch).zip(ours) {
            let expected = python.answer();
            assert!(
                ours == expected,
                "seed {seed}: {}\nhere:   {}\nPython: {}",
                shown(document),
                shown(format!("{ours:?}").as_bytes()),
                shown(format!("{expected:?}").as_bytes()),
            );
            accepted += u64::from(expected.is_some());
        }
        seed = end;
    }
    python.finish();
    println!("{documents} documents: {accepted} accepted, no difference");
    // A generator that makes only one of the two kinds tests nothing.
    if documents >= 1000 {
        assert!(accepted > documents / 2, "{accepted} are accepted");
        assert!(accepted < documents / 10 * 9, "{accepted} are accepted");
    }
}

/// Both texts of a document that is accepted, each of them its own canonical text.
fn canonical_texts(seed: u64, document: &[u8], signer: &Signer) -> Answer {
    let texts = catch_unwind(AssertUnwindSafe(|| {
        [Escaping::Ascii, Escaping::RawUtf8].map(|escaping| canonical::json(escaping, document))
    }));
    let texts = texts.unwrap_or_else(|_| panic!("seed {seed} panics: {}", shown(document)));
    let [Ok(ascii), Ok(raw)] = texts else {
        assert!(
            texts.iter().all(Result::is_err),
            "seed {seed}: one is refused"
        );
        return None;
    };
    for (escaping, text) in [(Escaping::Ascii, &ascii), (Escaping::RawUtf8, &raw)] {
        let again = canonical::json(escaping, text.as_bytes());
        assert!(
            again.as_ref() == Ok(text),
            "seed {seed}: canonical text is not a fixed point"
        );
    }
    // A signer's room and remembered orders go from one document to the next.
    let sign = |body| signer.sign("/", "q", body).unwrap().expose().to_owned();
    assert_eq!(
        sign(document),
        sign(ascii.as_bytes()),
        "seed {seed}: a signer differs"
    );
    Some([ascii, raw])
}

fn variable(name: &str) -> Option<u64> {
    let value = std::env::var(name).ok()?;
    Some(
        value
            .parse()
            .unwrap_or_else(|_| panic!("{name} is no number: {value}")),
    )
}

/// The start of a document, readable on a terminal.
fn shown(document: &[u8]) -> String {
    let start = &document[..document.len().min(2000)];
    format!("{} ({} bytes)", start.escape_ascii(), document.len())
}
