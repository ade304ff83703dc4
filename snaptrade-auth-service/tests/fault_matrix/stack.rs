//! The client under test: the ready-made one, with a sink for secrets and short timeouts.

use std::time::Duration;

use snaptrade_auth_service::deadline::AttemptTimeoutLayer;
use snaptrade_auth_service::sandbox::{CLIENT_ID, Sandbox};
use snaptrade_auth_service::secret_sink::{Ending, MemorySecretSink, SecretSinkLayer};
use snaptrade_auth_service::{Client, Error, Operation, RetryPolicy, UserCredentials};
use snaptrade_signing::{Credentials, Rotating};
use tower::Service;

use crate::way::Open;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    Http1,
    Http2,
}

/// Staged in the client, and the server's where a row says so.
pub(crate) const NEW_KEY: &str = "a new consumer key";

const CONNECT: Duration = Duration::from_millis(300);
/// How long an attempt may take, and one that reveals a secret.
const ATTEMPT: Duration = Duration::from_millis(500);
const PING: Duration = Duration::from_millis(200);
const HARD_CAP: Duration = Duration::from_millis(1_000);

pub(crate) struct Stack {
    client: Client,
    sink: MemorySecretSink,
}

impl Stack {
    pub(crate) fn new(way: &Open, protocol: Protocol, stages_a_key: bool) -> Self {
        let sink = MemorySecretSink::new();
        let retry = RetryPolicy::builder()
            .max_attempts(20)
            .backoff(Duration::from_millis(50), Duration::from_millis(50))
            .build()
            .unwrap();
        let keys = Rotating::new(Sandbox::credentials().unwrap());
        if stages_a_key {
            let new = Credentials::new(CLIENT_ID, NEW_KEY).unwrap();
            keys.stage(new).unwrap();
        }
        let builder = way
            .settings(Client::builder(keys))
            .connect_timeout(CONNECT)
            .attempt_timeout(AttemptTimeoutLayer::new(ATTEMPT).hard_cap(HARD_CAP))
            .timeout(Duration::from_secs(20))
            .max_answer_bytes(64 << 10)
            // A dead connection is noticed before the attempt ends, as it is by default.
            .configure(|http| {
                http.http2_keep_alive_interval(PING)
                    .http2_keep_alive_timeout(PING);
            })
            .retry(retry)
            .secret_sink(SecretSinkLayer::new(sink.clone()));
        let builder = match protocol {
            Protocol::Http1 => builder.http1_only(),
            Protocol::Http2 => builder.http2_only(),
        };
        let client = builder.build().unwrap();
        Self { client, sink }
    }

    pub(crate) async fn send<Op>(
        &self,
        operation: Op,
    ) -> Result<<Client as Service<Op>>::Response, Error>
    where
        Op: Operation,
        Client: Service<Op, Error = Error>,
    {
        self.client.send(operation).await
    }

    pub(crate) fn has_stored(&self, user: &UserCredentials) -> bool {
        let stored = self.sink.load(&user.user_id);
        stored.is_some_and(|stored| stored.expose() == user.user_secret.expose())
    }

    /// Whether it is written down that a call may have run whose secret is not here.
    pub(crate) fn has_an_orphan(&self) -> bool {
        let unsettled = self.sink.unsettled();
        let open = |ending| matches!(ending, Some(Ending::Unknown | Ending::HandedOver));
        unsettled.iter().any(|unsettled| open(unsettled.ending))
    }
}
