//! The faults, and what a client can know of an attempt that meets one.

use std::time::Duration;

use http::StatusCode;
use snaptrade_auth_service::sandbox::{
    ConnectionFault, ErrorBody, Fault, Point, Route, Sandbox, SandboxServer,
};

use crate::stack::Protocol;

/// What becomes of the attempt that meets the fault, as the client sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    /// It never left.
    NotSent,
    /// Nobody knows whether it ran.
    Unknown,
    /// One or the other: it depends on which of two packets comes first.
    NotSentOrUnknown,
    /// 429, with a wait.
    Throttled,
    /// 502, 503 or 504.
    Gateway,
    /// An answer that is no reason to try again, and does not tell whether it ran.
    Failed,
    /// A success that cannot be read.
    Garbled,
    /// 401/1076, and the clock was found to be wrong.
    Stale,
    /// Nothing: the fault is one of connections that were used before, and a request that must not run twice gets a
    /// fresh one.
    UnknownIfReused,
}

pub(crate) struct Row {
    pub(crate) name: &'static str,
    /// Whether what was asked for is done by the attempt that meets the fault.
    pub(crate) commits: bool,
    seen: Seen,
    /// Where it differs.
    seen_over_http1: Seen,
    fault: Arrange,
}

enum Arrange {
    Request(fn() -> Fault),
    Connection(ConnectionFault),
    Refuse,
    Skew,
}

const fn row(name: &'static str, commits: bool, seen: Seen, fault: fn() -> Fault) -> Row {
    Row {
        name,
        commits,
        seen,
        seen_over_http1: seen,
        fault: Arrange::Request(fault),
    }
}

const fn other(name: &'static str, seen: Seen, fault: Arrange) -> Row {
    Row {
        name,
        commits: false,
        seen,
        seen_over_http1: seen,
        fault,
    }
}

const fn over_http1(mut row: Row, seen: Seen) -> Row {
    row.seen_over_http1 = seen;
    row
}

fn status(code: StatusCode) -> Fault {
    Fault::status(code, ErrorBody::Json)
}

pub(crate) static ROWS: &[Row] = &[
    other(
        "connections refused for 60 ms",
        Seen::NotSent,
        Arrange::Refuse,
    ),
    other(
        "connection reset at once",
        Seen::NotSentOrUnknown,
        Arrange::Connection(ConnectionFault::Reset),
    ),
    other(
        "connection accepted, and nothing more",
        Seen::Unknown,
        Arrange::Connection(ConnectionFault::Stall),
    ),
    row(
        "idle connection closed under the request",
        false,
        Seen::UnknownIfReused,
        || Fault::IdleClose,
    ),
    over_http1(
        row(
            "stream refused (HTTP/1.1: closed)",
            false,
            Seen::NotSent,
            || Fault::RefuseStream,
        ),
        Seen::Unknown,
    ),
    row("reset before reading", false, Seen::Unknown, || {
        Fault::Reset(Point::BeforeReading)
    }),
    row("reset before the commit", false, Seen::Unknown, || {
        Fault::Reset(Point::BeforeCommit)
    }),
    row("reset after the commit", true, Seen::Unknown, || {
        Fault::Reset(Point::AfterCommit)
    }),
    row("reset in the answer", true, Seen::Unknown, || {
        Fault::Reset(Point::InAnswer)
    }),
    row("closed after the commit", true, Seen::Unknown, || {
        Fault::Close(Point::AfterCommit)
    }),
    row("stall before reading", false, Seen::Unknown, || {
        Fault::Stall(Point::BeforeReading)
    }),
    row("stall before the commit", false, Seen::Unknown, || {
        Fault::Stall(Point::BeforeCommit)
    }),
    row("stall after the commit", true, Seen::Unknown, || {
        Fault::Stall(Point::AfterCommit)
    }),
    row("stall in the answer", true, Seen::Unknown, || {
        Fault::Stall(Point::InAnswer)
    }),
    row("endless answer", true, Seen::Unknown, || Fault::EndlessBody),
    row("JSON cut in a whole answer", true, Seen::Garbled, || {
        Fault::TruncatedBody
    }),
    row("429 with headers", false, Seen::Throttled, || {
        Fault::throttled(1)
    }),
    row("429 with Retry-After", false, Seen::Throttled, || {
        Fault::throttled_with_retry_after(1)
    }),
    row("429 without headers", false, Seen::Throttled, || {
        Fault::throttled_without_headers(1)
    }),
    row("500", false, Seen::Failed, || {
        status(StatusCode::INTERNAL_SERVER_ERROR)
    }),
    row("500 after the commit", true, Seen::Failed, || {
        status(StatusCode::INTERNAL_SERVER_ERROR).after_commit()
    }),
    row("502", false, Seen::Gateway, || {
        Fault::status(StatusCode::BAD_GATEWAY, ErrorBody::Html)
    }),
    row("502 after the commit", true, Seen::Gateway, || {
        Fault::status(StatusCode::BAD_GATEWAY, ErrorBody::Html).after_commit()
    }),
    row("503", false, Seen::Gateway, || {
        status(StatusCode::SERVICE_UNAVAILABLE)
    }),
    row("504 after the commit", true, Seen::Gateway, || {
        Fault::status(StatusCode::GATEWAY_TIMEOUT, ErrorBody::Empty).after_commit()
    }),
    other("clock ten minutes off", Seen::Stale, Arrange::Skew),
];

impl Row {
    pub(crate) fn seen(&self, protocol: Protocol) -> Seen {
        match protocol {
            Protocol::Http1 => self.seen_over_http1,
            Protocol::Http2 => self.seen,
        }
    }

    /// Lays the trap for the next request of `route`.
    pub(crate) async fn arrange(&self, sandbox: &Sandbox, server: &SandboxServer, route: Route) {
        match self.fault {
            Arrange::Request(fault) => drop(sandbox.faults().on(route, 1, fault())),
            Arrange::Connection(fault) => drop(sandbox.faults().next_connection(fault)),
            Arrange::Refuse => server.refuse_connections().await,
            Arrange::Skew => sandbox.set_skew(600),
        }
    }

    /// Lifts what does not lift itself.
    pub(crate) async fn lift(&self, server: &SandboxServer) {
        if let Arrange::Refuse = self.fault {
            tokio::time::sleep(Duration::from_millis(60)).await;
            server.accept_connections().await.unwrap();
        }
    }

    /// Whether the connection is to be one that was used before.
    pub(crate) fn wants_a_used_connection(&self) -> bool {
        self.seen == Seen::UnknownIfReused
    }
}
