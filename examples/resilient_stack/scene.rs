//! One scene: a server that misbehaves, a stack that copes, and what is told of both.

use std::fmt;
use std::time::Duration;

use snaptrade_auth_service::rate_limit::Quota;
use snaptrade_auth_service::sandbox::{LogEntry, Outcome, Sandbox, SandboxServer};
use snaptrade_auth_service::{ApiResponse, Error};
use snaptrade_signing::BoxError;
use tokio::time::Instant;

use super::stack::{SnapTrade, Stack};

/// A sandbox on a port, and the stack over it.
pub(crate) struct Stage {
    pub(crate) sandbox: Sandbox,
    pub(crate) server: SandboxServer,
    pub(crate) stack: Stack,
    began: Instant,
}

/// What happened.
pub(crate) struct Scene {
    wrong: &'static str,
    /// What the server received, with the time since the scene began.
    pub(crate) server: Vec<(Duration, LogEntry)>,
    /// What each layer had to do with it.
    pub(crate) layers: Vec<(&'static str, String)>,
    pub(crate) caller: Vec<String>,
}

impl Stage {
    /// With SnapTrade's own quota.
    pub(crate) async fn new() -> Result<Self, BoxError> {
        Self::with_quota(Quota::default()).await
    }

    pub(crate) async fn with_quota(quota: Quota) -> Result<Self, BoxError> {
        let sandbox = Sandbox::new();
        sandbox.set_rate_limit(quota.requests(), quota.window());
        let server = sandbox.serve("127.0.0.1:0").await?;
        let base_url = server.base_url().parse()?;
        let stack = Stack::new(Sandbox::credentials()?, base_url, quota)?;
        let began = Instant::now();
        Ok(Self {
            sandbox,
            server,
            stack,
            began,
        })
    }

    /// How long it was from one request to the next.
    pub(crate) fn waits(&self) -> String {
        let log = self.sandbox.log();
        let pairs = log.windows(2);
        let waits = pairs.map(|pair| pair[1].received_at() - pair[0].received_at());
        let waits: Vec<_> = waits
            .map(|wait| format!("{} ms", wait.as_millis()))
            .collect();
        waits.join(", then ")
    }

    /// The same stack in another process, which knows nothing of this one.
    pub(crate) fn elsewhere(&self) -> Result<Stack, BoxError> {
        let base_url = self.server.base_url().parse()?;
        Stack::new(Sandbox::credentials()?, base_url, Quota::default())
    }

    /// A caller's own handle to the stack.
    pub(crate) fn snaptrade(&self) -> SnapTrade {
        self.stack.snaptrade.clone()
    }

    /// Ends the scene: adds what the server has to tell.
    pub(crate) async fn close(self, mut scene: Scene) -> Result<Scene, BoxError> {
        let received = self.sandbox.log().into_iter();
        scene.server = received
            .map(|entry| (entry.received_at() - self.began, entry))
            .collect();
        // What is under way when an app ends is finished first.
        let drained = self.stack.secret_sink.drain(Duration::from_secs(5)).await;
        self.server.shutdown().await;
        match drained.is_clean() {
            true => Ok(scene),
            false => Err(format!("secrets were left over: {drained:?}").into()),
        }
    }
}

impl Scene {
    pub(crate) fn new(wrong: &'static str) -> Self {
        Self {
            wrong,
            server: Vec::new(),
            layers: Vec::new(),
            caller: Vec::new(),
        }
    }

    /// What a layer did.
    pub(crate) fn layer(mut self, layer: &'static str, did: impl Into<String>) -> Self {
        self.layers.push((layer, did.into()));
        self
    }

    /// What a caller saw.
    pub(crate) fn caller(mut self, saw: impl Into<String>) -> Self {
        self.caller.push(saw.into());
        self
    }
}

/// What a caller sees of a call.
pub(crate) fn seen<T>(call: &str, result: &Result<ApiResponse<T>, Error>) -> String {
    match result {
        Ok(answer) => format!(
            "{call}: ok after {} ms, attempts: {}",
            answer.round_trip_time.as_millis(),
            answer.attempts()
        ),
        Err(error) => format!("{call}: {:?}: {error}", error.outcome()),
    }
}

impl fmt::Display for Scene {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.wrong)?;
        let mut label = "server";
        for (at, entry) in &self.server {
            let (method, path) = (entry.method(), entry.path());
            write!(f, "  {label:<8}{:>5} ms  {method} {path} ", at.as_millis())?;
            match entry.outcome() {
                Outcome::Answered(status) => write!(f, "-> {}", status.as_u16())?,
                Outcome::Cut => f.write_str("-> cut off")?,
                Outcome::Abandoned => f.write_str("-> nobody waits any more")?,
                _ => f.write_str("-> no answer")?,
            }
            f.write_str(if entry.committed() { ", ran\n" } else { "\n" })?;
            label = "";
        }
        label = "layers";
        for (layer, did) in &self.layers {
            writeln!(f, "  {label:<8}{layer:<16}{did}")?;
            label = "";
        }
        label = "caller";
        for saw in &self.caller {
            writeln!(f, "  {label:<8}{saw}")?;
            label = "";
        }
        Ok(())
    }
}
