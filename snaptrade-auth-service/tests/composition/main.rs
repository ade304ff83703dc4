//! `AuthService` among tower's own layers: above it, where a request is an operation, and below it, where it is HTTP.
#![cfg(feature = "sandbox")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod above;
mod below;
mod clients;
mod readiness;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use snaptrade_auth_service::sandbox::Sandbox;
use snaptrade_auth_service::{AuthService, Authentication, Error};
use snaptrade_signing::{BoxError, SignRequest, SignRequestLayer};
use tower::{Layer, Service, service_fn};

fn sign() -> SignRequestLayer {
    SignRequestLayer::new(Sandbox::credentials().unwrap())
}

fn snaptrade(sandbox: &Sandbox) -> AuthService<SignRequest<Sandbox>> {
    AuthService::new(sign().layer(sandbox.clone()))
}

/// That a stack has all six operations, and can be kept in the state of a server.
fn is_complete<E>(stack: impl Authentication<E> + Send + Sync + 'static) -> impl Authentication<E> {
    stack
}

/// The greatest number of calls that were under way at once.
#[derive(Clone, Default)]
struct Peak {
    now: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
}

impl Peak {
    fn enter(&self) {
        let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(now, Ordering::SeqCst);
    }

    fn leave(&self) {
        self.now.fetch_sub(1, Ordering::SeqCst);
    }

    fn most(&self) -> usize {
        self.most.load(Ordering::SeqCst)
    }
}

/// A server that takes a second for everything, and answers an empty list.
fn slow(
    peak: &Peak,
) -> impl Service<
    Request<Full<Bytes>>,
    Response = Response<Full<Bytes>>,
    Error = BoxError,
    Future: Send + 'static,
> + Clone
+ Send
+ Sync
+ 'static {
    let peak = peak.clone();
    service_fn(move |_| {
        let peak = peak.clone();
        async move {
            peak.enter();
            tokio::time::sleep(std::time::Duration::from_secs(1)).await;
            peak.leave();
            Ok(Response::new(Full::from("[]")))
        }
    })
}

/// From registration to deletion.
async fn a_life<E: Into<BoxError> + std::fmt::Debug>(snaptrade: &impl Authentication<E>) {
    let jane = snaptrade.register_user("jane").await.unwrap().into_body();
    snaptrade.login_user(&jane).await.unwrap();
    let renewed = snaptrade.reset_user_secret(&jane).await.unwrap();
    let refused: BoxError = snaptrade.login_user(&jane).await.unwrap_err().into();
    let kind = refused.downcast_ref::<Error>().unwrap().kind();
    assert_eq!(kind, snaptrade_auth_service::ErrorKind::BadUserCredentials);
    snaptrade.login_user(&renewed).await.unwrap();
    assert_eq!(snaptrade.list_users().await.unwrap().len(), 1);
    snaptrade.delete_user(jane.user_id).await.unwrap();
    assert!(snaptrade.list_users().await.unwrap().is_empty());
}
