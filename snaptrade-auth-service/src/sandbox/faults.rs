//! Which requests meet a fault.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::Method;

use super::fault::Fault;
use super::route::Route;

type Rule = Arc<dyn Fn(&Arrival<'_>) -> Option<Fault> + Send + Sync>;

/// The faults of a sandbox. Clones share them, and they may be changed while requests fly.
///
/// A request meets at most one: that of the first [function](Faults::when) that has one for it; else the first that
/// waits for its [route](Faults::on); else the [next](Faults::next) of the queue. The health check meets those that
/// name it alone.
#[derive(Clone, Default)]
pub struct Faults(Arc<Mutex<Plans>>);

#[derive(Default)]
struct Plans {
    rules: Vec<Rule>,
    routed: Vec<(Route, VecDeque<Option<Fault>>)>,
    queue: VecDeque<Option<Fault>>,
    connections: VecDeque<ConnectionFault>,
}

/// What goes wrong with a connection before there is a request on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ConnectionFault {
    /// It is accepted and reset at once.
    Reset,
    /// It is accepted and never read from.
    Stall,
}

/// A request whose head has arrived.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Arrival<'a> {
    /// Its number among all requests, from 0.
    pub number: u64,
    /// Its method.
    pub method: &'a Method,
    /// Its path, legacy prefix included.
    pub path: &'a str,
    /// What it asks for; none if its path leads nowhere.
    pub route: Option<Route>,
    /// Whether an earlier request came over the same connection. True if there is no connection.
    pub reused_connection: bool,
}

impl Faults {
    /// Gives the next request that no other plan is for this fault; the one after it the next one queued.
    pub fn next(&self, fault: Fault) -> &Self {
        self.next_n(1, fault)
    }

    /// As [`next`](Self::next), `times` over.
    pub fn next_n(&self, times: usize, fault: Fault) -> &Self {
        self.change(|plans| push(&mut plans.queue, times, Some(fault)))
    }

    /// Lets a request pass unharmed before the queue goes on.
    pub fn pass(&self) -> &Self {
        self.change(|plans| plans.queue.push_back(None))
    }

    /// Gives the next `times` requests of a route this fault.
    pub fn on(&self, route: Route, times: usize, fault: Fault) -> &Self {
        self.change(|plans| push(plans.of(route), times, Some(fault)))
    }

    /// Lets a request of a route pass unharmed before the queue of the route goes on.
    pub fn pass_on(&self, route: Route) -> &Self {
        self.change(|plans| plans.of(route).push_back(None))
    }

    /// Asks a function about each request, from now on.
    pub fn when(
        &self,
        rule: impl Fn(&Arrival<'_>) -> Option<Fault> + Send + Sync + 'static,
    ) -> &Self {
        self.change(|plans| plans.rules.push(Arc::new(rule)))
    }

    /// Gives the next connection that a [`SandboxServer`](super::SandboxServer) accepts this fault.
    pub fn next_connection(&self, fault: ConnectionFault) -> &Self {
        self.change(|plans| plans.connections.push_back(fault))
    }

    /// Forgets all plans, functions included.
    pub fn clear(&self) -> &Self {
        self.change(|plans| *plans = Plans::default())
    }

    /// How many queued faults, connections' included, nobody has met yet.
    #[must_use]
    pub fn waiting(&self) -> usize {
        let plans = self.lock();
        let routed = plans.routed.iter().map(|(_, queue)| queue);
        let queued = routed.chain([&plans.queue]).flatten().flatten().count();
        queued + plans.connections.len()
    }

    pub(super) fn take(&self, arrival: &Arrival<'_>) -> Option<Fault> {
        // Functions are called with no lock held: they may look at the sandbox, and change its plans.
        let rules = self.lock().rules.clone();
        if let Some(fault) = rules.iter().find_map(|rule| rule(arrival)) {
            return Some(fault);
        }
        let mut plans = self.lock();
        if let Some(route) = arrival.route
            && let Some((_, queue)) = plans.routed.iter_mut().find(|(of, _)| *of == route)
            && !queue.is_empty()
        {
            return take(queue, arrival);
        }
        match arrival.route {
            Some(Route::Health) => None,
            _ => take(&mut plans.queue, arrival),
        }
    }

    pub(super) fn take_connection(&self) -> Option<ConnectionFault> {
        self.lock().connections.pop_front()
    }

    fn change(&self, change: impl FnOnce(&mut Plans)) -> &Self {
        change(&mut self.lock());
        self
    }

    fn lock(&self) -> MutexGuard<'_, Plans> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Plans {
    fn of(&mut self, route: Route) -> &mut VecDeque<Option<Fault>> {
        let known = self.routed.iter().position(|(of, _)| *of == route);
        let at = known.unwrap_or_else(|| {
            self.routed.push((route, VecDeque::new()));
            self.routed.len() - 1
        });
        &mut self.routed[at].1
    }
}

fn push(queue: &mut VecDeque<Option<Fault>>, times: usize, fault: Option<Fault>) {
    queue.extend(std::iter::repeat_n(fault, times));
}

/// The next of a queue. An idle close waits for a request that it can happen to.
fn take(queue: &mut VecDeque<Option<Fault>>, arrival: &Arrival<'_>) -> Option<Fault> {
    if matches!(queue.front(), Some(Some(Fault::IdleClose))) && !arrival.reused_connection {
        return None;
    }
    queue.pop_front().flatten()
}

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Faults")
            .field("waiting", &self.waiting())
            .finish_non_exhaustive()
    }
}
