//! What an error is to tell.

use std::error::Error as _;

use snaptrade_auth_service::{Error, ErrorKind, Outcome};

use crate::MARKER;

/// What the server said, and what is made of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Told {
    pub(crate) status: u16,
    pub(crate) code: Option<&'static str>,
    pub(crate) kind: ErrorKind,
    pub(crate) outcome: Outcome,
    /// A piece of the advice.
    pub(crate) remedy: &'static str,
}

impl Told {
    /// An answer that says that the request did not run.
    pub(crate) fn refused(
        status: u16,
        code: &'static str,
        kind: ErrorKind,
        remedy: &'static str,
    ) -> Self {
        Self {
            status,
            code: Some(code),
            kind,
            outcome: Outcome::Refused,
            remedy,
        }
    }

    #[track_caller]
    pub(crate) fn by(self, error: &Error, operation: &str) {
        let text = error.to_string();
        assert_eq!(error.kind(), self.kind, "{text}");
        assert_eq!(error.outcome(), self.outcome, "{text}");
        assert!(text.contains(self.remedy), "{:?} in {text}", self.remedy);
        let api = error.api().unwrap();
        assert_eq!(api.status.as_u16(), self.status, "{text}");
        assert_eq!(api.code.as_deref(), self.code, "{text}");
        assert_eq!(api.operation, operation);
        assert_eq!(api.reason, api.status.canonical_reason().unwrap());
        let id = api.request_id.as_ref().unwrap().as_str();
        assert_eq!(api.headers["x-request-id"], id);
        let begin = format!("{operation} answered {}", self.status);
        assert!(text.starts_with(&begin), "{text}");
        assert!(text.ends_with(&format!("[request id {id}]")), "{text}");
        prints_no_secret(error);
    }
}

/// An answer that says that the request ran, and cannot be read.
#[track_caller]
pub(crate) fn undecodable(error: &Error, operation: &str, repeatable: bool) {
    let text = error.to_string();
    assert_eq!(error.kind(), ErrorKind::Decode, "{text}");
    assert_eq!(error.outcome(), Outcome::Succeeded, "{text}");
    let Error::Decode(decode) = error else {
        panic!("{error:?}");
    };
    assert_eq!(decode.operation(), operation);
    let id = decode.request_id().unwrap().as_str();
    assert!(
        text.starts_with(&format!("{operation} succeeded, but ")),
        "{text}"
    );
    assert!(text.ends_with(&format!("[request id {id}]")), "{text}");
    assert_eq!(text.contains("do not send it again"), !repeatable, "{text}");
    assert_eq!(text.contains("ask again"), repeatable, "{text}");
    prints_no_secret(error);
}

#[track_caller]
fn prints_no_secret(error: &Error) {
    let mut printed = format!("{error} {error:?} {error:#?}");
    let mut source = error.source();
    while let Some(error) = source {
        printed += &format!("{error} {error:?}");
        source = error.source();
    }
    assert!(!printed.contains(MARKER), "{printed}");
}
