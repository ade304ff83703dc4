//! The rule, without tower.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::Uri;
use percent_encoding::percent_decode_str;

use super::rejection::Rejection;
use crate::clock::{Clock, SystemClock, UnixTime};
use crate::credentials::{ClientId, Credentials};
use crate::signer::Signer;

/// How far a timestamp may be from the server's clock unless set otherwise. No source states SnapTrade's own.
const DEFAULT_TOLERANCE: Duration = Duration::from_secs(300);

/// Finds the signer of a client id; none if the id is unknown.
///
/// Credentials find themselves; a closure or a type of your own finds many.
pub trait LookUpSigner: Send + Sync + 'static {
    /// The signer that has this client's key.
    fn look_up(&self, client_id: &str) -> Option<Arc<Signer>>;
}

impl<F: Fn(&str) -> Option<Arc<Signer>> + Send + Sync + 'static> LookUpSigner for F {
    fn look_up(&self, client_id: &str) -> Option<Arc<Signer>> {
        self(client_id)
    }
}

impl LookUpSigner for Arc<Signer> {
    fn look_up(&self, client_id: &str) -> Option<Arc<Signer>> {
        (self.client_id().as_str() == client_id).then(|| self.clone())
    }
}

/// Tells whether a request is signed as it should be.
#[derive(Clone)]
pub struct Verifier {
    signers: Arc<dyn LookUpSigner>,
    clock: Arc<dyn Clock>,
    tolerance: Duration,
}

/// Who signed a request, and when: in the extensions of one that passed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    client_id: ClientId,
    timestamp: UnixTime,
}

impl Verified {
    /// Whose key signed it.
    #[must_use]
    pub fn client_id(&self) -> &ClientId {
        &self.client_id
    }

    /// The request's timestamp.
    #[must_use]
    pub fn timestamp(&self) -> UnixTime {
        self.timestamp
    }
}

impl Verifier {
    /// Accepts the requests of one client.
    #[must_use]
    pub fn new(credentials: Credentials) -> Self {
        Self::with_lookup(Arc::new(Signer::new(credentials)))
    }

    /// Accepts the requests of all clients that `signers` finds.
    #[must_use]
    pub fn with_lookup(signers: impl LookUpSigner) -> Self {
        Self {
            signers: Arc::new(signers),
            clock: Arc::new(SystemClock),
            tolerance: DEFAULT_TOLERANCE,
        }
    }

    /// How far a timestamp may be from the clock, either way; whole seconds count. The default is 300 s.
    #[must_use]
    pub fn tolerance(mut self, tolerance: Duration) -> Self {
        self.tolerance = tolerance;
        self
    }

    /// The clock that timestamps are held against. The default is [`SystemClock`].
    #[must_use]
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Checks a request: its URI as it was received, its `Signature` header, its whole body.
    ///
    /// # Errors
    ///
    /// [`Rejection`], which knows how to answer.
    pub fn verify(
        &self,
        uri: &Uri,
        signature: Option<&[u8]>,
        body: &[u8],
    ) -> Result<Verified, Rejection> {
        let query = uri.query().unwrap_or_default();
        let client_id = last(query, "clientId");
        let timestamp = last(query, "timestamp");
        let (Some(client_id), Some(timestamp), Some(signature)) = (client_id, timestamp, signature)
        else {
            return Err(Rejection::NotAuthenticated);
        };
        let Some(signer) = self.signers.look_up(&client_id) else {
            return Err(Rejection::UnknownClient(client_id.into_owned()));
        };
        let genuine = signer
            .verify(uri.path(), query, body, signature)
            .map_err(|_| Rejection::InvalidBody)?;
        let timestamp = self.in_time(&timestamp);
        match timestamp {
            Some(timestamp) if genuine => Ok(Verified {
                client_id: signer.client_id().clone(),
                timestamp,
            }),
            _ => Err(Rejection::Unverified),
        }
    }

    fn in_time(&self, timestamp: &str) -> Option<UnixTime> {
        let digits = !timestamp.is_empty() && timestamp.bytes().all(|byte| byte.is_ascii_digit());
        let timestamp = UnixTime::from_secs(timestamp.parse().ok().filter(|_| digits)?);
        let apart = self.clock.now().abs_diff(timestamp);
        (apart <= self.tolerance.as_secs()).then_some(timestamp)
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier")
            .field("tolerance", &self.tolerance)
            .finish_non_exhaustive()
    }
}

/// The value of the last member of a query with this name, percent-decoded.
fn last<'a>(query: &'a str, name: &str) -> Option<Cow<'a, str>> {
    let mut members = query.split('&').rev();
    let value = members.find_map(|member| {
        let (raw, value) = member.split_once('=').unwrap_or((member, ""));
        (raw == name).then_some(value)
    })?;
    Some(decode(value))
}

/// Resolves `%XX` and `+`; what is no UTF-8 then becomes U+FFFD, which no client id has.
fn decode(value: &str) -> Cow<'_, str> {
    if !value.contains(['%', '+']) {
        return Cow::Borrowed(value);
    }
    let spaced = value.replace('+', " ");
    let decoded = percent_decode_str(&spaced).decode_utf8_lossy();
    Cow::Owned(decoded.into_owned())
}
