//! The course of one request, faults included.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::DATE;
use http::{Request, Response, Version, request};
use http_body::Body;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use snaptrade_signing::BoxError;
use snaptrade_signing::verify::Rejection;

use super::answer;
use super::body::SandboxBody;
use super::entry::Outcome;
use super::error::SandboxError;
use super::fault::{CannedAnswer, Fault, Point};
use super::faults::Arrival;
use super::route::{Found, Route};
use super::server::Server;
use super::state::Shared;
use super::wire::{Cut, Wire};

/// The longest body that is read.
const MAX_BODY_BYTES: usize = 1 << 20;

/// A request that has arrived.
struct Exchange {
    server: Server,
    wire: Option<Wire>,
    version: Version,
    number: u64,
    fault: Option<Fault>,
}

/// A request from its head to the head of its answer.
pub(super) async fn run<B>(
    server: Server,
    request: Request<B>,
) -> Result<Response<SandboxBody>, SandboxError>
where
    B: Body,
    B::Error: Into<BoxError>,
{
    let (parts, body) = request.into_parts();
    let wire = parts.extensions.get::<Wire>().cloned();
    let earlier = wire.as_ref().map(Wire::count_request);
    let connection = wire.as_ref().map(Wire::id);
    let found = Route::find(parts.uri.path());
    let route = found.as_ref().map(|found| found.route);
    let shared = server.shared.clone();
    let number = shared.log.begin(&parts, route, connection);
    let fault = shared.faults.take(&Arrival {
        number,
        method: &parts.method,
        path: parts.uri.path(),
        route,
        reused_connection: earlier != Some(0),
    });
    if let Some(fault) = &fault {
        shared.log.meet(number, fault);
    }
    let mut end = End {
        shared,
        number,
        outcome: Outcome::Abandoned,
    };
    let exchange = Exchange {
        server,
        wire,
        version: parts.version,
        number,
        fault,
    };
    let answered = exchange.answer(parts, body, found, &mut end).await;
    if let Ok(response) = &answered {
        end.outcome = Outcome::Answered(response.status());
    }
    answered
}

impl Exchange {
    async fn answer<B>(
        self,
        parts: request::Parts,
        body: B,
        found: Option<Found>,
        end: &mut End,
    ) -> Result<Response<SandboxBody>, SandboxError>
    where
        B: Body,
        B::Error: Into<BoxError>,
    {
        self.pass(Point::BeforeReading, end).await?;
        let body = match Limited::new(body, MAX_BODY_BYTES).collect().await {
            Ok(collected) => Ok(collected.to_bytes()),
            Err(error) if error.is::<LengthLimitError>() => Err(Rejection::BodyTooLarge),
            Err(_) => Err(Rejection::BodyBroken),
        };
        if let Ok(body) = &body {
            self.server.shared.log.read(self.number, body);
        }
        self.pass(Point::BeforeCommit, end).await?;
        let mut response = self.commit(parts, body, found).await?;
        self.pass(Point::AfterCommit, end).await?;
        self.finish(&mut response);
        Ok(self.spoil(response))
    }

    /// Meets the fault that stands at `point`, if there is one.
    async fn pass(&self, point: Point, end: &mut End) -> Result<(), SandboxError> {
        let cut = match self.fault {
            // Left to the commit itself.
            Some(Fault::Delay(Point::BeforeCommit, _)) => return Ok(()),
            Some(Fault::Delay(at, pause)) if at == point => {
                tokio::time::sleep(pause).await;
                return Ok(());
            }
            Some(Fault::Stall(at)) if at == point => std::future::pending().await,
            Some(Fault::Reset(at)) if at == point => Cut::Reset,
            Some(Fault::Close(at)) if at == point => Cut::Close,
            Some(Fault::IdleClose) if point == Point::BeforeReading => Cut::Close,
            Some(Fault::RefuseStream) if point == Point::BeforeReading => {
                if self.wire.is_none() || self.version == Version::HTTP_2 {
                    end.outcome = Outcome::Cut;
                    return Err(SandboxError::refused());
                }
                Cut::Close
            }
            _ => return Ok(()),
        };
        end.outcome = Outcome::Cut;
        match &self.wire {
            None => Err(cut.error()),
            Some(wire) => {
                wire.cut(cut);
                // Whoever serves the connection drops it, and this with it; an error would be told to the client.
                std::future::pending().await
            }
        }
    }

    /// Carries out what was asked for, unless the fault is another answer.
    async fn commit(
        &self,
        parts: request::Parts,
        body: Result<Bytes, Rejection>,
        found: Option<Found>,
    ) -> Result<Response<SandboxBody>, SandboxError> {
        let canned = match &self.fault {
            Some(Fault::Answer(canned)) => Some(canned),
            _ => None,
        };
        if let Some(canned) = canned.filter(|canned| !canned.after_commit) {
            return Ok(canned.to_response());
        }
        let own = match self.fault {
            Some(Fault::Delay(Point::BeforeCommit, pause)) => {
                self.commit_later(pause, parts, body, found).await?
            }
            _ => self.server.answer(self.number, parts, body, found).await,
        };
        Ok(canned.map_or(own, CannedAnswer::to_response))
    }

    /// Commits even if the client has left by then, as a server does that does not look whether anyone waits.
    async fn commit_later(
        &self,
        pause: Duration,
        parts: request::Parts,
        body: Result<Bytes, Rejection>,
        found: Option<Found>,
    ) -> Result<Response<SandboxBody>, SandboxError> {
        let (server, number) = (self.server.clone(), self.number);
        let committed = tokio::spawn(async move {
            tokio::time::sleep(pause).await;
            server.answer(number, parts, body, found).await
        });
        committed.await.map_err(|_| SandboxError::interrupted())
    }

    /// Adds what every answer has.
    fn finish(&self, response: &mut Response<SandboxBody>) {
        let shared = &self.server.shared;
        let request_id = shared.state().uuid();
        let skew = match self.fault {
            Some(Fault::DateSkew(secs)) => secs,
            _ => 0,
        };
        answer::finish(response, request_id, shared.date(skew));
        if let Some(Fault::NoDate) = self.fault {
            response.headers_mut().remove(DATE);
        }
    }

    /// Does to the body what the fault says.
    fn spoil(self, response: Response<SandboxBody>) -> Response<SandboxBody> {
        let wire = self.wire;
        match self.fault {
            Some(Fault::TruncatedBody) => response.map(SandboxBody::truncated),
            Some(Fault::EndlessBody) => response.map(SandboxBody::endless),
            Some(Fault::Stall(Point::InAnswer)) => response.map(SandboxBody::stalling),
            Some(Fault::Delay(Point::InAnswer, pause)) => response.map(|body| body.pausing(pause)),
            Some(Fault::Reset(Point::InAnswer)) => response.map(|body| body.cut(Cut::Reset, wire)),
            Some(Fault::Close(Point::InAnswer)) => response.map(|body| body.cut(Cut::Close, wire)),
            Some(Fault::Reset(Point::AfterAnswer)) => {
                response.map(|body| body.then_cut(Cut::Reset, wire))
            }
            Some(Fault::Close(Point::AfterAnswer)) => {
                response.map(|body| body.then_cut(Cut::Close, wire))
            }
            Some(Fault::Drip(pause)) => response.map(|body| body.dripping(pause)),
            _ => response,
        }
    }
}

/// Tells the log how a request ended, even if its future is dropped.
struct End {
    shared: Arc<Shared>,
    number: u64,
    outcome: Outcome,
}

impl Drop for End {
    fn drop(&mut self) {
        self.shared.log.end(self.number, self.outcome);
    }
}
