//! A server that writes down when each request reached it.

use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use http::{Request, Response};
use snaptrade_signing::BoxError;
use tokio::time::{Instant, sleep};
use tower::Service;

/// What SnapTrade counts in.
pub(crate) const MINUTE: Duration = Duration::from_secs(60);

/// How long a request is on its way there and back, as an extension of it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Journey {
    pub(crate) there: Duration,
    pub(crate) back: Duration,
}

/// Which one it is, as an extension of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Number(pub(crate) usize);

#[derive(Clone, Debug, Default)]
pub(crate) struct Server {
    arrivals: Arc<Mutex<Vec<(Instant, usize)>>>,
}

impl Server {
    pub(crate) fn arrivals(&self) -> Vec<Instant> {
        self.arrivals
            .lock()
            .unwrap()
            .iter()
            .map(|&(at, _)| at)
            .collect()
    }

    pub(crate) fn numbers(&self) -> Vec<usize> {
        let arrivals = self.arrivals.lock().unwrap();
        arrivals.iter().map(|&(_, number)| number).collect()
    }

    /// The most requests in any trailing minute, both its ends included.
    pub(crate) fn most_in_a_minute(&self) -> usize {
        self.most_within(MINUTE)
    }

    /// The most requests in any trailing minute that does not include its own beginning, which is the milder count.
    pub(crate) fn most_in_under_a_minute(&self) -> usize {
        self.most_within(MINUTE - Duration::from_nanos(1))
    }

    fn most_within(&self, span: Duration) -> usize {
        let arrivals = self.arrivals();
        let mut first = 0;
        let counts = arrivals.iter().enumerate().map(|(last, &at)| {
            while at - arrivals[first] > span {
                first += 1;
            }
            last - first + 1
        });
        counts.max().unwrap_or(0)
    }
}

pub(crate) fn request(number: usize, journey: Journey) -> Request<()> {
    let mut request = Request::new(());
    request.extensions_mut().insert(Number(number));
    request.extensions_mut().insert(journey);
    request
}

impl Service<Request<()>> for Server {
    type Response = Response<()>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Response<()>, BoxError>> + Send>>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<()>) -> Self::Future {
        let server = self.clone();
        Box::pin(async move {
            let Journey { there, back } = *request.extensions().get().unwrap();
            let Number(number) = *request.extensions().get().unwrap();
            if !there.is_zero() {
                sleep(there).await;
            }
            server
                .arrivals
                .lock()
                .unwrap()
                .push((Instant::now(), number));
            if !back.is_zero() {
                sleep(back).await;
            }
            Ok(Response::new(()))
        })
    }
}
