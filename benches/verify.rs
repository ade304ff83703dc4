//! What does the server's side cost? The verifier, and its layer over a service that does nothing.

#![allow(clippy::expect_used, reason = "a bench fails by panicking")]

use benches::service::{Bare, call, clock};
use benches::{corpus, settings};
use bytes::Bytes;
use criterion::{Criterion, criterion_group, criterion_main};
use http::StatusCode;
use http_body_util::Full;
use snaptrade_signing::{Verifier, VerifyRequestLayer};
use tower_layer::Layer;

fn verify(c: &mut Criterion) {
    let verifier = Verifier::new(corpus::credentials()).clock(clock());
    for case in corpus::reported() {
        let mut request = case.requests().make::<Full<Bytes>>();
        let stamp = corpus::signer()
            .stamp(
                request.uri().path_and_query().expect("it has a path"),
                &case.body,
                snaptrade_signing::Clock::now(&clock()),
            )
            .expect("it signs");
        stamp.apply(&mut request).expect("it has a path");

        let mut group = c.benchmark_group(format!("verify/{}", case.name));
        group.bench_function("verifier", |b| {
            b.iter(|| verifier.verify(request.uri(), request.headers(), &case.body));
        });
        let mut service = VerifyRequestLayer::new(verifier.clone()).layer(Bare);
        assert_eq!(call(&mut service, request.clone()).status(), StatusCode::OK);
        group.bench_function("layer", |b| {
            b.iter(|| call(&mut service, request.clone()));
        });
        group.finish();
    }
}

criterion_group! { name = benches; config = settings(); targets = verify }
criterion_main!(benches);
