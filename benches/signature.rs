//! What does a whole signature cost, from path, query and body to base64?

use benches::{corpus, settings};
use criterion::{Criterion, criterion_group, criterion_main};

fn signature(c: &mut Criterion) {
    let signer = corpus::signer();
    let mut group = c.benchmark_group("signature");
    for case in corpus::reported().into_iter().chain(corpus::operations()) {
        let query = case.stamped_query();
        group.bench_function(&case.name, |b| {
            b.iter(|| signer.sign(&case.path, &query, &case.body));
        });
    }
    group.finish();
}

criterion_group! { name = benches; config = settings(); targets = signature }
criterion_main!(benches);
