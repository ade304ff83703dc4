//! Events in the order of their simulated time.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use ::redis::{Connection, ScriptInvocation};
use fastrand::Rng;

use super::server::Redis;
use crate::rate_limit::feedback::Feedback;
use crate::rate_limit::quota::Quota;
use crate::rate_limit::redis::RedisQuota;
use crate::rate_limit::redis::call::{self, Answer, Calls};
use crate::rate_limit::redis::link::Link;
use crate::rate_limit::redis::report::Reply;
use crate::rate_limit::window::{Ticket, Window};

pub(super) const REQUESTS: usize = 8;
pub(super) const PROCESSES: usize = 4;
pub(super) const WINDOW: Duration = Duration::from_secs(10);
const MARGIN: Duration = Duration::from_secs(1);
const DEADLINE: Duration = Duration::from_millis(250);

/// What goes wrong, beside that the clock of Redis is set.
#[derive(Clone, Copy, Default)]
pub(super) struct Faults {
    /// Calls come late, or their answers are lost.
    pub(super) calls: bool,
    /// Processes end, and others begin.
    pub(super) ends: bool,
    /// Redis loses everything.
    pub(super) losses: bool,
}

enum Event {
    Wake(usize),
    Execute(usize, u64, ScriptInvocation<'static>),
    Answer(usize, u64, Reply),
    GiveUp(usize, u64),
    Arrive(usize),
    Answered(usize, Ticket),
    Ended(usize),
    End(usize),
    Begin(usize),
    SetClock,
    Lose,
}

struct Process {
    /// Which of those that run side by side.
    place: usize,
    link: Link,
    window: Window,
    calls: &'static Calls,
    ended_at: Option<Instant>,
}

pub(super) struct World<'a> {
    redis: &'a Redis,
    connection: Connection,
    random: Rng,
    faults: Faults,
    now: Instant,
    events: BTreeMap<(Instant, u64), Event>,
    scheduled: u64,
    processes: Vec<Process>,
    arrivals: Vec<Instant>,
    served: [usize; PROCESSES],
    config: RedisQuota,
}

impl<'a> World<'a> {
    pub(super) fn new(redis: &'a Redis, seed: u64, faults: Faults) -> Self {
        let client = ::redis::Client::open(redis.url()).unwrap();
        let mut connection = client.get_connection().unwrap();
        let () = ::redis::cmd("FLUSHALL").query(&mut connection).unwrap();
        let quota = Quota::builder().requests(8).window(WINDOW).margin(MARGIN);
        let config = RedisQuota::new(&redis.url(), "test", quota.build().unwrap(), 4).unwrap();
        let mut world = Self {
            redis,
            connection,
            random: Rng::with_seed(seed),
            faults,
            now: Instant::now(),
            events: BTreeMap::new(),
            scheduled: 0,
            processes: Vec::new(),
            arrivals: Vec::new(),
            served: [0; PROCESSES],
            config: config.deadline(DEADLINE),
        };
        for place in 0..PROCESSES {
            let after = world.up_to(3_000);
            world.after(after, Event::Begin(place));
        }
        world.after(Duration::ZERO, Event::SetClock);
        if faults.losses {
            world.after(Duration::from_secs(20), Event::Lose);
        }
        world
    }

    pub(super) fn run(&mut self, span: Duration) {
        let end = self.now + span;
        while let Some(((at, _), event)) = self.events.pop_first() {
            if at > end {
                return;
            }
            self.now = at;
            self.handle(event);
        }
    }

    pub(super) fn arrivals(&self) -> &[Instant] {
        &self.arrivals
    }

    pub(super) fn served(&self, place: usize) -> usize {
        self.served[place]
    }

    pub(super) fn most_in(&self, window: Duration) -> usize {
        let before = |last: Instant| self.arrivals.iter().filter(move |&&at| at <= last);
        let counts = self
            .arrivals
            .iter()
            .map(|&last| before(last).filter(|&&at| last - at < window).count());
        counts.max().unwrap_or(0)
    }

    fn up_to(&mut self, millis: u64) -> Duration {
        Duration::from_micros(self.random.u64(0..=millis * 1_000))
    }

    fn after(&mut self, time: Duration, event: Event) {
        self.scheduled += 1;
        self.events.insert((self.now + time, self.scheduled), event);
    }

