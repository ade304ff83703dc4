//! Can a body be slow out of proportion? The worst that are known, at growing sizes: time may grow as n log n does.

#![allow(clippy::expect_used, reason = "a bench fails by panicking")]

use benches::{adversary, corpus, settings};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

fn adversarial(c: &mut Criterion) {
    let signer = corpus::signer();
    for (name, make) in adversary::ALL {
        let mut group = c.benchmark_group(format!("adversarial/{name}"));
        group.sample_size(10);
        for n in [1_000, 10_000, 100_000] {
            let body = make(n);
            group.throughput(Throughput::Bytes(body.len() as u64));
            group.bench_with_input(BenchmarkId::from_parameter(n), &body, |b, body| {
                b.iter(|| {
                    signer
                        .sign("/", "a=b", body.as_bytes())
                        .expect("it is JSON")
                });
            });
        }
        group.finish();
    }
}

criterion_group! { name = benches; config = settings(); targets = adversarial }
criterion_main!(benches);
