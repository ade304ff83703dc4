//! What does a body cost that comes in chunks? It is collected before it is signed.

#![allow(clippy::expect_used, reason = "a bench fails by panicking")]

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use benches::corpus::{self, Shape};
use benches::service::{Bare, call, signed};
use benches::settings;
use bytes::Bytes;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use http::Request;
use http_body::{Body, Frame};

const CHUNK: usize = 8 << 10;

/// A body in chunks. Each is announced by a wake-up first, if it `waits`.
struct Chunks {
    chunks: VecDeque<Bytes>,
    waits: bool,
    announced: bool,
}

impl Chunks {
    fn new(body: &Bytes, waits: bool) -> Self {
        let starts = (0..body.len()).step_by(CHUNK);
        Self {
            chunks: starts
                .map(|at| body.slice(at..body.len().min(at + CHUNK)))
                .collect(),
            waits,
            announced: false,
        }
    }
}

impl From<Bytes> for Chunks {
    fn from(body: Bytes) -> Self {
        Self::new(&body, false)
    }
}

impl Body for Chunks {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.waits && !self.announced {
            self.announced = true;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.announced = false;
        Poll::Ready(self.chunks.pop_front().map(|chunk| Ok(Frame::data(chunk))))
    }
}

fn streaming(c: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime starts");
    let mut group = c.benchmark_group("streaming");
    for size in [4 << 10, 64 << 10, 512 << 10] {
        let case = corpus::sized("streamed", Shape::Canonical, size);
        let mut service = signed();
        let request = |waits| {
            let mut request = case.requests().make::<Chunks>();
            *request.body_mut() = Chunks::new(&case.body, waits);
            request
        };
        group.throughput(Throughput::Bytes(case.body.len() as u64));
        group.bench_function(BenchmarkId::new("bare", size), |b| {
            b.iter(|| call(&mut Bare, request(false)));
        });
        group.bench_function(BenchmarkId::new("in memory", size), |b| {
            b.iter(|| call(&mut service, request(false)));
        });
        group.bench_function(BenchmarkId::new("chunks that wait", size), |b| {
            b.iter(|| {
                let future =
                    tower_service::Service::<Request<_>>::call(&mut service, request(true));
                runtime.block_on(future).expect("it is signed")
            });
        });
    }
    group.finish();
}

criterion_group! { name = benches; config = settings(); targets = streaming }
criterion_main!(benches);
