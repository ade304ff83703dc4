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
    /// The first attempt succeeds.
    Fine,
    /// The call ends with an error that says that nobody knows.
    Unknown,
    /// The call ends with an error that says that it ran.
    Ran,
    /// [`Again`](Self::Again) or [`Unknown`](Self::Unknown).
    AgainOrUnknown,
}

impl Expected {
    pub(crate) fn of(row: &Row, op: Op, protocol: Protocol) -> Self {
        let if_safe = |otherwise| if op.is_safe() { Self::Again } else { otherwise };
        match row.seen(protocol) {
            Seen::NotSent | Seen::Throttled | Seen::Stale => Self::Again,
            Seen::Unknown | Seen::Gateway => if_safe(Self::Unknown),
            Seen::NotSentOrUnknown => if_safe(Self::AgainOrUnknown),
            Seen::UnknownIfReused => if_safe(Self::Fine),
            Seen::Failed => Self::Unknown,
            Seen::Garbled => Self::Ran,
        }
    }
}

impl Cell {
    /// What is not as the table says.
    pub(crate) async fn run(self) -> Option<String> {
        let sandbox = Sandbox::builder().seed(7).build();
        let server = sandbox.serve("127.0.0.1:0").await.unwrap();
        let jane = register_jane(&sandbox).await;
        let client = Stack::new(&server.base_url(), self.protocol);
        if self.row.wants_a_used_connection() {
            client.send(ListUsers::new()).await.unwrap();
        }
        let route = self.op.route();
        let before = sandbox.commits(route);
        self.row.arrange(&sandbox, &server, route).await;
        let (called, ()) = tokio::join!(self.op.call(&client, &jane), self.row.lift(&server));

        let commits = sandbox.commits(route) - before;
        let mut wrong = self.judge(&called, commits);
        wrong.extend(self.attempts(&called, sandbox.faults().waiting()));
        wrong.extend(self.secret(&called, commits, &sandbox, &client).await);
        server.shutdown().await;
        (!wrong.is_empty()).then(|| {
            let Self { row, op, protocol } = self;
            format!("{} / {op:?} / {protocol:?}: {}", row.name, wrong.join("; "))
        })
    }

    /// Whether it ended, and ran, as the table says.
    fn judge(&self, called: &Called, commits: u64) -> Vec<String> {
        let by_the_fault = u64::from(self.row.commits);
        let expected = Expected::of(self.row, self.op, self.protocol);
        let mut wrong = Vec::new();
        let allowed = match (called, expected) {
            (Ok(_), Expected::Again | Expected::AgainOrUnknown) => by_the_fault + 1,
            (Ok(_), Expected::Fine) => 1,
            (Err(error), Expected::Unknown | Expected::AgainOrUnknown | Expected::Ran) => {
                let truth = match expected {
                    Expected::Ran => Outcome::Succeeded,
                    _ => Outcome::Unknown,
                };
                if error.outcome() != truth {
                    wrong.push(format!("its outcome is {:?}", error.outcome()));
                }
                by_the_fault
            }
            // The first attempt deleted the user, and the second found none: the message says so.
            (Err(error), Expected::Again)
                if self.op == Op::Delete
                    && self.row.commits
                    && error.kind() == ErrorKind::NotFound =>
            {
                1
            }
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

    /// Whether it met the fault, and was sent as often as the table says. `waiting` faults nobody has met.
    fn attempts(&self, called: &Called, waiting: usize) -> Vec<String> {
        let expected = Expected::of(self.row, self.op, self.protocol);
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
        let again = match expected {
            Expected::Again => true,
            Expected::AgainOrUnknown => called.is_ok(),
            Expected::Fine | Expected::Unknown | Expected::Ran => false,
        };
        if (made > 1) != again {
            wrong.push(format!("it was sent {made} times"));
        }
        wrong
    }

    /// Whether the promise of the secret holds.
    async fn secret(
        &self,
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
            Err(_) if commits > 0 => {
                let recorded = client.has_an_orphan();
                (!recorded).then(|| "nothing is recorded of the lost secret".to_owned())
            }
            Err(_) => None,
        }
    }
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
