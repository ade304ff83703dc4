//! One call of the script: how a report is written down, and an answer read.

use std::time::Duration;

use redis::{Script, ScriptInvocation};

use super::peers::Row;
use super::quota::RedisQuota;
use super::report::{Reply, Report};

/// How long the log outlives the last call: far longer than anything in it matters.
const KEPT: Duration = Duration::from_secs(3 * 24 * 60 * 60);

/// The script, for one process.
pub(super) struct Calls {
    script: Script,
    /// With one hash tag, so that a cluster keeps them in one place.
    keys: [String; 2],
    /// Tells this layer from those of other processes.
    process: String,
    requests: u32,
    hold: Duration,
    settled_after: Duration,
}

/// What the script returns: epoch, calls, granted, wait, released, held, stand still, observed, and the other
/// processes, each with the number of its last call and its pause.
pub(super) type Answer = (
    String,
    u64,
    usize,
    i64,
    u64,
    usize,
    u64,
    usize,
    Vec<(String, u64, u64)>,
);

impl Calls {
    pub(super) fn new(config: &RedisQuota) -> Self {
        let key = &config.key;
        Self {
            script: Script::new(include_str!("sync.lua")),
            keys: ["meta", "processes"].map(|part| format!("{{{key}}}:{part}")),
            process: format!("{:032x}", fastrand::u128(..)),
            requests: config.quota().requests(),
            hold: config.quota().hold(),
            settled_after: config.settled_after(),
        }
    }

    /// A call that tells `report`, with a number that is not lower than the report's.
    pub(super) fn call(&self, report: &Report, number: u64) -> ScriptInvocation<'_> {
        let known = report.known.as_ref();
        let news = &report.news;
        let due = report.due.map(|due| down(due.as_millis()));
        let limit = news
            .limit
            .map(|limit| i64::try_from(limit).unwrap_or(i64::MAX));
        let mut call = self.script.prepare_invoke();
        for key in &self.keys {
            call.key(key);
        }
        call.arg(&self.process)
            .arg(number)
            .arg(known.map_or(0, |known| known.number))
            .arg(known.map_or("", |known| &known.epoch))
            .arg(known.map_or(0, |known| known.calls))
            .arg(known.map_or(0, |known| u8::from(known.is_settled)))
            .arg(self.requests)
            .arg(up(self.hold))
            .arg(up(self.settled_after))
            .arg(up(2 * self.settled_after + KEPT))
            .arg(report.want)
            .arg(report.in_flight)
            .arg(report.held)
            .arg(report.others)
            .arg(up(report.pause))
            .arg(due.unwrap_or(-1))
            .arg(news.released)
            .arg(limit.unwrap_or(-1))
            .arg(u8::from(news.throttled))
            .arg(report.silent.len());
        for silent in &report.silent {
            call.arg(&silent.process).arg(silent.number);
        }
        for seen in &news.seen {
            // No count is that large, and Lua could not hold a larger one.
            call.arg(seen.used.min(1 << 50)).arg(seen.released_before);
        }
        call
    }
}

/// The answer to the call of this number.
pub(super) fn read(number: u64, answer: Answer) -> Reply {
    let (epoch, calls, granted, wait, released, held, stand_still, observed, peers) = answer;
    let peers = peers.into_iter().map(|(process, number, pause)| Row {
        process,
        number,
        pause: Duration::from_millis(pause),
    });
    Reply {
        epoch,
        calls,
        number,
        granted,
        wait: u64::try_from(wait).ok().map(Duration::from_millis),
        released,
        held,
        stand_still: Duration::from_millis(stand_still),
        observed,
        peers: peers.collect(),
    }
}

/// In milliseconds. A fraction of one more does no harm, and less would.
fn up(time: Duration) -> u64 {
    u64::try_from(time.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX)
}

fn down(millis: u128) -> i64 {
    i64::try_from(millis).unwrap_or(i64::MAX)
}
