//! Answers that are not decoded, or not even read.

use bytes::Bytes;

use crate::api_request::ApiRequest;
use crate::call_options::CallOptions;
use crate::error::{DecodeError, InvalidRequest};
use crate::operation::{Operation, Repeat};
use crate::user::{UserCredentials, UserId};

/// An operation that answers the undecoded bytes. Made by [`Operation::raw`].
#[derive(Clone, Debug)]
pub struct Raw<Op>(pub(crate) Op);

impl<Op: Operation> Operation for Raw<Op> {
    type Output = Bytes;

    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn request(&self) -> Result<ApiRequest, InvalidRequest> {
        self.0.request()
    }

    fn decode(&self, body: &[u8]) -> Result<Bytes, DecodeError> {
        Ok(Bytes::copy_from_slice(body))
    }

    fn repeat(&self) -> Repeat {
        self.0.repeat()
    }

    fn secret_of(&self) -> Option<&UserId> {
        self.0.secret_of()
    }

    /// Reads the bytes for it: what the caller takes undecoded can be stored all the same.
    fn secret(&self, body: &Bytes) -> Option<UserCredentials> {
        self.0.secret(&self.0.decode(body).ok()?)
    }

    fn reveals_secret(&self) -> bool {
        self.0.reveals_secret()
    }

    fn options(&self) -> CallOptions {
        self.0.options()
    }
}

/// An operation that answers the unread body of a success. Made by [`Operation::streaming`].
///
/// An error's body is read as ever. What comes after the head is the caller's: no deadline and no retry watch over
/// the body.
#[derive(Clone, Debug)]
pub struct Streaming<Op>(pub(crate) Op);

/// In the extensions of a request: leave the body of a success unread.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unread;
