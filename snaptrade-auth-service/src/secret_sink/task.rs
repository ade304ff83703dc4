//! A call, from its intent to its ending, in a task that its caller cannot take down.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use bytes::Bytes;
use tokio::sync::oneshot;
use tokio::time::Instant;
use tower_service::Service;
use zeroize::Zeroizing;

use super::calls::OpenCall;
use super::delivery::Delivery;
use super::error::SecretSinkError;
use super::intent::Ending;
use super::not_stored::{NotStored, NotStoredCause, Unstored};
use super::panics::caught;
use super::queues::Place;
use super::reading::{Reading, Unreadable, read};
use super::recorder::CallRecorder;
use crate::call_options::{CallOptions, WithOptions};
use crate::error::{DecodeError, Error, Outcome, TransportError};
use crate::operation::Operation;
use crate::progress::Progress;
use crate::raw::Raw;
use crate::response::ApiResponse;

/// All that the call needs.
pub(super) struct Task<S, Op: Operation> {
    /// Brought to readiness when it is its turn: what waits here holds nothing that the call ahead may need again.
    pub(super) service: S,
    /// What is sent, and what reads the answer. They are clones, made by the caller, whose panic that would be.
    pub(super) sent: Op,
    pub(super) operation: Op,
    pub(super) recorder: CallRecorder,
    /// Until it is its turn among the calls of its user.
    pub(super) place: Option<Place>,
    /// How far the caller knows the call to be.
    pub(super) progress: Progress,
    /// When the caller gives up. What has not been sent by then need not be.
    pub(super) deadline: Option<Instant>,
    pub(super) caller: oneshot::Sender<Delivery<Op::Output>>,
    /// Dropped last.
    pub(super) open: OpenCall,
}

impl<S, Op> Task<S, Op>
where
    Op: Operation,
    S: Service<Raw<WithOptions<Op>>, Response = ApiResponse<Bytes>, Error = Error>,
{
    pub(super) async fn run(self) {
        let Self {
            service,
            sent,
            operation,
            recorder,
            mut place,
            progress,
            deadline,
            mut caller,
            open,
        } = self;
        let delivery = if wait(&mut place, &mut caller).await {
            // From here on it is settled whatever happens, so nothing is cancelled in the middle of it.
            let call = Call {
                operation,
                recorder: &recorder,
                progress: &progress,
                deadline,
                caller: &mut caller,
            };
            call.run(service, sent).await
        } else {
            None
        };
        // The next call of the user sees what this one has done.
        drop(place);
        if let Some(delivery) = delivery
            && let Err(undelivered) = caller.send(delivery.of(open))
        {
            undelivered.unclaimed(&recorder);
        }
    }
}

/// Until it is the call's turn; false if the caller goes before.
async fn wait<T>(place: &mut Option<Place>, caller: &mut oneshot::Sender<T>) -> bool {
    poll_fn(|cx| {
        if caller.poll_closed(cx).is_ready() {
            return Poll::Ready(false);
        }
        match place {
            Some(place) => place.poll_turn(cx).map(|()| true),
            None => Poll::Ready(true),
        }
    })
    .await
}

/// A call whose turn it is.
struct Call<'a, Op: Operation> {
    operation: Op,
    recorder: &'a CallRecorder,
    progress: &'a Progress,
    deadline: Option<Instant>,
    caller: &'a mut oneshot::Sender<Delivery<Op::Output>>,
}

