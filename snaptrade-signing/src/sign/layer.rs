//! The layer and its settings.

use std::fmt;
use std::sync::Arc;

use http::uri::Authority;
use http::{HeaderMap, Request, Uri};
use tower_layer::Layer;

use super::authority::Authorities;
use super::service::SignRequest;
use crate::clock::{Clock, SystemClock};
use crate::credentials::Credentials;
use crate::error::SignError;
use crate::provide::{ProvideSigner, SignWith};
use crate::signer::Signer;

/// The longest body that is collected unless set otherwise: 1 MiB.
const DEFAULT_MAX_BODY_BYTES: usize = 1 << 20;

/// Signs the requests of an HTTP client. See the [module](crate::sign).
///
/// Clones share the settings.
#[derive(Clone, Debug)]
pub struct SignRequestLayer {
    config: Arc<Config>,
}

#[derive(Clone)]
pub(super) struct Config {
    source: Source,
    clock: Arc<dyn Clock>,
    pub(super) max_body_bytes: usize,
    authorities: Option<Authorities>,
}

#[derive(Clone)]
enum Source {
    /// Borrowed for each request, so that threads do not contend for its count.
    Fixed(Arc<Signer>),
    Provider(Arc<dyn ProvideSigner>),
}

impl SignRequestLayer {
    /// Signs as `credentials` say.
    #[must_use]
    pub fn new(credentials: Credentials) -> Self {
        Self::from(Arc::new(Signer::new(credentials)))
    }

    /// Asks for the signer at each request, so that keys can be [rotated](crate::Rotating).
    #[must_use]
    pub fn with_provider(provider: impl ProvideSigner) -> Self {
        Self::with_source(Source::Provider(Arc::new(provider)))
    }

    fn with_source(source: Source) -> Self {
        Self {
            config: Arc::new(Config {
                source,
                clock: Arc::new(SystemClock),
                max_body_bytes: DEFAULT_MAX_BODY_BYTES,
                authorities: None,
            }),
        }
    }

    /// Where the timestamp comes from. The default is [`SystemClock`].
    #[must_use]
    pub fn clock(mut self, clock: impl Clock) -> Self {
        Arc::make_mut(&mut self.config).clock = Arc::new(clock);
        self
    }

    /// The longest body that is signed, in bytes; a longer one is refused with
    /// [`SignError::BodyTooLarge`], and nothing is sent. The default is 1 MiB.
    #[must_use]
    pub fn max_body_bytes(mut self, limit: usize) -> Self {
        Arc::make_mut(&mut self.config).max_body_bytes = limit;
        self
    }

    /// Signs for these hosts alone; without it, for every host.
    ///
    /// A client that is shared with other APIs, or that follows redirects above this layer, then never signs for
    /// a stranger: such a request passes on unsigned, with any stamp taken off.
    ///
    /// | a request to | is signed if |
    /// |---|---|
    /// | `https://…` | the host and port, 443 if there is none, are in the list |
    /// | `http://…` | the same, but 80 if there is none, and never for 443: list `localhost:8080` to allow plain HTTP |
    /// | another scheme, such as `ws://…` | never |
    /// | a path alone, with one `Host` header | the header is in the list; 443 if it has no port |
    /// | an authority with a userinfo, or a port that is no number | never |
    ///
    /// An entry of the list without a port means 443, so that a downgrade to plain HTTP is a stranger too. An entry
    /// with a userinfo or with a port that is no number matches nothing.
    ///
    /// A path alone does not say where it goes, nor over TLS: that is safe if whoever opened the connection opened it
    /// to the host of the `Host` header, with TLS (`hyper::client::conn` leaves both to you). Otherwise, send
    /// absolute URIs.
    ///
    /// ```
    /// use http::uri::Authority;
    /// use snaptrade_signing::{Credentials, SignRequestLayer};
    ///
    /// let layer = SignRequestLayer::new(Credentials::new("ACME", "mykey")?)
    ///     .only_authorities([Authority::from_static("api.snaptrade.com")]);
    /// # Ok::<(), snaptrade_signing::CredentialsError>(())
    /// ```
    #[must_use]
    pub fn only_authorities(mut self, authorities: impl IntoIterator<Item = Authority>) -> Self {
        Arc::make_mut(&mut self.config).authorities = Some(Authorities::new(authorities));
        self
    }
}

/// A layer for a signer that was made before, with its own escaping say.
impl From<Arc<Signer>> for SignRequestLayer {
    fn from(signer: Arc<Signer>) -> Self {
        Self::with_source(Source::Fixed(signer))
    }
}

impl<S> Layer<S> for SignRequestLayer {
    type Service = SignRequest<S>;

    fn layer(&self, inner: S) -> SignRequest<S> {
        SignRequest::new(inner, self.config.clone())
    }
}

impl Config {
    /// Whether requests to this URI are signed.
    #[inline]
    pub(super) fn signs_for(&self, uri: &Uri, headers: &HeaderMap) -> bool {
        match &self.authorities {
            None => true,
            Some(authorities) => authorities.contain(uri, headers),
        }
    }

    /// Reads the clock and stamps a request whose body is `body`.
    #[inline]
    pub(super) fn stamp<B>(&self, request: &mut Request<B>, body: &[u8]) -> Result<(), SignError> {
        let now = self.clock.now();
        if let Some(SignWith(signer)) = request.extensions().get() {
            let signer = signer.clone();
            return signer.stamp_request(request, body, now);
        }
        match &self.source {
            Source::Fixed(signer) => signer.stamp_request(request, body, now),
            Source::Provider(provider) => provider.signer().stamp_request(request, body, now),
        }
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Config");
        if let Source::Fixed(signer) = &self.source {
            debug.field("signer", signer);
        }
        debug
            .field("max_body_bytes", &self.max_body_bytes)
            .field("authorities", &self.authorities)
            .finish_non_exhaustive()
    }
}
