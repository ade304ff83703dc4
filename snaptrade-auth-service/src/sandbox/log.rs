//! What the sandbox received, and what became of it.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::request;
use snaptrade_signing::SIGNATURE;
use tokio::time::Instant;

use super::entry::{LogEntry, Outcome};
use super::fault::Fault;
use super::route::Route;

/// How many requests are remembered; the oldest are forgotten first.
const CAPACITY: usize = 10_000;

#[derive(Default)]
pub(super) struct Log(Mutex<Entries>);

#[derive(Default)]
struct Entries {
    kept: VecDeque<LogEntry>,
    count: u64,
    commits: HashMap<Route, u64>,
}

impl Log {
    /// Adds a request; its number.
    pub(super) fn begin(
        &self,
        parts: &request::Parts,
        route: Option<Route>,
        connection: Option<u64>,
    ) -> u64 {
        let mut entries = self.lock();
        let number = entries.count;
        entries.count += 1;
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
            fault: None,
            committed: false,
            outcome: Outcome::Open,
        });
        number
    }

    pub(super) fn meet(&self, number: u64, fault: &Fault) {
        self.lock()
            .change(number, |entry| entry.fault = Some(fault.clone()));
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