impl<Op: Operation> Call<'_, Op> {
    async fn run<S>(mut self, mut service: S, sent: Op) -> Option<Delivery<Op::Output>>
    where
        S: Service<Raw<WithOptions<Op>>, Response = ApiResponse<Bytes>, Error = Error>,
    {
        if let Err(error) = self.recorder.record().await {
            return Some(Err(self.failed(error)).into());
        }
        let Some(ready) = self.ready(&mut service).await else {
            self.recorder.settle(Ending::NotRun).await;
            return None;
        };
        let sendable = match ready {
            Err(error) => Err(error),
            Ok(()) if self.caller.is_closed() || !self.progress.let_go() => {
                Err(self.failed(SecretSinkError::GivenUp))
            }
            Ok(()) => Ok(()),
        };
        if let Err(error) = sendable {
            self.recorder.settle(Ending::NotRun).await;
            return Some(Err(error).into());
        }
        let Some(answer) = self.send(service, sent).await else {
            self.recorder.settle(Ending::NotRun).await;
            return None;
        };
        Some(match answer {
            Ok(response) => self.answered(response).await,
            Err(error) => {
                self.recorder.settle(ending(&error)).await;
                Err(error).into()
            }
        })
    }

    /// Until the service is ready; none if the caller goes before.
    async fn ready<S>(&mut self, service: &mut S) -> Option<Result<(), Error>>
    where
        S: Service<Raw<WithOptions<Op>>, Error = Error>,
    {
        let mut ready = pin!(caught(|| poll_fn(|cx| service.poll_ready(cx))));
        let polled = poll_fn(|cx| {
            if let Poll::Ready(ready) = ready.as_mut().poll(cx) {
                return Poll::Ready(Some(ready));
            }
            self.caller.poll_closed(cx).map(|()| None)
        });
        let ready = polled.await?;
        Some(ready.unwrap_or_else(|_| Err(self.failed(SecretSinkError::NotReady))))
    }

    /// The answer; none if the caller went while nothing was sent, and so nothing was.
    async fn send<S>(
        &mut self,
        mut service: S,
        sent: Op,
    ) -> Option<Result<ApiResponse<Bytes>, Error>>
    where
        S: Service<Raw<WithOptions<Op>>, Response = ApiResponse<Bytes>, Error = Error>,
    {
        // Not the caller's own, who reads it at any time: of this one it is known that nothing moves while it is read.
        let progress = Progress::default();
        let options = CallOptions::new().bounded_above(progress.clone(), self.deadline);
        let mut call = pin!(caught(move || service.call(sent.with(options).raw())));
        let caller = &mut *self.caller;
        let answered = poll_fn(|cx| {
            if let Poll::Ready(answer) = call.as_mut().poll(cx) {
                return Poll::Ready(Some(answer));
            }
            if caller.poll_closed(cx).is_ready() && progress.outcome() == Outcome::NotSent {
                return Poll::Ready(None);
            }
            Poll::Pending
        });
        let answer = answered.await?;
        Some(answer.unwrap_or_else(|_| Err(self.failed(SecretSinkError::Panicked))))
    }

    /// The server ran it: its secret goes to the sink, or else to whoever can be reached.
    async fn answered(&mut self, response: ApiResponse<Bytes>) -> Delivery<Op::Output> {
        let recorder = self.recorder;
        match read(&self.operation, &response.body) {
            Reading::Secret(output, user) => match recorder.store(user).await {
                Ok(()) => Ok(response.map(|_| output)).into(),
                Err(not_stored) => Err(not_stored.into()).into(),
            },
            Reading::OtherUser(user) => {
                let reason = format!("the answer is for user {:?}", user.user_id.as_str());
                let (cause, secret) = (NotStoredCause::OtherUser, Unstored::Credentials(user));
                let secret = recorder.not_stored(cause, secret, &reason);
                let secret = recorder.hand_over(secret, Ending::HandedOver).await;
                Err(secret.into()).into()
            }
            Reading::NoSecret(output) => {
                let spare = self.body(&response, "the operation found no secret in it");
                let spare = recorder.hand_over(spare, Ending::Unknown).await;
                Delivery::from(Ok(response.map(|_| output))).or_keep(spare)
            }
            // There is nothing to hand over.
            Reading::Unreadable(why) if response.body.is_empty() => {
                recorder.settle(Ending::Unknown).await;
                Err(self.decode_error(why, &response).into()).into()
            }
            Reading::Unreadable(Unreadable::Panicked) => {
                let secret = self.body(&response, "the operation that reads it panicked");
                let secret = recorder.hand_over(secret, Ending::HandedOver).await;
                Err(secret.into()).into()
            }
            Reading::Unreadable(why) => {
                let reason = self.decode_error(why, &response).to_string();
                let secret = self.body(&response, &reason);
                let secret = recorder.hand_over(secret, Ending::HandedOver).await;
                Err(secret.into()).into()
            }
        }
    }

    /// The bytes of an answer without a secret that could be read.
    fn body(&self, response: &ApiResponse<Bytes>, reason: &str) -> NotStored {
        let body = Unstored::Body(Zeroizing::new(response.body.to_vec()));
        let cause = NotStoredCause::Unreadable;
        self.recorder.not_stored(cause, body, reason)
    }

    fn decode_error(&self, why: Unreadable, response: &ApiResponse<Bytes>) -> DecodeError {
        let error = match why {
            Unreadable::Decode(error) => error,
            Unreadable::Panicked => DecodeError::unexpected(),
        };
        let operation = &self.operation;
        let mut error = error.in_operation(operation.name(), operation.repeat());
        error.request_id = response.request_id.clone();
        error.round_trip_time = response.round_trip_time;
        error
    }

    fn failed(&self, error: SecretSinkError) -> Error {
        TransportError::new(self.operation.name(), error.into()).into()
    }
}

fn ending(error: &Error) -> Ending {
    match error.outcome() {
        Outcome::NotSent | Outcome::Refused => Ending::NotRun,
        // It ran, and its answer could not be read.
        Outcome::Succeeded | Outcome::Unknown => Ending::Unknown,
    }
}
