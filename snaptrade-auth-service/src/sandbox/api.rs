//! The service behind the verifier: counts the request, and asks its handler.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use snaptrade_signing::{Verified, verify::Rejection};
use tokio::time::Instant;
use tower::Service;

use super::answer::{ACCOUNT_LIMIT, Answer, CLIENT_LIMIT, insert_allow};
use super::body::SandboxBody;
use super::route::Found;
use super::routes::{self, Call};
use super::state::Shared;

/// What a verified request is answered.
#[derive(Clone, Debug)]
pub(super) struct Api {
    shared: Arc<Shared>,
}

/// In a request's extensions: what was found out before it was verified.
#[derive(Clone, Debug)]
pub(super) struct Received {
    pub(super) number: u64,
    pub(super) found: Found,
    pub(super) body: Bytes,
}

impl Api {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    fn answer(&self, request: &Request<Full<Bytes>>) -> Response<SandboxBody> {
        let extensions = request.extensions();
        let (Some(verified), Some(received)) =
            (extensions.get::<Verified>(), extensions.get::<Received>())
        else {
            return Rejection::NotAuthenticated.into_response();
        };
        let client_id = verified.client_id().as_str();
        let Found { route, account_id } = &received.found;
        let now = Instant::now();
        let mut state = self.shared.state();

        let standing = state.admit(client_id, now);
        let account_standing = account_id
            .as_ref()
            .filter(|_| standing.admitted && self.shared.is_personal(client_id))
            .map(|account_id| state.admit_account(client_id, account_id, now));
        let refusal = [Some(standing), account_standing]
            .into_iter()
            .flatten()
            .find(|standing| !standing.admitted);

        let answer = if let Some(refusal) = refusal {
            Answer::throttled(refusal.reset_secs)
        } else if request.method() != route.method() {
            Answer::method_not_allowed(request.method())
        } else {
            let mut call = Call {
                shared: &self.shared,
                state: &mut state,
                client_id,
                query: request.uri().query().unwrap_or_default(),
                body: &received.body,
                account_id: account_id.as_deref(),
                now,
            };
            match routes::answer(*route, &mut call) {
                Ok(answer) => {
                    self.shared.log.commit(received.number, *route);
                    answer
                }
                Err(refusal) => refusal,
            }
        };
        drop(state);

        let mut response = answer.into_response();
        let headers = response.headers_mut();
        insert_allow(headers, &route.method());
        CLIENT_LIMIT.insert(headers, standing);
        if let Some(standing) = account_standing {
            ACCOUNT_LIMIT.insert(headers, standing);
        }
        response
    }
}

impl Service<Request<Full<Bytes>>> for Api {
    type Response = Response<SandboxBody>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Full<Bytes>>) -> Self::Future {
        ready(Ok(self.answer(&request)))
    }
}
