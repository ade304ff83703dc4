//! Credentials: what is refused, and how they are read from the environment.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use std::ffi::OsStr;
use std::process::Command;

use snaptrade_signing::credentials::{Field, Flaw};
use snaptrade_signing::{ClientId, ConsumerKey, Credentials};

#[test]
fn what_a_clipboard_adds_is_refused() {
    let cases = [
        ("", Flaw::Empty),
        (" mykey", Flaw::LeadingSpace(' ')),
        ("\u{a0}mykey", Flaw::LeadingSpace('\u{a0}')),
        ("\u{3000}", Flaw::LeadingSpace('\u{3000}')),
        ("mykey ", Flaw::TrailingSpace(' ', 5)),
        ("mykéy\r\n", Flaw::TrailingSpace('\n', 7)),
        ("my\tkey", Flaw::Control('\t', 2)),
        ("my\u{7f}key", Flaw::Control('\u{7f}', 2)),
        ("\u{feff}mykey", Flaw::Invisible('\u{feff}', 0)),
        ("my\u{200b}key", Flaw::Invisible('\u{200b}', 2)),
        ("mykey\u{200d}", Flaw::Invisible('\u{200d}', 5)),
    ];
    for (text, flaw) in cases {
        let error = Credentials::new("ACME", text).unwrap_err();
        assert_eq!((error.field(), error.flaw()), (Field::ConsumerKey, flaw));
        assert_eq!(ConsumerKey::new(text).unwrap_err(), error);
        let error = Credentials::new(text, "mykey").unwrap_err();
        assert_eq!((error.field(), error.flaw()), (Field::ClientId, flaw));
        assert_eq!(ClientId::new(text).unwrap_err(), error);
        // A key that is known to be so is taken, unless it is none.
        assert_eq!(ConsumerKey::verbatim(text).is_ok(), !text.is_empty());
    }
    for text in ["a", "my key", "mykéy😀", "+/=\"\\"] {
        let credentials = Credentials::new(text, text).unwrap();
        assert_eq!(credentials.client_id().as_str(), text);
        assert_eq!(credentials.consumer_key().expose(), text);
    }
}

/// What [`from_env_in_a_process_of_its_own`] runs: a process cannot safely change its own environment.
#[test]
#[ignore = "needs the environment that another test gives it"]
fn print_from_env() {
    match Credentials::from_env() {
        Ok(credentials) => println!("<{}>", credentials.client_id()),
        Err(error) => println!("<{error}>"),
    }
}

#[test]
fn from_env_in_a_process_of_its_own() {
    let text = |text: &'static str| Some(OsStr::new(text));
    let mut cases = vec![
        (text("ACME"), text("Marker"), "ACME"),
        (
            None,
            text("Marker"),
            "the client id is missing: set SNAPTRADE_CLIENT_ID",
        ),
        (
            text("ACME"),
            None,
            "the consumer key is missing: set SNAPTRADE_CONSUMER_KEY",
        ),
        (
            text(""),
            text("Marker"),
            "the client id is empty: set it to the dashboard's",
        ),
        (
            text("ACME"),
            text("Marker "),
            "the consumer key has white space (U+0020) at byte 6, its end: copy it again without it",
        ),
    ];
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt as _;
        let broken = Some(OsStr::from_bytes(b"Marker\xff"));
        let message = "the consumer key is not Unicode: correct SNAPTRADE_CONSUMER_KEY";
        cases.push((text("ACME"), broken, message));
    }
    for (client_id, consumer_key, expected) in cases {
        let mut child = Command::new(std::env::current_exe().unwrap());
        child.args(["--exact", "print_from_env", "--ignored", "--nocapture"]);
        for (name, value) in [
            ("SNAPTRADE_CLIENT_ID", client_id),
            ("SNAPTRADE_CONSUMER_KEY", consumer_key),
        ] {
            match value {
                Some(value) => child.env(name, value),
                None => child.env_remove(name),
            };
        }
        let output = child.output().unwrap();
        let printed = String::from_utf8_lossy(&output.stdout);
        assert!(
            printed.contains(&format!("<{expected}>")),
            "{expected}: {printed}"
        );
        assert!(!printed.contains("Marker"), "{printed}");
    }
}
