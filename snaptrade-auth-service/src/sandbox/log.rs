//! What the sandbox received, and what became of it.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode, request};
use snaptrade_signing::SIGNATURE;
use tokio::time::Instant;

use super::fault::Fault;
use super::route::Route;

/// How many requests are remembered; the oldest are forgotten first.
const CAPACITY: usize = 10_000;

/// A request, as the sandbox saw it.
///
/// `Debug` and `Display` show no value of the query but `clientId`, `timestamp` and `userId`, and no body; the `raw_`
/// methods show everything and are for tests.
#[derive(Clone)]
pub struct LogEntry {
    number: u64,
    received_at: Instant,
    connection: Option<u64>,
    method: Method,
    path: String,
    query: Option<String>,
    headers: HeaderMap,
    body: Bytes,
    route: Option<Route>,
    fault: Option<Fault>,
    committed: bool,
    outcome: Outcome,
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

#[derive(Default)]
pub(super) struct Log(Mutex<Entries>);

#[derive(Default)]
struct Entries {
    kept: VecDeque<LogEntry>,
    count: u64,
    commits: HashMap<Route, u64>,
}

impl Log {
    /// Adds a request; its number. `plan` is told the number and says which fault the request meets.
    pub(super) fn begin(
        &self,
        parts: &request::Parts,
        route: Option<Route>,
        connection: Option<u64>,
        plan: impl FnOnce(u64) -> Option<Fault>,
    ) -> (u64, Option<Fault>) {
        let mut entries = self.lock();
        let number = entries.count;
        entries.count += 1;
        let fault = plan(number);
        if entries.kept.len() == CAPACITY {
            entries.kept.pop_front();
        }
        let mut headers = parts.headers.clone();
        if let Some(signature) = headers.get_mut(SIGNATURE) {
            signature.set_sensitive(true);
        }
        entries.kept.push_back(LogEntry {
            number,
            received_at: Instant::now(),
            connection,
            method: parts.method.clone(),
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().map(str::to_owned),
            headers,
            body: Bytes::new(),
            route,
            fault: fault.clone(),
            committed: false,
            outcome: Outcome::Open,
        });
        (number, fault)
    }

    pub(super) fn read(&self, number: u64, body: &Bytes) {
        self.lock()
            .change(number, |entry| entry.body = body.clone());
    }

    pub(super) fn commit(&self, number: u64, route: Route) {
        let mut entries = self.lock();
        *entries.commits.entry(route).or_default() += 1;
        entries.change(number, |entry| entry.committed = true);
    }

    pub(super) fn end(&self, number: u64, outcome: Outcome) {
        self.lock().change(number, |entry| entry.outcome = outcome);
    }

    pub(super) fn commits(&self, route: Route) -> u64 {
        self.lock().commits.get(&route).copied().unwrap_or_default()
    }

    pub(super) fn entries(&self) -> Vec<LogEntry> {
        self.lock().kept.iter().cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entries {
    fn change(&mut self, number: u64, change: impl FnOnce(&mut LogEntry)) {
        let forgotten = self.count - self.kept.len() as u64;
        let at = number.checked_sub(forgotten).map(usize::try_from);
        if let Some(Ok(at)) = at
            && let Some(entry) = self.kept.get_mut(at)
        {
            change(entry);
        }
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
