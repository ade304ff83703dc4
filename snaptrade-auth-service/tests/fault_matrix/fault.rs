//! A fault, and what a client can know of an attempt that meets it.

use std::time::Duration;

use snaptrade_auth_service::sandbox::{
    CLIENT_ID, CONSUMER_KEY, ConnectionFault, Fault, Route, Sandbox, SandboxServer,
};
use snaptrade_signing::ConsumerKey;

use crate::op::Op;
use crate::stack::{NEW_KEY, Protocol};
use crate::way::Way;

/// What becomes of the attempt that meets the fault, as the client sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    /// It never left.
    NotSent,
    /// It never left, and none ever will.
    Barred,
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
    /// A success of somebody else.
    OtherUser,
    /// 401/1076, and the clock was found to be wrong.
    Stale,
    /// 401/1076, and another key may do.
    Resigned,
    /// 401/1076, and there is nothing to be done about it.
    Refused,
    /// Nothing, unless the connection was used before; a request that must not run twice gets a fresh one.
    UnknownIfReused,
    /// The same, and perhaps the client sees the end of the connection before it uses that.
    Closing,
    /// A success.
    Nothing,
}

pub(crate) struct Row {
    pub(crate) name: &'static str,
    /// Whether what was asked for is done by the attempt that meets the fault.
    pub(crate) commits: bool,
    pub(crate) seen: Seen,
    /// Where it differs; none if it is met over HTTP/2 alone.
    pub(crate) seen_over_http1: Option<Seen>,
    pub(crate) way: Way,
    pub(crate) fault: Arrange,
}

pub(crate) enum Arrange {
    Request(fn() -> Fault),
    Always(fn() -> Fault),
    Connection(ConnectionFault),
    Refuse,
    Skew,
    /// The machines of the server take turns, and the first two have the new key.
    MixedKeys,
    /// The server had the new key for a while.
    RolledBack,
    OnTheWay,
}

fn old_key() -> ConsumerKey {
    ConsumerKey::new(CONSUMER_KEY).unwrap()
}

fn new_key() -> ConsumerKey {
    ConsumerKey::new(NEW_KEY).unwrap()
}

impl Row {
    /// What the client sees; none if the fault is not met over this protocol, or is none of this operation's.
    pub(crate) fn seen(&self, op: Op, protocol: Protocol) -> Option<Seen> {
        let seen = match protocol {
            Protocol::Http1 => self.seen_over_http1?,
            Protocol::Http2 => self.seen,
        };
        let applies = match seen {
            // Only what holds a secret names whose it is.
            Seen::OtherUser => !op.is_safe(),
            // Over HTTP/2 the end of the connection may overtake the answer.
            Seen::Closing => protocol == Protocol::Http1,
            _ => true,
        };
        applies.then_some(seen)
    }

    /// What is to be so before the client is first used.
    pub(crate) fn prepare(&self, sandbox: &Sandbox) {
        if let Arrange::RolledBack = self.fault {
            sandbox.rotate_key(CLIENT_ID, new_key());
        }
    }

    /// Lays the trap for the next request of `route`.
    pub(crate) async fn arrange(&self, sandbox: &Sandbox, server: &SandboxServer, route: Route) {
        match self.fault {
            Arrange::Request(fault) => drop(sandbox.faults().on(route, 1, fault())),
            Arrange::Always(fault) => drop(sandbox.faults().when(move |_| Some(fault()))),
            Arrange::Connection(fault) => drop(sandbox.faults().next_connection(fault)),
            Arrange::Refuse => server.refuse_connections().await,
            Arrange::Skew => sandbox.set_skew(600),
            Arrange::MixedKeys => {
                let machines = sandbox.clone();
                let first = sandbox.log().len() as u64;
                sandbox.faults().when(move |arrival| {
                    let is_new = (arrival.number - first) % 4 < 2;
                    let key = if is_new { new_key() } else { old_key() };
                    machines.rotate_key(CLIENT_ID, key);
                    None
                });
            }
            Arrange::RolledBack => drop(sandbox.rotate_key(CLIENT_ID, old_key())),
            Arrange::OnTheWay => {}
        }
    }

    /// Lifts what does not lift itself.
    pub(crate) async fn lift(&self, server: &SandboxServer) {
        if let Arrange::Refuse = self.fault {
            tokio::time::sleep(Duration::from_millis(60)).await;
            server.accept_connections().await.unwrap();
        }
    }

    /// Whether the client knows of a key to come.
    pub(crate) fn stages_a_key(&self) -> bool {
        matches!(self.fault, Arrange::MixedKeys | Arrange::RolledBack)
    }

    /// Whether the client is to have been used before.
    pub(crate) fn wants_a_used_client(&self) -> bool {
        matches!(
            self.seen,
            Seen::UnknownIfReused | Seen::Closing | Seen::Resigned
        )
    }
}
