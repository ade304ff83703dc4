//! Collects what is printed, and searches it for the markers that stand for secrets.

use std::error::Error;
use std::fmt::Debug;

use snaptrade_signing::Signature;

/// What everything was printed as.
#[derive(Default)]
pub(crate) struct Printed(pub(crate) Vec<String>);

impl Printed {
    pub(crate) fn debug(&mut self, value: &dyn Debug) {
        self.0.push(format!("{value:?} {value:#?}"));
    }

    pub(crate) fn error(&mut self, error: &(dyn Error + 'static)) {
        let mut next = Some(error);
        while let Some(error) = next {
            self.debug(&error);
            self.0.push(error.to_string());
            next = error.source();
        }
    }

    /// What code panics with that expected the other.
    pub(crate) fn panic<T: Debug, E: Debug>(&mut self, result: Result<T, E>) {
        let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| match &result {
            Ok(_) => drop(result.unwrap_err()),
            Err(_) => drop(result.unwrap()),
        }));
        let message = panic.unwrap_err();
        self.0
            .push(message.downcast_ref::<String>().unwrap().clone());
    }

    /// Fails if a marker or this signature was printed.
    pub(crate) fn check(&self, signature: &Signature) {
        assert!(!self.0.is_empty());
        for text in &self.0 {
            for marker in ["Marker", signature.expose()] {
                assert!(!text.contains(marker), "{marker} is in {text}");
            }
            // As `Debug` prints bytes that are no text: M, a, r, k.
            assert!(!text.contains("77, 97, 114, 107"), "{text}");
        }
    }
}
