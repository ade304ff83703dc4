//! What do others charge for signing a request? The same small request, whole, in one run.

use benches::peers::{AwsSigV4, HttpSig, Plain, Reqsign};
use benches::service::{Bare, call, signed};
use benches::{corpus, settings};
use bytes::Bytes;
use criterion::{Criterion, criterion_group, criterion_main};
use http_body_util::Full;

fn peers(c: &mut Criterion) {
    let (aws, reqsign, httpsig) = (AwsSigV4::default(), Reqsign::default(), HttpSig::default());
    for case in [corpus::get(), corpus::small_unsorted(), corpus::nested()] {
        let requests = case.requests();
        let body = &case.body;
        let mut service = signed();
        let mut group = c.benchmark_group(format!("peers/{}", case.name));
        group.bench_function("unsigned", |b| {
            b.iter(|| call(&mut Bare, requests.make::<Full<Bytes>>()));
        });
        group.bench_function("SignRequestLayer", |b| {
            b.iter(|| call(&mut service, requests.make::<Full<Bytes>>()));
        });
        group.bench_function("plain", |b| {
            b.iter(|| call(&mut Bare, Plain.sign(requests.make(), body)));
        });
        group.bench_function("aws-sigv4", |b| {
            b.iter(|| call(&mut Bare, aws.sign(requests.make(), body)));
        });
        group.bench_function("reqsign", |b| {
            b.iter(|| call(&mut Bare, reqsign.sign(requests.make())));
        });
        group.bench_function("httpsig", |b| {
            b.iter(|| call(&mut Bare, httpsig.sign(requests.make(), body)));
        });
        #[cfg(feature = "agpl-peers")]
        {
            let normalization = benches::peers::Normalization::default();
            group.bench_function("http-signature-normalization", |b| {
                b.iter(|| call(&mut Bare, normalization.sign(requests.make(), body)));
            });
        }
        group.finish();
    }
}

criterion_group! { name = benches; config = settings(); targets = peers }
criterion_main!(benches);
