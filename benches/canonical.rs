//! What does the canonical text cost, by the body's shape and size?
//!
//! The signature less the hash: `verify` and `sign` share it, and `canonical::json` returns it.

use benches::corpus::{self, Shape};
use benches::settings;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

const SIZES: [usize; 5] = [0, 200, 4 << 10, 64 << 10, 1 << 20];

fn canonical(c: &mut Criterion) {
    let signer = corpus::signer();
    for shape in Shape::ALL {
        let mut group = c.benchmark_group(format!("canonical/{}", shape.name()));
        for size in SIZES {
            let case = corpus::sized(shape.name(), shape, size);
            let query = case.stamped_query();
            group.throughput(Throughput::Bytes(case.body.len() as u64));
            group.bench_with_input(BenchmarkId::from_parameter(size), &case, |b, case| {
                b.iter(|| signer.sign(&case.path, &query, &case.body));
            });
        }
        group.finish();
    }
}

criterion_group! { name = benches; config = settings(); targets = canonical }
criterion_main!(benches);
