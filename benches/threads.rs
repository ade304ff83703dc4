//! Do threads get in each other's way? The same layer, called from one thread, from two and from one a core.

use std::thread;
use std::time::{Duration, Instant};

use benches::service::{call, signed};
use benches::{corpus, settings};
use bytes::Bytes;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use http_body_util::Full;

fn threads(c: &mut Criterion) {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let mut counts = vec![1, 2, cores];
    counts.dedup();
    let case = corpus::small_unsorted();
    let mut group = c.benchmark_group("threads");
    for count in counts {
        // Calls a second of all threads together.
        group.throughput(Throughput::Elements(count as u64));
        group.bench_function(BenchmarkId::from_parameter(count), |b| {
            b.iter_custom(|calls| together(count, calls, &case));
        });
    }
    group.finish();
}

/// How long `count` threads take for `calls` calls each, through clones of one layer.
fn together(count: usize, calls: u64, case: &corpus::Case) -> Duration {
    let service = signed();
    let start = Instant::now();
    thread::scope(|scope| {
        for _ in 0..count {
            let mut service = service.clone();
            let requests = case.requests();
            scope.spawn(move || {
                for _ in 0..calls {
                    call(&mut service, requests.make::<Full<Bytes>>());
                }
            });
        }
    });
    start.elapsed()
}

criterion_group! { name = benches; config = settings(); targets = threads }
criterion_main!(benches);
