//! A call, from its intent to its ending, in a task that its caller cannot take down.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use tokio::sync::oneshot;
use tower_service::Service;

use super::error::SecretSinkError;
use super::intent::Ending;
use super::keeper::Keeper;
use super::panics::caught;
use super::turns::Place;
use super::under_way::Entry;
use crate::call_options::{CallOptions, WithOptions};
use crate::error::{Error, Outcome, TransportError};
use crate::operation::Operation;
use crate::progress::Progress;
use crate::response::ApiResponse;

/// What the caller is told.
pub(super) type Told<T> = Result<ApiResponse<T>, Error>;

/// All that the call needs.
pub(super) struct Task<S, Op: Operation> {
    pub(super) service: S,
    pub(super) operation: Op,
    pub(super) keeper: Keeper,
    /// Until it is its turn among the calls of its user.
    pub(super) place: Option<Place>,
    /// How far the caller knows the call to be.
    pub(super) progress: Progress,
    pub(super) caller: oneshot::Sender<Told<Op::Output>>,
    /// Dropped last.
    pub(super) entry: Entry,
}

impl<S, Op> Task<S, Op>
where
    Op: Operation,
    S: Service<WithOptions<Op>, Response = ApiResponse<Op::Output>, Error = Error>,
{
    pub(super) async fn run(self) {
        let Self {
            service,
            operation,
            keeper,
            mut place,
            progress,
            mut caller,
            entry,
        } = self;
        let told = if wait(&mut place, &mut caller).await {
            // From here on it is settled whatever happens, so nothing is cancelled in the middle of it.
            run(service, operation, &keeper, &progress, &mut caller).await
        } else {
            None
        };
        // The next call of the user sees what this one has done.
        drop(place);
        if let Some(told) = told
            && let Err(untold) = caller.send(told)
        {
            unclaimed(&keeper, untold);
        }
        drop(entry);
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

async fn run<S, Op>(
    service: S,
    operation: Op,
    keeper: &Keeper,
    progress: &Progress,
    caller: &mut oneshot::Sender<Told<Op::Output>>,
) -> Option<Told<Op::Output>>
where
    Op: Operation,
    S: Service<WithOptions<Op>, Response = ApiResponse<Op::Output>, Error = Error>,
{
    let name = operation.name();
    if let Err(error) = keeper.record().await {
        return Some(Err(TransportError::new(name, error.into()).into()));
    }
    if caller.is_closed() || !progress.let_go() {
        keeper.settle(Ending::NotRun).await;
        let given_up = SecretSinkError::GivenUp;
        return Some(Err(TransportError::new(name, given_up.into()).into()));
    }
    let Some(told) = send(service, operation.clone(), caller).await else {
        keeper.settle(Ending::NotRun).await;
        return None;
    };
    match told {
        Ok(response) => match operation.secret(&response.body) {
            Some(secret) => match keeper.store(secret).await {
                Ok(()) => Some(Ok(response)),
                Err(not_stored) => Some(Err(not_stored.into())),
            },
            None => {
                keeper.settle(Ending::Unknown).await;
                Some(Ok(response))
            }
        },
        Err(error) => {
            keeper.settle(ending(&error)).await;
            Some(Err(error))
        }
    }
}

/// The answer; none if the caller went while nothing was sent, and so nothing was.
async fn send<S, Op>(
    mut service: S,
    operation: Op,
    caller: &mut oneshot::Sender<Told<Op::Output>>,
) -> Option<Told<Op::Output>>
where
    Op: Operation,
    S: Service<WithOptions<Op>, Response = ApiResponse<Op::Output>, Error = Error>,
{
    // Not the caller's own, who reads it at any time: of this one it is known that nothing moves while it is read.
    let progress = Progress::default();
    let options = CallOptions::new().bounded_above(progress.clone(), None);
    let name = operation.name();
    let mut call = pin!(caught(move || service.call(operation.with(options))));
    poll_fn(|cx| {
        if let Poll::Ready(answer) = call.as_mut().poll(cx) {
            return Poll::Ready(Some(answer.unwrap_or_else(|_| {
                let panicked = SecretSinkError::Panicked;
                Err(TransportError::new(name, panicked.into()).into())
            })));
        }
        if caller.poll_closed(cx).is_ready() && progress.outcome() == Outcome::NotSent {
            return Poll::Ready(None);
        }
        Poll::Pending
    })
    .await
}

fn ending(error: &Error) -> Ending {
    match error.outcome() {
        Outcome::NotSent | Outcome::Refused => Ending::NotRun,
        // It ran, and its answer could not be read.
        Outcome::Succeeded | Outcome::Unknown => Ending::Unknown,
    }
}

/// The caller has gone. What is stored, or has no secret, needs nobody.
pub(super) fn unclaimed<T>(keeper: &Keeper, told: Told<T>) {
    match told {
        Err(Error::NotStored(orphan)) => keeper.orphan(*orphan),
        Ok(_) => tracing::info!(intent = %keeper.intent, "answered, though its caller has gone"),
        Err(_) => {}
    }
}
