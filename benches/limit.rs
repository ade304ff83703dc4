//! What is the least that a signature can cost? The hash alone, over texts of growing length.
//!
//! `midstates` is H, what everything else is held against; `clone` is the same from a clone of a keyed `Hmac`;
//! `key set up` is what a signer pays that keeps its key as text.

use benches::limit::{Midstates, from_clone, keyed};
use benches::{corpus, settings};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

fn limit(c: &mut Criterion) {
    let mut group = c.benchmark_group("limit");
    let (midstates, hmac) = (
        Midstates::new(corpus::CONSUMER_KEY),
        keyed(corpus::CONSUMER_KEY),
    );
    for len in [100, 274, 1 << 10, 4 << 10, 64 << 10] {
        let text = vec![b'x'; len];
        group.throughput(Throughput::Bytes(len as u64));
        group.bench_with_input(BenchmarkId::new("midstates", len), &text, |b, text| {
            b.iter(|| midstates.mac(text));
        });
        group.bench_with_input(BenchmarkId::new("clone", len), &text, |b, text| {
            b.iter(|| from_clone(&hmac, text));
        });
        group.bench_with_input(BenchmarkId::new("key set up", len), &text, |b, text| {
            b.iter(|| from_clone(&keyed(corpus::CONSUMER_KEY), text));
        });
    }
    group.finish();
}

criterion_group! { name = benches; config = settings(); targets = limit }
criterion_main!(benches);
