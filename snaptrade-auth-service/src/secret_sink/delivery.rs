//! What a task gives its caller, who may be gone, or never look.

use super::calls::OpenCall;
use super::not_stored::NotStored;
use super::recorder::CallRecorder;
use crate::error::Error;
use crate::event;
use crate::response::ApiResponse;

/// What the caller gets.
pub(super) type CallResult<T> = Result<ApiResponse<T>, Error>;

/// A result on its way to its caller.
pub(super) struct Delivery<T> {
    result: CallResult<T>,
    /// What is to be kept if the caller does not take the result, beside what that itself holds.
    spare: Option<NotStored>,
    /// While the result is the only copy of a secret: the call stays open until it is taken.
    open: Option<OpenCall>,
}

impl<T> Delivery<T> {
    /// To be kept if nobody takes the result.
    pub(super) fn or_keep(mut self, spare: NotStored) -> Self {
        self.spare = Some(spare);
        self
    }

    /// On its way. The call is over, unless somebody still has to take a secret.
    pub(super) fn of(mut self, open: OpenCall) -> Self {
        if self.spare.is_some() || matches!(self.result, Err(Error::NotStored(_))) {
            open.unclaimed();
            self.open = Some(open);
        }
        self
    }

    /// The caller takes it.
    pub(super) fn claim(self) -> CallResult<T> {
        self.result
    }

    /// The caller has gone. What is stored, or has no secret, needs nobody.
    pub(super) fn unclaimed(self, recorder: &CallRecorder) {
        let orphan = match self.result {
            Err(Error::NotStored(orphan)) => Some(*orphan),
            Err(_) => self.spare,
            Ok(_) => {
                let intent = &recorder.intent;
                event::emit(|| tracing::info!(%intent, "answered, though its caller has gone"));
                self.spare
            }
        };
        if let Some(orphan) = orphan {
            recorder.orphan(orphan);
        }
    }
}

impl<T> From<CallResult<T>> for Delivery<T> {
    fn from(result: CallResult<T>) -> Self {
        Self {
            result,
            spare: None,
            open: None,
        }
    }
}
