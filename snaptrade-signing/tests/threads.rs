//! A signer on many threads, and on one that is ending.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::cell::RefCell;
use std::sync::mpsc::{Sender, channel};

use snaptrade_signing::{Credentials, Signer};

fn signer() -> Signer {
    Signer::new(Credentials::new("ACME", "mykey").unwrap())
}

fn sign(signer: &Signer, body: &str) -> String {
    let signature = signer.sign("/p", "clientId=ACME", body.as_bytes());
    signature.unwrap().expose().to_owned()
}

#[test]
fn threads_share_a_signer() {
    let signer = signer();
    let bodies: Vec<String> = (0..200)
        .map(|n| format!("[{{\"b\":{n},\"a\":1}}]"))
        .collect();
    let expected: Vec<String> = bodies.iter().map(|body| sign(&signer, body)).collect();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let signed: Vec<String> = bodies.iter().map(|body| sign(&signer, body)).collect();
                assert_eq!(signed, expected);
            });
        }
    });
}

/// A signer has room of its own on each thread; whichever of the two is dropped first, the other must not mind.
#[test]
fn a_thread_that_ends_still_signs() {
    /// Signs once more when its thread is gone.
    struct Last(Signer, Sender<String>);

    impl Drop for Last {
        fn drop(&mut self) {
            self.1.send(sign(&self.0, "[ 1 ]")).unwrap();
        }
    }

    thread_local! {
        static BEFORE: RefCell<Option<Last>> = const { RefCell::new(None) };
        static BEHIND: RefCell<Option<Last>> = const { RefCell::new(None) };
    }

    let (sender, signed) = channel();
    let thread = std::thread::spawn(move || {
        BEFORE.set(Some(Last(signer(), sender.clone())));
        sign(&signer(), "[1]");
        BEHIND.set(Some(Last(signer(), sender)));
    });
    thread.join().unwrap();
    let signed: Vec<String> = signed.iter().collect();
    let expected = sign(&signer(), "[1]");
    assert_eq!(signed, [expected.clone(), expected]);
}
