//! The rows of the table.

use std::time::Duration;

use bytes::Bytes;
use http::{Response, StatusCode};
use snaptrade_auth_service::sandbox::{ConnectionFault, ErrorBody, Fault, Point};

use crate::fault::{Arrange, Row, Seen};
use crate::frames::{At, NO_ERROR, REFUSED_STREAM, Then};
use crate::way::{ProxyFault, Way};

const fn row(name: &'static str, commits: bool, seen: Seen, fault: fn() -> Fault) -> Row {
    Row {
        commits,
        ..other(name, seen, Arrange::Request(fault))
    }
}

const fn other(name: &'static str, seen: Seen, fault: Arrange) -> Row {
    Row {
        name,
        commits: false,
        seen,
        seen_over_http1: Some(seen),
        way: Way::Direct,
        fault,
    }
}

const fn over_http1(mut row: Row, seen: Seen) -> Row {
    row.seen_over_http1 = Some(seen);
    row
}

/// An HTTP/2 answer that is spoiled on its way, after the request ran.
const fn frames(name: &'static str, seen: Seen, at: At, then: Then, tls: bool) -> Row {
    Row {
        commits: true,
        seen_over_http1: None,
        way: Way::Frames { at, then, tls },
        ..other(name, seen, Arrange::OnTheWay)
    }
}

const fn proxy(name: &'static str, seen: Seen, socks: bool, fault: ProxyFault) -> Row {
    Row {
        way: Way::Proxy { socks, fault },
        ..other(name, seen, Arrange::OnTheWay)
    }
}

fn status(code: StatusCode) -> Fault {
    Fault::status(code, ErrorBody::Json)
}

fn canned(status: u16, header: (&'static str, &'static str), body: &'static str) -> Fault {
    let answer = Response::builder()
        .status(status)
        .header(header.0, header.1);
    Fault::response(answer.body(Bytes::from_static(body.as_bytes())).unwrap())
}

const REFUSAL: &str =
    r#"{"detail":"Unable to verify signature sent","status_code":401,"code":"1076"}"#;

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
    Row {
        commits: true,
        ..other(
            "connections closed after each answer",
            Seen::Closing,
            Arrange::Always(|| Fault::Close(Point::AfterAnswer)),
        )
    },
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
    row(
        "answer that comes slowly, in pieces",
        true,
        Seen::Nothing,
        || Fault::Drip(Duration::from_millis(5)),
    ),
    row("endless answer", true, Seen::Unknown, || Fault::EndlessBody),
    row("JSON cut in a whole answer", true, Seen::Garbled, || {
        Fault::TruncatedBody
    }),
    row("answer for another user", true, Seen::OtherUser, || {
        let body = r#"{"userId":"Joe","userSecret":"a secret of somebody else"}"#;
        canned(200, ("content-type", "application/json"), body).after_commit()
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
    row("redirect", false, Seen::Failed, || {
        canned(307, ("location", "https://elsewhere.example/"), "")
    }),
    row("redirect after the commit", true, Seen::Failed, || {
        canned(303, ("location", "https://elsewhere.example/"), "").after_commit()
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
    row(
        "signature refused once, with a date in the year 9999",
        false,
        Seen::Refused,
        || canned(401, ("date", "Fri, 31 Dec 9999 23:59:59 GMT"), REFUSAL),
    ),
    other(
        "new consumer key on half of the machines",
        Seen::Resigned,
        Arrange::MixedKeys,
    ),
    other(
        "new consumer key taken back",
        Seen::Resigned,
        Arrange::RolledBack,
    ),
    frames(
        "HTTP/2: stream refused after the head",
        Seen::Unknown,
        At::Head,
        Then::Reset(REFUSED_STREAM),
        false,
    ),
    frames(
        "HTTP/2: stream refused in the answer",
        Seen::Unknown,
        At::Body,
        Then::Reset(REFUSED_STREAM),
        false,
    ),
    frames(
        "HTTP/2: stream reset without an error in the answer",
        Seen::Unknown,
        At::Body,
        Then::Reset(NO_ERROR),
        false,
    ),
    frames(
        "HTTP/2: GOAWAY before the stream, which ran",
        Seen::Unknown,
        At::Start,
        Then::GoAway(Some(0), NO_ERROR),
        false,
    ),
    frames(
        "HTTP/2: GOAWAY (refused) after the head",
        Seen::Unknown,
        At::Head,
        Then::GoAway(Some(0), REFUSED_STREAM),
        false,
    ),
    frames(
        "HTTP/2: GOAWAY in the answer",
        Seen::Unknown,
        At::Body,
        Then::GoAway(Some(0), NO_ERROR),
        false,
    ),
    frames(
        "HTTP/2: GOAWAY after the answer",
        Seen::Nothing,
        At::End,
        Then::GoAway(None, NO_ERROR),
        false,
    ),
    frames(
        "HTTP/2 over TLS: GOAWAY in the answer",
        Seen::Unknown,
        At::Body,
        Then::GoAway(Some(0), NO_ERROR),
        true,
    ),
    frames(
        "HTTP/2 over TLS: closed in the answer",
        Seen::Unknown,
        At::Body,
        Then::Close,
        true,
    ),
    frames(
        "HTTP/2 over TLS: silence in the answer",
        Seen::Unknown,
        At::Body,
        Then::Silence,
        true,
    ),
    proxy(
        "CONNECT proxy: 407",
        Seen::Barred,
        false,
        ProxyFault::WantsLogin,
    ),
    proxy(
        "CONNECT proxy: closes in its answer",
        Seen::NotSent,
        false,
        ProxyFault::ClosesFirst,
    ),
    proxy(
        "CONNECT proxy: no HTTP",
        Seen::NotSent,
        false,
        ProxyFault::GarblesFirst,
    ),
    proxy(
        "CONNECT proxy: silent",
        Seen::NotSent,
        false,
        ProxyFault::SilentFirst,
    ),
    proxy(
        "CONNECT proxy: 502",
        Seen::NotSent,
        false,
        ProxyFault::UnreachableFirst,
    ),
    proxy(
        "SOCKS5 proxy: wants a login",
        Seen::Barred,
        true,
        ProxyFault::WantsLogin,
    ),
    proxy(
        "SOCKS5 proxy: closes in its greeting",
        Seen::NotSent,
        true,
        ProxyFault::ClosesFirst,
    ),
    proxy(
        "SOCKS5 proxy: no SOCKS",
        Seen::NotSent,
        true,
        ProxyFault::GarblesFirst,
    ),
    proxy(
        "SOCKS5 proxy: silent",
        Seen::NotSent,
        true,
        ProxyFault::SilentFirst,
    ),
    proxy(
        "SOCKS5 proxy: host unreachable",
        Seen::NotSent,
        true,
        ProxyFault::UnreachableFirst,
    ),
];
