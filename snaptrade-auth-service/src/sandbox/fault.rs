//! What can go wrong with a request, on purpose.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, Response, StatusCode};

use super::answer::{Answer, CLIENT_LIMIT};
use super::body::SandboxBody;
use super::limit::Standing;

/// Where in its course a request meets its fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Point {
    /// The head is here, the body unread.
    BeforeReading,
    /// The request was read, and nothing done.
    BeforeCommit,
    /// What was asked for is done, the answer not begun.
    AfterCommit,
    /// About half of the answer's body is sent.
    InAnswer,
    /// The whole answer is sent. There is nothing to be met here but the end of the connection, which may overtake the answer
    /// over HTTP/2, or if it is a reset.
    AfterAnswer,
}

/// One thing that goes wrong with one request. See [`Faults`](super::Faults).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Fault {
    /// A pause. Before the commit it holds back the commit too, which comes even if the client leaves meanwhile.
    Delay(Point, Duration),
    /// Nothing more happens, for as long as the client waits.
    Stall(Point),
    /// The connection is reset (TCP RST), and with it all else that is on it.
    Reset(Point),
    /// The connection is closed (TCP FIN), and with it all else that is on it.
    Close(Point),
    /// The connection is closed with nothing done if the request is not the first on it, as a server does whose idle
    /// timeout runs out under a request. Without a socket, every request counts as a later one.
    IdleClose,
    /// The stream is refused with nothing done (`REFUSED_STREAM`), and the connection goes on. Over HTTP/1.1, which has
    /// no streams, the connection is closed.
    RefuseStream,
    /// Another answer than the sandbox's own, [instead of](Fault::status) the commit or [after](Fault::after_commit)
    /// it.
    Answer(CannedAnswer),
    /// A whole answer whose body ends in the middle of the JSON.
    TruncatedBody,
    /// A whole answer whose body comes in 16 pieces, with a pause before each.
    Drip(Duration),
    /// An answer that never ends.
    EndlessBody,
    /// The `Date` header is off by this many seconds. For a server whose clock is wrong in all, see
    /// [`Sandbox::set_skew`](super::Sandbox::set_skew).
    DateSkew(i64),
    /// The answer has no `Date`.
    NoDate,
}

/// The body of an [error answer](Fault::status).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorBody {
    /// `{"detail": …, "status_code": …, "code": …}`, as the API itself answers.
    Json,
    /// A page, as a gateway answers.
    Html,
    /// Nothing.
    Empty,
}

/// An answer that was made ahead.
#[derive(Clone)]
pub struct CannedAnswer {
    response: Arc<Response<Bytes>>,
    pub(super) after_commit: bool,
}

impl Fault {
    /// This status instead of the commit: 500 and 503 with SnapTrade's codes, others with 0000.
    #[must_use]
    pub fn status(status: StatusCode, body: ErrorBody) -> Self {
        let reason = status.canonical_reason().unwrap_or("Error");
        let (code, detail) = match status {
            StatusCode::INTERNAL_SERVER_ERROR => ("1000", "Encountered an unexpected exception."),
            StatusCode::SERVICE_UNAVAILABLE => ("3002", "The brokerage is unavailable."),
            _ => ("0000", reason),
        };
        let response = match body {
            ErrorBody::Json => Answer::refusal(status, code, detail).into_response(),
            ErrorBody::Html => {
                let title = format!("{} {reason}", status.as_u16());
                let page = format!(
                    "<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>"
                );
                bare(status, page.into(), Some("text/html"))
            }
            ErrorBody::Empty => bare(status, Bytes::new(), None),
        };
        Self::response(response)
    }

    /// A 429 with `X-RateLimit-*` and `Retry-After`, to be back in `secs`.
    #[must_use]
    pub fn throttled(secs: u64) -> Self {
        let mut response = Answer::throttled(secs).into_response();
        let standing = Standing {
            admitted: false,
            limit: super::builder::DEFAULT_LIMIT,
            remaining: 0,
            reset_secs: secs,
        };
        CLIENT_LIMIT.insert(response.headers_mut(), standing);
        Self::response(response)
    }

    /// A 429 with `Retry-After` and no other header that tells when to be back.
    #[must_use]
    pub fn throttled_with_retry_after(secs: u64) -> Self {
        let mut response = Answer::throttled(secs).into_response();
        response.headers_mut().insert(RETRY_AFTER, secs.into());
        Self::response(response)
    }

    /// A 429 whose `detail` alone tells when to be back.
    #[must_use]
    pub fn throttled_without_headers(secs: u64) -> Self {
        Self::response(Answer::throttled(secs).into_response())
    }

    /// Any answer instead of the commit. It gets the headers that every answer has; a `Date` of its own stays.
    #[must_use]
    pub fn response(response: Response<Bytes>) -> Self {
        Self::Answer(CannedAnswer {
            response: Arc::new(response),
            after_commit: false,
        })
    }

    /// The same answer, but what was asked for is done before. Other faults stay as they are.
    #[must_use]
    pub fn after_commit(mut self) -> Self {
        if let Self::Answer(canned) = &mut self {
            canned.after_commit = true;
        }
        self
    }
}

impl CannedAnswer {
    pub(super) fn to_response(&self) -> Response<SandboxBody> {
        Response::clone(&self.response).map(SandboxBody::from)
    }
}

fn bare(status: StatusCode, body: Bytes, content_type: Option<&'static str>) -> Response<Bytes> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    if let Some(content_type) = content_type {
        let value = HeaderValue::from_static(content_type);
        response.headers_mut().insert(CONTENT_TYPE, value);
    }
    response
}

impl fmt::Debug for CannedAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CannedAnswer")
            .field("status", &self.response.status())
            .field("after_commit", &self.after_commit)
            .finish_non_exhaustive()
    }
}
