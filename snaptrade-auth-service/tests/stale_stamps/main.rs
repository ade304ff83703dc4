//! A wrong clock and a new key, against the sandbox: nothing that could pass fails.

#![cfg(feature = "sandbox")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

#[cfg(feature = "client")]
mod both;
mod rotation;
mod skew;

use std::future::{Ready, ready};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use snaptrade_auth_service::retry::StaleStamp;
use snaptrade_signing::BoxError;
use tower::retry::Policy;

/// Sends a request once more if its stamp was stale, and for no other reason.
#[derive(Clone, Default)]
pub(crate) struct Once {
    pub(crate) again: bool,
}

impl<R> Policy<Request<Full<Bytes>>, Response<R>, BoxError> for Once {
    type Future = Ready<()>;

    fn retry(
        &mut self,
        _: &mut Request<Full<Bytes>>,
        answer: &mut Result<Response<R>, BoxError>,
    ) -> Option<Self::Future> {
        let stale = answer.as_ref().unwrap().extensions().get::<StaleStamp>();
        let first = !std::mem::replace(&mut self.again, true);
        (stale.is_some() && first).then(|| ready(()))
    }

    fn clone_request(&mut self, request: &Request<Full<Bytes>>) -> Option<Request<Full<Bytes>>> {
        Some(request.clone())
    }
}

pub(crate) fn list_users() -> Request<Full<Bytes>> {
    Request::get("https://api.snaptrade.com/snapTrade/listUsers")
        .body(Full::default())
        .unwrap()
}
