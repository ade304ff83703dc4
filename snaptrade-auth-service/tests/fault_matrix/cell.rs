//! One fault met by one operation over one protocol.

use serde_json::Value;
use snaptrade_auth_service::operations::{ListUsers, RegisterUser};
use snaptrade_auth_service::sandbox::{CLIENT_ID, Sandbox};
use snaptrade_auth_service::{AuthService, Error, ErrorKind, Outcome, UserCredentials};
use snaptrade_signing::SignRequestLayer;
use tower::Layer;

use crate::fault::{Row, Seen};
use crate::op::{Called, Op};
use crate::stack::{Protocol, Stack};

pub(crate) struct Cell {
    pub(crate) row: &'static Row,
    pub(crate) op: Op,
    pub(crate) protocol: Protocol,
}

/// What the table says of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expected {
    /// A second attempt succeeds.
    Again,
    /// The first attempt succeeds, as it does not meet the fault.
    Fine,
    /// The first attempt succeeds.
    Ok,
    /// [`Ok`](Self::Ok) or [`Again`](Self::Again).
    OkOrAgain,
    /// The call ends with an error that says that nobody knows.
    Unknown,
    /// The call ends with an error that says that nothing was sent.
    NotSent,
    /// The call ends with an error that says that it did not run.
    Refused,
    /// The call ends with an error that says that it ran.
    Ran,
    /// And the error has what was answered.
    Kept,
    /// [`Again`](Self::Again) or [`Unknown`](Self::Unknown).
    AgainOrUnknown,
}

impl Expected {
    /// None if the fault cannot be met.
    pub(crate) fn of(row: &Row, op: Op, protocol: Protocol) -> Option<Self> {
        let if_safe = |otherwise| if op.is_safe() { Self::Again } else { otherwise };
        Some(match row.seen(op, protocol)? {
            Seen::NotSent | Seen::Throttled | Seen::Stale | Seen::Resigned => Self::Again,
            Seen::Barred => Self::NotSent,
            Seen::Refused => Self::Refused,
            Seen::Unknown | Seen::Gateway => if_safe(Self::Unknown),
            Seen::NotSentOrUnknown => if_safe(Self::AgainOrUnknown),
            Seen::UnknownIfReused => if_safe(Self::Fine),
            Seen::Closing if op.is_safe() => Self::OkOrAgain,
            Seen::Closing | Seen::Nothing => Self::Ok,
            Seen::Failed => Self::Unknown,
            Seen::Garbled if op.is_safe() => Self::Ran,
            Seen::Garbled | Seen::OtherUser => Self::Kept,
        })
    }

    /// What the error is to say, if there may be one.
    fn outcome(self) -> Option<Outcome> {
        match self {
            Self::Unknown | Self::AgainOrUnknown => Some(Outcome::Unknown),
            Self::NotSent => Some(Outcome::NotSent),
            Self::Refused => Some(Outcome::Refused),
            Self::Ran | Self::Kept => Some(Outcome::Succeeded),
            Self::Again | Self::Fine | Self::Ok | Self::OkOrAgain => None,
        }
    }

    /// How often it is sent: more than once, or once, or either.
    fn is_sent_again(self, called: &Called) -> Option<bool> {
        match self {
            Self::Again => Some(true),
            Self::AgainOrUnknown => Some(called.is_ok()),
            Self::OkOrAgain => None,
            _ => Some(false),
        }
    }
}

impl Cell {
    /// What is not as the table says.
    pub(crate) async fn run(self) -> Option<String> {
        let expected = Expected::of(self.row, self.op, self.protocol)?;
        let sandbox = Sandbox::builder().seed(7).build();
        let server = sandbox.serve("127.0.0.1:0").await.unwrap();
        let jane = register_jane(&sandbox).await;
        let way = self.row.way.open(server.addr()).await;
        let client = Stack::new(&way, self.protocol, self.row.stages_a_key());
        self.row.prepare(&sandbox);
        if self.row.wants_a_used_client() {
            client.send(ListUsers::new()).await.unwrap();
        }
        let route = self.op.route();
        let before = sandbox.commits(route);
        self.row.arrange(&sandbox, &server, route).await;
        way.arrange(self.row.way);
        let (called, ()) = tokio::join!(self.op.call(&client, &jane), self.row.lift(&server));

        let commits = sandbox.commits(route) - before;
        let waiting = sandbox.faults().waiting() + way.waiting();
        let mut wrong = self.judge(expected, &called, commits);
        wrong.extend(attempts(expected, &called, waiting));
        wrong.extend(
            self.secret(expected, &called, commits, &sandbox, &client)
                .await,
        );
        wrong.extend(self.next_call(expected, &sandbox, &client).await);
        server.shutdown().await;
        (!wrong.is_empty()).then(|| {
            let Self { row, op, protocol } = self;
            format!("{} / {op:?} / {protocol:?}: {}", row.name, wrong.join("; "))
        })
    }

