//! What an answer holds. The operation that reads it is somebody else's code, and may panic.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::error::DecodeError;
use crate::operation::Operation;
use crate::user::{UserCredentials, UserId};

/// What was read of an answer.
pub(super) enum Reading<T> {
    /// A secret of the user who was asked for.
    Secret(T, UserCredentials),
    /// A secret of somebody else.
    OtherUser(UserCredentials),
    /// An answer without a secret, by what the operation says.
    NoSecret(T),
    /// Nothing.
    Unreadable(Unreadable),
}

/// Why an answer cannot be read.
pub(super) enum Unreadable {
    Decode(DecodeError),
    Panicked,
}

pub(super) fn read<Op: Operation>(operation: &Op, body: &[u8]) -> Reading<Op::Output> {
    let asked = operation.secret_of();
    let read = catch_unwind(AssertUnwindSafe(|| {
        let output = operation.decode(body)?;
        let secret = operation.secret(&output);
        Ok((output, secret))
    }));
    match read {
        Ok(Ok((output, Some(secret)))) if is_of(&secret, asked) => Reading::Secret(output, secret),
        Ok(Ok((_, Some(secret)))) => Reading::OtherUser(secret),
        Ok(Ok((output, None))) => Reading::NoSecret(output),
        Ok(Err(error)) => Reading::Unreadable(Unreadable::Decode(error)),
        Err(_) => Reading::Unreadable(Unreadable::Panicked),
    }
}

/// Whether a secret is that of the user who was asked for, if it is known who that is. Case counts, as it does in the store.
fn is_of(secret: &UserCredentials, asked: Option<&UserId>) -> bool {
    asked.is_none_or(|asked| secret.user_id == *asked)
}