    fn handle(&mut self, event: Event) {
        match event {
            Event::Wake(process) => self.wake(process),
            Event::Execute(process, number, call) => self.execute(process, number, &call),
            Event::Answer(process, number, reply) => self.answer(process, number, &reply),
            Event::GiveUp(process, number) => {
                // A runtime that is idle does not give up. Another one takes its turn.
                let idle = self.faults.calls && self.random.u8(0..4) == 0;
                let it = &mut self.processes[process];
                if !idle && it.link.ends(number) {
                    it.link.failed(self.now);
                    self.wake(process);
                }
            }
            Event::Arrive(process) => {
                let it = &self.processes[process];
                // What is on its way when a process ends arrives within the margin.
                if it.ended_at.is_none_or(|ended| self.now <= ended + MARGIN) {
                    self.arrivals.push(self.now);
                    self.served[it.place] += 1;
                }
            }
            Event::Answered(process, ticket) => self.settle(process, |it, now| {
                it.window.answered(now);
                it.link.answered(now, ticket, Feedback::default());
            }),
            Event::Ended(process) => self.settle(process, |it, now| {
                it.window.ended(now);
                it.link.ended_at(now);
            }),
            Event::Begin(place) => self.begin(place),
            Event::End(process) => {
                let it = &mut self.processes[process];
                it.ended_at = Some(self.now);
                let place = it.place;
                let after = self.up_to(5_000);
                self.after(after, Event::Begin(place));
            }
            Event::SetClock => {
                let ahead = match self.random.u8(0..4) {
                    0 => self.random.i64(-100_000..100_000),
                    1 => 0,
                    _ => self.random.i64(-40..40),
                };
                self.redis.set_clock(ahead);
                let after = self.up_to(20_000);
                self.after(after, Event::SetClock);
            }
            Event::Lose => {
                let () = ::redis::cmd("FLUSHALL")
                    .query(&mut self.connection)
                    .unwrap();
                let after = Duration::from_secs(20) + self.up_to(60_000);
                self.after(after, Event::Lose);
            }
        }
    }

    fn begin(&mut self, place: usize) {
        let process = self.processes.len();
        self.processes.push(Process {
            place,
            link: Link::new(&self.config),
            window: Window::new(self.config.quota(), self.config.share()),
            calls: Box::leak(Box::new(Calls::new(&self.config))),
            ended_at: None,
        });
        if self.faults.ends {
            let after = self.up_to(90_000);
            self.after(after, Event::End(process));
        }
        self.wake(process);
    }

    fn settle(&mut self, process: usize, settle: impl FnOnce(&mut Process, Instant)) {
        let it = &mut self.processes[process];
        if it.ended_at.is_none() {
            settle(it, self.now);
            self.wake(process);
        }
    }

    /// What the driver does. Everybody always waits for more than there is.
    fn wake(&mut self, process: usize) {
        let it = &mut self.processes[process];
        if it.ended_at.is_some() {
            return;
        }
        if let Some(until) = it.link.called_until(self.now) {
            return self.after(until - self.now, Event::Wake(process));
        }
        it.link.advance(self.now);
        let call_at = it.link.call_at(self.now, REQUESTS);
        if call_at > self.now {
            return self.after(call_at - self.now, Event::Wake(process));
        }
        assert!(
            !it.link.may_share(self.now),
            "it was never away for so long"
        );
        let report = it.link.report(self.now, REQUESTS, it.window.in_flight());
        let number = report.number + self.random.u64(0..2);
        let call = it.calls.call(&report, number);
        let number = report.number;
        let late = self.faults.calls && self.random.u8(0..10) == 0;
        let on_its_way = self.up_to(if late { 4_000 } else { 20 });
        self.after(on_its_way, Event::Execute(process, number, call));
        self.after(DEADLINE, Event::GiveUp(process, number));
    }

    fn execute(&mut self, process: usize, number: u64, call: &ScriptInvocation<'static>) {
        let answer: Answer = call.invoke(&mut self.connection).unwrap();
        let lost = self.faults.calls && self.random.u8(0..10) == 0;
        if !lost {
            let on_its_way = self.up_to(20);
            let reply = call::read(number, answer);
            self.after(on_its_way, Event::Answer(process, number, reply));
        }
    }

    fn answer(&mut self, process: usize, number: u64, reply: &Reply) {
        let it = &mut self.processes[process];
        if it.ended_at.is_some() || !it.link.ends(number) {
            return;
        }
        it.link.heard(self.now, reply);
        let ticket = it.link.ticket(reply);
        for _ in 0..reply.granted {
            self.processes[process].window.take();
            self.send(process, ticket);
        }
        self.wake(process);
    }

    /// A request under way: it arrives and is answered, or is given up and arrives within the margin.
    fn send(&mut self, process: usize, ticket: Ticket) {
        let arrives = self.up_to(1_500);
        if self.random.u8(0..10) > 0 {
            let answered = arrives + self.up_to(1_500);
            self.after(answered, Event::Answered(process, ticket));
        } else {
            let ended = arrives.saturating_sub(MARGIN) + self.up_to(1_000);
            self.after(ended, Event::Ended(process));
        }
        self.after(arrives, Event::Arrive(process));
    }
}