    /// Whether it ended, and ran, as the table says.
    fn judge(&self, expected: Expected, called: &Called, commits: u64) -> Vec<String> {
        let by_the_fault = u64::from(self.row.commits);
        let mut wrong = Vec::new();
        let allowed = match (called, expected) {
            (Ok(_), Expected::Again | Expected::AgainOrUnknown) => by_the_fault + 1,
            (Ok(_), Expected::Fine | Expected::Ok | Expected::OkOrAgain) => 1,
            // The first attempt deleted the user, and the second found none: the message says so.
            (Err(error), Expected::Again)
                if self.op == Op::Delete
                    && self.row.commits
                    && error.kind() == ErrorKind::NotFound =>
            {
                1
            }
            (Err(error), expected) if expected.outcome() == Some(error.outcome()) => by_the_fault,
            (called, expected) => {
                wrong.push(format!("expected {expected:?}, and it ended as {called:?}"));
                commits
            }
        };
        if commits != allowed {
            wrong.push(format!("it ran {commits} times, not {allowed}"));
        }
        if !self.op.is_safe() && commits > 1 {
            wrong.push("what must not run twice did".to_owned());
        }
        wrong
    }

    /// Whether the promise of the secret holds.
    async fn secret(
        &self,
        expected: Expected,
        called: &Called,
        commits: u64,
        sandbox: &Sandbox,
        client: &Stack,
    ) -> Option<String> {
        if self.op.is_safe() {
            return None;
        }
        match called {
            Ok(answered) => {
                let user = answered.revealed.as_ref().unwrap();
                let (id, secret) = (user.user_id.as_str(), user.user_secret.expose());
                if !sandbox.is_current_secret(CLIENT_ID, id, secret) {
                    return Some("the secret is not the user's".to_owned());
                }
                (!client.has_stored(user)).then(|| "the secret is not in the sink".to_owned())
            }
            Err(error) if expected == Expected::Kept && !matches!(error, Error::NotStored(_)) => {
                Some("the answer was not handed over".to_owned())
            }
            Err(_) if commits > 0 => {
                let recorded = client.has_an_orphan();
                (!recorded).then(|| "nothing is recorded of the lost secret".to_owned())
            }
            Err(_) => None,
        }
    }

    /// Whether the client is as good as before.
    async fn next_call(
        &self,
        expected: Expected,
        sandbox: &Sandbox,
        client: &Stack,
    ) -> Option<String> {
        sandbox.faults().clear();
        match client.send(ListUsers::new()).await {
            Err(error) if expected != Expected::NotSent => {
                Some(format!("the next call failed: {error}"))
            }
            _ => None,
        }
    }
}

/// Whether it met the fault, and was sent as often as the table says. `waiting` faults nobody has met.
fn attempts(expected: Expected, called: &Called, waiting: usize) -> Vec<String> {
    let made = match called {
        Ok(answered) => answered.attempts,
        Err(Error::Api(error)) => error.attempts(),
        Err(Error::Transport(error)) => error.attempts(),
        // It was answered; how often it was sent, its error does not say.
        Err(_) => 1,
    };
    let mut wrong = Vec::new();
    if waiting != usize::from(expected == Expected::Fine) {
        wrong.push(format!("{waiting} faults were not met"));
    }
    if expected
        .is_sent_again(called)
        .is_some_and(|again| again != (made > 1))
    {
        wrong.push(format!("it was sent {made} times"));
    }
    wrong
}

/// In memory, past the socket and its faults. She has a key, as there is no JWT for those who have none.
async fn register_jane(sandbox: &Sandbox) -> UserCredentials {
    let sign = SignRequestLayer::new(Sandbox::credentials().unwrap());
    let service = AuthService::new(sign.layer(sandbox.clone()));
    let vectors: Value = serde_json::from_str(include_str!("../vectors/encrypted.json")).unwrap();
    let key = vectors[0]["public_key"].as_str().unwrap().parse().unwrap();
    let register = RegisterUser::new("jane").rsa_public_key(key);
    let jane = service.send(register).await.unwrap();
    jane.into_body()
}
