//! What does a call cost when no two are alike? A bench that repeats one body keeps caches and predictors warm.

use benches::service::{Bare, call, signed};
use benches::{corpus, settings};
use bytes::Bytes;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use http_body_util::Full;

fn varying(c: &mut Criterion) {
    let cases = corpus::varying();
    let requests: Vec<_> = cases.iter().map(corpus::Case::requests).collect();
    let queries: Vec<_> = cases.iter().map(corpus::Case::stamped_query).collect();
    let signer = corpus::signer();
    let mut service = signed();
    let mut group = c.benchmark_group("varying");
    group.throughput(Throughput::Elements(1));
    let mut turn = (0..cases.len()).cycle();
    let mut next = move || turn.next().unwrap_or_default();
    group.bench_function("signature", |b| {
        b.iter(|| {
            let at = next();
            signer.sign(&cases[at].path, &queries[at], &cases[at].body)
        });
    });
    group.bench_function("bare", |b| {
        b.iter(|| call(&mut Bare, requests[next()].make::<Full<Bytes>>()));
    });
    group.bench_function("signed", |b| {
        b.iter(|| call(&mut service, requests[next()].make::<Full<Bytes>>()));
    });
    group.finish();
}

criterion_group! { name = benches; config = settings(); targets = varying }
criterion_main!(benches);
