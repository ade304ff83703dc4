//! One call of a user after the other, in the order in which they were made.

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex as SyncMutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, Waker};

use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::user::UserId;

/// A queue for each user with a call under way, and no trace of any other. Clones share them.
///
/// What a [`SecretSink`](super::SecretSink) keeps, so that the calls of one user run one after the other on all layers that
/// store in it.
#[derive(Clone, Default)]
pub struct UserQueues(Arc<SyncMutex<Queues>>);

type Queues = HashMap<UserId, Weak<Mutex<()>>>;

type Locking = Pin<Box<dyn Future<Output = OwnedMutexGuard<()>> + Send>>;

/// A place in a user's queue; given up when dropped.
pub(super) struct Place {
    queues: UserQueues,
    user_id: UserId,
    state: Option<State>,
}

enum State {
    /// Others come first.
    Waiting(Locking),
    /// It is its turn.
    Held { _guard: OwnedMutexGuard<()> },
}

impl UserQueues {
    /// No queues so far.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    pub(super) fn join(&self, user_id: UserId) -> Place {
        let queue = {
            let mut queues = self.lock();
            let known = queues.get(&user_id).and_then(Weak::upgrade);
            known.unwrap_or_else(|| {
                let queue = Arc::default();
                queues.insert(user_id.clone(), Arc::downgrade(&queue));
                queue
            })
        };
        // The mutex is fair, but queues nobody before the first poll. Unconstrained, as a task's budget may be used up.
        let mut locking: Locking = Box::pin(tokio::task::unconstrained(queue.lock_owned()));
        let state = match locking
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()))
        {
            Poll::Ready(guard) => State::Held { _guard: guard },
            Poll::Pending => State::Waiting(locking),
        };
        Place {
            queues: self.clone(),
            user_id,
            state: Some(state),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Queues> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for UserQueues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserQueues")
            .field("users", &self.lock().len())
            .finish()
    }
}

impl Place {
    /// Ready once it is its turn, which lasts until this is dropped.
    pub(super) fn poll_turn(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if let Some(State::Waiting(locking)) = &mut self.state {
            let Poll::Ready(guard) = locking.as_mut().poll(cx) else {
                return Poll::Pending;
            };
            self.state = Some(State::Held { _guard: guard });
        }
        Poll::Ready(())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // The next in the queue is woken, and holds the queue alive if there is one.
        self.state = None;
        let mut queues = self.queues.lock();
        if let Some(queue) = queues.get(&self.user_id)
            && queue.strong_count() == 0
        {
            queues.remove(&self.user_id);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::task::Poll;

    use tokio_test::task;

    use super::{Place, UserQueues};

    fn turn(mut place: Place) -> task::Spawn<impl Future<Output = Place>> {
        task::spawn(async move {
            std::future::poll_fn(|cx| place.poll_turn(cx)).await;
            place
        })
    }

    fn ready(turn: &mut task::Spawn<impl Future<Output = Place>>) -> Place {
        match turn.poll() {
            Poll::Ready(place) => place,
            Poll::Pending => panic!("others come first"),
        }
    }

    #[test]
    fn in_the_order_of_joining_and_nothing_stays() {
        let queues = UserQueues::new();
        let mut first = turn(queues.join("jane".into()));
        let mut second = turn(queues.join("jane".into()));
        let cancelled = queues.join("jane".into());
        let mut third = turn(queues.join("jane".into()));
        let mut other = turn(queues.join("anna".into()));

        // Polled in another order than they came.
        assert!(third.poll().is_pending());
        assert!(second.poll().is_pending());
        let first = ready(&mut first);
        let other = ready(&mut other);
        drop(cancelled);
        assert!(second.poll().is_pending());
        drop(first);
        assert!(second.is_woken() && !third.is_woken());
        let second = ready(&mut second);
        assert!(third.poll().is_pending());
        drop(second);
        drop(ready(&mut third));
        drop(other);
        assert!(queues.lock().is_empty());
    }

    #[test]
    fn a_place_that_came_to_its_turn_unpolled_passes_it_on() {
        let queues = UserQueues::new();
        let first = queues.join("jane".into());
        let second = queues.join("jane".into());
        let mut third = turn(queues.join("jane".into()));
        assert!(third.poll().is_pending());
        drop(first);
        drop(second);
        assert!(third.is_woken());
        drop(ready(&mut third));
        assert!(queues.lock().is_empty());
    }
}
