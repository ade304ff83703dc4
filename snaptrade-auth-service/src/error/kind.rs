//! Kinds of errors.

/// What kind of error it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The server could not verify the signature: the consumer key, the clock, or something that changes requests
    /// below the signing layer. Never the user.
    SignatureRefused,
    /// The server could not read the signed body.
    DataRefused,
    /// No such client id.
    UnknownClient,
    /// The user id or the user's secret is wrong.
    BadUserCredentials,
    /// The request came to the server without a stamp or a signature.
    NotAuthenticated,
    /// A user with this id exists already.
    UserExists,
    /// The call is not for a Personal key.
    PersonalKey,
    /// Too many requests; [`Error::retry_after`](super::Error::retry_after) tells until when.
    Throttled,
    /// There is no such thing.
    NotFound,
    /// It is not allowed.
    Forbidden,
    /// The brokerage connection is disabled: the user must reconnect.
    ConnectionDisabled,
    /// The data is still being fetched from the brokerage.
    NotReady,
    /// The server does not like the request for another reason.
    BadRequest,
    /// The server failed, or something before it.
    Server,
    /// There was no answer, or not all of it.
    Transport,
    /// A deadline ran out.
    Timeout,
    /// The request was not signed, and so was not sent.
    NotSigned,
    /// The secret sink did not let the call go, or lost it: see
    /// [`SecretSinkError`](crate::secret_sink::SecretSinkError).
    SecretSink,
    /// It ran, and its secret is not in the sink: the error [holds it](super::Error::NotStored).
    NotStored,
    /// The answer is not what the operation answers.
    Decode,
    /// The request could not be built.
    InvalidRequest,
    /// An answer that none of these covers.
    Other,
}
