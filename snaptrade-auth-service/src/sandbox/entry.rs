//! One request in the log.

use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use tokio::time::Instant;

use super::fault::Fault;
use super::route::Route;

/// A request, as the sandbox saw it.
///
/// `Debug` and `Display` show no value of the query but `clientId`, `timestamp` and `userId`, and no body; the `raw_`
/// methods show everything and are for tests.
#[derive(Clone)]
pub struct LogEntry {
    pub(super) number: u64,
    pub(super) received_at: Instant,
    pub(super) connection: Option<u64>,
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) query: Option<String>,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    pub(super) route: Option<Route>,
    pub(super) fault: Option<Fault>,
    pub(super) committed: bool,
    pub(super) outcome: Outcome,
}

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// It is under way, or stalls.
    Open,
    /// Its answer was begun, with this status.
    Answered(StatusCode),
    /// A fault ended its connection before the answer.
    Cut,
    /// The client left before the answer.
    Abandoned,
}

impl LogEntry {
    /// Its number among all requests, from 0.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.number
    }

    /// When its head was here, on tokio's clock.
    #[must_use]
    pub fn received_at(&self) -> Instant {
        self.received_at
    }

    /// The connection that it came over, from 0; none without a socket.
    #[must_use]
    pub fn connection(&self) -> Option<u64> {
        self.connection
    }

    /// Its method.
    #[must_use]
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// Its path, as it was sent.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What it asked for; none if its path leads nowhere.
    #[must_use]
    pub fn route(&self) -> Option<Route> {
        self.route
    }

    /// Its query, secrets masked; empty if it has none.
    #[must_use]
    pub fn query(&self) -> String {
        self.query.as_deref().map(masked).unwrap_or_default()
    }

    /// Its query as it was sent, secrets and all.
    #[must_use]
    pub fn raw_query(&self) -> Option<&str> {
        self.query.as_deref()
    }

    /// Its body as it was sent, secrets and all; empty until it is read.
    #[must_use]
    pub fn raw_body(&self) -> &Bytes {
        &self.body
    }

    /// Its headers, the signature among them, marked as sensitive.
    #[must_use]
    pub fn raw_headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The fault that it met.
    #[must_use]
    pub fn fault(&self) -> Option<&Fault> {
        self.fault.as_ref()
    }

    /// Whether what it asked for was done, whatever the client heard of it.
    #[must_use]
    pub fn committed(&self) -> bool {
        self.committed
    }

    /// What became of it.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }
}

/// A query with only harmless values left in it.
fn masked(query: &str) -> String {
    let members = query.split('&').map(|member| match member.split_once('=') {
        Some((name, _)) if !matches!(name, "clientId" | "timestamp" | "userId") => {
            format!("{name}=***")
        }
        _ => member.to_owned(),
    });
    members.collect::<Vec<_>>().join("&")
}

impl fmt::Display for LogEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)?;
        if self.query.is_some() {
            write!(f, "?{}", self.query())?;
        }
        match self.outcome {
            Outcome::Open => f.write_str(" -> open")?,
            Outcome::Answered(status) => write!(f, " -> {}", status.as_u16())?,
            Outcome::Cut => f.write_str(" -> cut")?,
            Outcome::Abandoned => f.write_str(" -> abandoned")?,
        }
        if self.committed {
            f.write_str(", committed")?;
        }
        Ok(())
    }
}

impl fmt::Debug for LogEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogEntry")
            .field("number", &self.number)
            .field("connection", &self.connection)
            .field("request", &format_args!("{self}"))
            .field("fault", &self.fault)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn masks() {
        assert_eq!(
            super::masked("userId=jane&userSecret=s3&clientId=A&x&broker=&userId=j"),
            "userId=jane&userSecret=***&clientId=A&x&broker=***&userId=j"
        );
    }
}
