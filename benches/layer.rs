//! What does the layer add to a call? Bare against signed, by the type of the body.

use axum::body::Body;
use benches::service::{Bare, call, signed};
use benches::{corpus, settings};
use bytes::Bytes;
use criterion::{Criterion, criterion_group, criterion_main};
use http_body_util::Full;

fn layer(c: &mut Criterion) {
    for case in corpus::reported() {
        let mut group = c.benchmark_group(format!("layer/{}", case.name));
        let requests = case.requests();
        let mut service = signed();
        group.bench_function("Full, bare", |b| {
            b.iter(|| call(&mut Bare, requests.make::<Full<Bytes>>()));
        });
        group.bench_function("Full, signed", |b| {
            b.iter(|| call(&mut service, requests.make::<Full<Bytes>>()));
        });
        group.bench_function("axum, bare", |b| {
            b.iter(|| call(&mut Bare, requests.make::<Body>()));
        });
        group.bench_function("axum, signed", |b| {
            b.iter(|| call(&mut service, requests.make::<Body>()));
        });
        group.finish();
    }
}

criterion_group! { name = benches; config = settings(); targets = layer }
criterion_main!(benches);
