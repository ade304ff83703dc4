//! What several tests share: credentials, bodies that stream, and requests.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::panic,
    reason = "each test uses its part, and fails by panicking"
)]

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{HeaderMap, Request, Uri};
use http_body::{Body, Frame, SizeHint};
use http_body_util::channel::{Channel, Sender};
use http_body_util::{BodyExt, Full};
use snaptrade_signing::clock::{ManualClock, UnixTime};
use snaptrade_signing::{BoxError, Credentials, SIGNATURE, SignError, SignRequestLayer, Signer};

/// The time that requests are stamped with.
pub(crate) const NOW: u64 = 1_635_790_389;

pub(crate) fn credentials() -> Credentials {
    Credentials::new("ACME", "mykey").unwrap()
}

pub(crate) fn clock() -> ManualClock {
    ManualClock::new(UnixTime::from_secs(NOW))
}

/// Signs for everyone, at [`NOW`].
pub(crate) fn layer() -> SignRequestLayer {
    SignRequestLayer::new(credentials()).clock(clock())
}

/// A body in memory, one that comes piece by piece, or one that must not be read.
#[derive(Debug)]
pub(crate) enum TestBody {
    Whole(Full<Bytes>),
    Streamed(Channel<Bytes, BoxError>),
    /// So many bytes are announced.
    Untouchable(u64),
}

pub(crate) type BodySender = Sender<Bytes, BoxError>;

impl TestBody {
    pub(crate) fn streamed() -> (BodySender, Self) {
        let (sender, body) = Channel::new(16);
        (sender, Self::Streamed(body))
    }
}

impl From<Bytes> for TestBody {
    fn from(bytes: Bytes) -> Self {
        Self::Whole(Full::new(bytes))
    }
}

impl From<&'static str> for TestBody {
    fn from(text: &'static str) -> Self {
        Bytes::from_static(text.as_bytes()).into()
    }
}

impl Body for TestBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match self.get_mut() {
            Self::Whole(body) => Pin::new(body)
                .poll_frame(cx)
                .map_err(|never| match never {}),
            Self::Streamed(body) => Pin::new(body).poll_frame(cx),
            Self::Untouchable(_) => panic!("the body was read"),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(body) => body.is_end_stream(),
            Self::Streamed(body) => body.is_end_stream(),
            Self::Untouchable(_) => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(body) => body.size_hint(),
            Self::Streamed(body) => body.size_hint(),
            Self::Untouchable(len) => SizeHint::with_exact(*len),
        }
    }
}

pub(crate) fn post<B>(body: impl Into<B>) -> Request<B> {
    Request::post("https://api.snaptrade.com/snapTrade/registerUser")
        .body(body.into())
        .unwrap()
}

/// All bytes of a body that does not have to be waited for.
pub(crate) async fn bytes<B: Body<Error: std::fmt::Debug>>(body: B) -> Bytes {
    body.collect().await.unwrap().to_bytes()
}

/// The signature that a request should have, as its own URI and `body` say.
pub(crate) fn signature_of(uri: &Uri, body: &[u8]) -> String {
    let signature = Signer::new(credentials()).sign(uri.path(), uri.query().unwrap(), body);
    signature.unwrap().expose().to_owned()
}

/// Headers with this signature; none if no header can hold it.
pub(crate) fn signature_header(signature: &str) -> Option<HeaderMap> {
    let value = signature.parse().ok()?;
    Some(HeaderMap::from_iter([(SIGNATURE, value)]))
}

/// Why a request was not signed.
pub(crate) fn refusal(error: &BoxError) -> &SignError {
    error
        .downcast_ref()
        .unwrap_or_else(|| panic!("not refused by the layer: {error}"))
}
