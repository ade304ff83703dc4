//! Whatever goes wrong, nothing that is printed, logged or traced shows a secret.

use std::collections::BTreeSet;
use std::error::Error as _;
use std::fmt::{Debug, Write};
use std::time::Duration;

use bytes::Bytes;
use http::{Response, StatusCode};
use snaptrade_auth_service::deadline::AttemptTimeoutLayer;
use snaptrade_auth_service::operations::{
    DeleteUser, ListUsers, LoginAnswer, LoginUser, RegisterUser, ResetUserSecret,
};
use snaptrade_auth_service::sandbox::{
    CLIENT_ID, CONSUMER_KEY, ConnectionFault, ErrorBody, Fault, Point, Sandbox,
};
use snaptrade_auth_service::secret_sink::{MemorySecretSink, SecretSinkLayer, SinkStep};
use snaptrade_auth_service::{ApiResponse, Client, Error, Operation, UserCredentials};
use snaptrade_signing::{Credentials, Rotating};
use tower::Service;

use crate::common::speaking;
use crate::events::Events;

const NEW_KEY: &str = "a new key, not yet the server's";
const JOES_SECRET: &str = "the-first-secret-of-joe";
const SHORT: Duration = Duration::from_millis(40);

/// A server that quotes what it was sent, as a gateway may.
fn quoting() -> Fault {
    let body =
        format!(r#"{{"detail":"No route for /login?userId=joe&userSecret={JOES_SECRET}."}}"#);
    let mut answer = Response::new(Bytes::from(body));
    *answer.status_mut() = StatusCode::NOT_FOUND;
    Fault::response(answer)
}

fn faults() -> Vec<Fault> {
    let mut faults = vec![
        Fault::TruncatedBody,
        Fault::EndlessBody,
        Fault::IdleClose,
        Fault::RefuseStream,
        Fault::throttled(0),
        Fault::throttled_with_retry_after(100),
        Fault::DateSkew(600),
        Fault::status(StatusCode::BAD_GATEWAY, ErrorBody::Html).after_commit(),
        Fault::status(StatusCode::INTERNAL_SERVER_ERROR, ErrorBody::Json),
        Fault::status(StatusCode::UNAUTHORIZED, ErrorBody::Json),
        quoting(),
    ];
    for point in [
        Point::BeforeReading,
        Point::BeforeCommit,
        Point::AfterCommit,
        Point::InAnswer,
    ] {
        faults.extend([
            Fault::Reset(point),
            Fault::Close(point),
            Fault::Stall(point),
        ]);
    }
    faults
}

/// All that was printed, and the secrets that must not be in it.
#[derive(Default)]
struct Printed {
    text: String,
    secrets: BTreeSet<String>,
}

impl Printed {
    fn print(&mut self, it: &impl Debug) {
        write!(self.text, "{it:?}\n{it:#?}\n").unwrap();
    }

    fn error(&mut self, error: &Error) {
        self.print(error);
        write!(self.text, "{error}\n{error:#}\n").unwrap();
        let mut source = error.source();
        while let Some(error) = source {
            write!(self.text, "{error}\n{error:?}\n{error:#?}\n").unwrap();
            source = error.source();
        }
    }

    fn secret(&mut self, secret: &str) {
        assert!(secret.len() >= 16, "not a secret: {secret}");
        self.secrets.insert(secret.to_owned());
    }

    fn user(&mut self, user: &UserCredentials) {
        self.secret(user.user_secret.expose());
    }

    /// Prints the operation and what it came to.
    async fn call<Op>(&mut self, client: &Client, operation: Op) -> Option<Op::Output>
    where
        Op: Operation + Debug + Send + 'static,
        Op::Output: Debug + Send + 'static,
        Client: Service<Op, Response = ApiResponse<Op::Output>, Error = Error>,
    {
        self.print(&operation);
        match client.send(operation).await {
            Ok(answer) => {
                self.print(&answer);
                Some(answer.into_body())
            }
            Err(error) => {
                if let Error::NotStored(error) = &error
                    && let Some(user) = error.credentials()
                {
                    self.user(user);
                }
                self.error(&error);
                None
            }
        }
    }

    async fn live(
        &mut self,
        client: &Client,
        sandbox: &Sandbox,
        fault: &Fault,
        sink: &MemorySecretSink,
    ) {
        let arm = || {
            sandbox.faults().next(fault.clone());
        };
        arm();
        self.call(client, RegisterUser::new("jane")).await;
        sandbox.faults().clear();
        sink.fail(SinkStep::Store, 9);
        self.call(client, RegisterUser::new("anna")).await;
        sink.fail(SinkStep::Store, 0);
        let joe = UserCredentials::new("joe", JOES_SECRET);
        arm();
        let login = self.call(client, LoginUser::new(joe.clone())).await;
        if let Some(LoginAnswer::Link(link)) = login {
            self.secret(link.redirect_uri.expose());
        }
        arm();
        self.call(client, ListUsers::new()).await;
        arm();
        if let Some(joe) = self.call(client, ResetUserSecret::new(joe)).await {
            self.user(&joe);
        }
        arm();
        self.call(client, DeleteUser::new("joe")).await;
        sandbox.faults().clear();
        let wrong = UserCredentials::new("joe", "a wrong secret of joe's");
        self.user(&wrong);
        self.call(client, LoginUser::new(wrong)).await;
    }
}

/// What was sent is as secret as what was answered.
fn sent(printed: &mut Printed, sandbox: &Sandbox) {
    for entry in sandbox.log() {
        let signature = entry.raw_headers().get("signature").unwrap();
        printed.secret(signature.to_str().unwrap());
    }
}

async fn nothing_shows_a_secret(http2: bool) {
    let mut printed = Printed::default();
    printed.secret(CONSUMER_KEY);
    printed.secret(NEW_KEY);
    printed.secret(JOES_SECRET);
    let events = Events::default();
    // Of one subscriber alone, tracing asks the thread that comes to an event first, and other tests have none.
    let _second = tracing::Dispatch::new(Events::default());
    let guard = tracing::subscriber::set_default(events.clone());
    for fault in faults() {
        let sandbox = Sandbox::builder()
            .user(CLIENT_ID, "joe", JOES_SECRET)
            .build();
        let server = sandbox.serve("127.0.0.1:0").await.unwrap();
        let keys = Rotating::new(Sandbox::credentials().unwrap());
        keys.stage(Credentials::new(CLIENT_ID, NEW_KEY).unwrap())
            .unwrap();
        let sink = MemorySecretSink::new();
        let layer = SecretSinkLayer::new(sink.clone()).attempts(1);
        let builder = Client::builder(keys.clone())
            .base_url(server.base_url().parse().unwrap())
            .attempt_timeout(AttemptTimeoutLayer::new(SHORT).hard_cap(SHORT))
            .timeout(SHORT * 3)
            .max_answer_bytes(64 << 10)
            .secret_sink(layer.clone());
        printed.print(&builder);
        let client = speaking(http2, builder);
        printed.live(&client, &sandbox, &fault, &sink).await;
        sandbox.faults().next_connection(ConnectionFault::Reset);
        printed.call(&client, RegisterUser::new("eve")).await;
        printed.print(&(&client, &keys, &layer, &sink, &sandbox, &server));
        sent(&mut printed, &sandbox);
    }
    drop(guard);
    let events = events.text();
    assert!(events.contains("the request is sent again"), "{events}");
    for secret in &printed.secrets {
        assert!(!printed.text.contains(secret), "{secret} is printed");
        assert!(!events.contains(secret), "{secret} is traced");
    }
    for name in ["userSecret=", "timestamp="] {
        assert!(!printed.text.contains(name), "a query is printed");
        assert!(!events.contains(name), "a query is traced");
    }
    assert!(printed.text.contains("its secret was not stored"));
    assert!(printed.secrets.len() > 50, "{}", printed.secrets.len());
}

#[tokio::test]
async fn over_http1() {
    nothing_shows_a_secret(false).await;
}

#[tokio::test]
async fn over_http2() {
    nothing_shows_a_secret(true).await;
}
