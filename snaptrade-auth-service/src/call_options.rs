//! Settings of a single call.

use std::fmt;
use std::time::Duration;

use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue};
use tokio::time::Instant;

use crate::api_request::ApiRequest;
use crate::error::{DecodeError, InvalidRequest};
use crate::operation::{Operation, Repeat};
use crate::progress::Progress;
use crate::user::{UserCredentials, UserId};

/// Settings of a single call, over those of the client.
///
/// ```
/// use std::time::Duration;
/// use snaptrade_auth_service::{CallOptions, Operation};
/// use snaptrade_auth_service::operations::ListUsers;
///
/// let list = ListUsers::new().with(CallOptions::new().timeout(Duration::from_secs(5)));
/// ```
#[derive(Clone, Default)]
pub struct CallOptions {
    pub(crate) timeout: Option<Duration>,
    pub(crate) attempt_timeout: Option<Duration>,
    headers: HeaderMap,
    /// Someone above watches the whole call and wants to know how far it has come.
    pub(crate) progress: Option<Progress>,
    /// When that someone gives up.
    pub(crate) deadline: Option<Instant>,
}

impl CallOptions {
    /// No settings.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How long the whole call may take, waits and retries included.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// How long an attempt may take, its answer included. Heeded by
    /// [`AttemptTimeoutLayer`](crate::AttemptTimeoutLayer).
    #[must_use]
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt_timeout = Some(timeout);
        self
    }

    /// The content types that are accepted: the `Accept` header. `application/json` if not set.
    #[must_use]
    pub fn accept(self, content_types: HeaderValue) -> Self {
        self.header(ACCEPT, content_types)
    }

    /// The content type of the body: the `Content-Type` header. `application/json` if not set and there is a body,
    /// which is JSON whatever it is called.
    #[must_use]
    pub fn content_type(self, content_type: HeaderValue) -> Self {
        self.header(CONTENT_TYPE, content_type)
    }

    /// Any other header, in place of one of the same name.
    ///
    /// Headers of the connection, of the body's framing and of the signature are not the caller's to set: the call
    /// fails with [`ReservedHeader`](InvalidRequest::ReservedHeader), which lists them, and nothing is sent.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// The whole call is bounded by a layer above, which asks `progress` at the deadline.
    pub(crate) fn bounded_above(mut self, progress: Progress, deadline: Option<Instant>) -> Self {
        self.progress = Some(progress);
        self.deadline = deadline;
        self
    }

    /// The same, of a call that begins at `start`: the layers below know when it is given up.
    pub(crate) fn with_deadline(mut self, start: Instant) -> Self {
        self.deadline = self.deadline_from(start);
        self
    }

    /// When the call is given up, for all that is known, if it began at `start`.
    pub(crate) fn deadline_from(&self, start: Instant) -> Option<Instant> {
        self.deadline
            .or_else(|| self.timeout.and_then(|timeout| start.checked_add(timeout)))
    }

    /// These settings, and where they say nothing the others'.
    fn or(self, other: Self) -> Self {
        let mut headers = other.headers;
        // One value a name, as `header` replaces.
        headers.extend(self.headers);
        Self {
            timeout: self.timeout.or(other.timeout),
            attempt_timeout: self.attempt_timeout.or(other.attempt_timeout),
            headers,
            progress: self.progress.or(other.progress),
            deadline: self.deadline.or(other.deadline),
        }
    }
}

impl fmt::Debug for CallOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A header's value may be a secret.
        let headers: Vec<_> = self.headers.keys().collect();
        f.debug_struct("CallOptions")
            .field("timeout", &self.timeout)
            .field("attempt_timeout", &self.attempt_timeout)
            .field("headers", &headers)
            .finish_non_exhaustive()
    }
}

/// An operation with settings of its own. Made by [`Operation::with`].
#[derive(Clone, Debug)]
pub struct WithOptions<Op> {
    operation: Op,
    options: CallOptions,
}

impl<Op> WithOptions<Op> {
    pub(crate) fn new(operation: Op, options: CallOptions) -> Self {
        Self { operation, options }
    }
}

impl<Op: Operation> Operation for WithOptions<Op> {
    type Output = Op::Output;

    fn name(&self) -> &'static str {
        self.operation.name()
    }

    fn request(&self) -> Result<ApiRequest, InvalidRequest> {
        let headers = self.options.headers.iter();
        let request = self.operation.request()?;
        Ok(headers.fold(request, |request, (name, value)| {
            request.header(name.clone(), value.clone())
        }))
    }

    fn decode(&self, body: &[u8]) -> Result<Self::Output, DecodeError> {
        self.operation.decode(body)
    }

    fn repeat(&self) -> Repeat {
        self.operation.repeat()
    }

    fn secret_of(&self) -> Option<&UserId> {
        self.operation.secret_of()
    }

    fn secret(&self, output: &Self::Output) -> Option<UserCredentials> {
        self.operation.secret(output)
    }

    fn reveals_secret(&self) -> bool {
        self.operation.reveals_secret()
    }

    fn options(&self) -> CallOptions {
        self.options.clone().or(self.operation.options())
    }
}
