//! The rule, without tower.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, Uri};

use super::query::QueryStamp;
use super::rejection::Rejection;
use super::verified::{Verified, VerifiedHead};
use crate::clock::{Clock, SystemClock, UnixTime};
use crate::credentials::Credentials;
use crate::signature::{SIGNATURE, Signature};
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
    ///
    /// Within it, a signature can be used [again](crate::verify#the-same-request-again).
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

    /// Checks a request: its URI as it was received, its headers, its whole body.
    ///
    /// # Errors
    ///
    /// [`Rejection`], which knows how to answer.
    pub fn verify(
        &self,
        uri: &Uri,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<Verified, Rejection> {
        self.verify_head(uri, headers)?.verify_body(uri, body)
    }

    /// Checks all that can be checked before the body is here.
    pub(super) fn verify_head(
        &self,
        uri: &Uri,
        headers: &HeaderMap,
    ) -> Result<VerifiedHead, Rejection> {
        let stamp = QueryStamp::read(uri.query().unwrap_or_default());
        let mut signatures = headers.get_all(SIGNATURE).iter();
        let (Some((client_id, timestamp)), Some(signature)) = (stamp.values(), signatures.next())
        else {
            return Err(Rejection::NotAuthenticated);
        };
        if stamp.is_ambiguous || signatures.next().is_some() {
            return Err(Rejection::Ambiguous);
        }
        let Some(signer) = self.signers.look_up(&client_id) else {
            return Err(Rejection::UnknownClient(client_id.into_owned()));
        };
        let timestamp = self.in_time(&timestamp).ok_or(Rejection::Unverified)?;
        let signature = Signature::decode(signature.as_bytes()).ok_or(Rejection::Unverified)?;
        Ok(VerifiedHead {
            signer,
            timestamp,
            signature,
        })
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
