//! Gate: what a signed call allocates, exactly.
//!
//! Counted by the allocator itself, after a few calls to warm up, less what the same call allocates unsigned.

#![allow(clippy::expect_used, reason = "a gate fails by panicking")]

use std::process::ExitCode;

use allocation_counter::measure;
use axum::body::Body;
use benches::corpus::{self, Case};
use benches::service::{Bare, call, signed};
use bytes::Bytes;
use http_body_util::Full;

/// With `Full<Bytes>`: the path and query, and the header's value.
const LAYER: u64 = 2;

/// With axum's body one more: the box that the body is put back into.
const LAYER_AXUM: u64 = 3;

/// The signature is returned in place.
const SIGNER: u64 = 0;

fn main() -> ExitCode {
    let mut failed = false;
    println!(
        "| allocations a call | Signer::sign | layer, Full | layer, axum |\n|---|---|---|---|"
    );
    for case in corpus::reported().into_iter().chain(corpus::operations()) {
        let empty = case.body.is_empty();
        let expected = [SIGNER, LAYER, if empty { LAYER } else { LAYER_AXUM }];
        let counted = [
            sign(&case),
            layer::<Full<Bytes>>(&case),
            layer::<Body>(&case),
        ];
        let [signer, full, axum] = counted;
        println!("| {} | {signer} | {full} | {axum} |", case.name);
        if counted != expected {
            eprintln!("{}: {counted:?} allocations, not {expected:?}", case.name);
            failed = true;
        }
    }
    ExitCode::from(u8::from(failed))
}

fn sign(case: &Case) -> u64 {
    let (signer, query) = (corpus::signer(), case.stamped_query());
    steady(|| {
        let signature = signer.sign(&case.path, &query, &case.body);
        assert!(signature.is_ok(), "the corpus is JSON");
    })
}

/// What the layer adds.
fn layer<B>(case: &Case) -> u64
where
    B: http_body::Body + From<Bytes> + Unpin,
    B::Error: Into<snaptrade_signing::BoxError>,
{
    let requests = case.requests();
    let mut service = signed();
    let with = steady(|| drop(call(&mut service, requests.make::<B>())));
    let without = steady(|| drop(call(&mut Bare, requests.make::<B>())));
    with - without
}

/// Allocations of one call, once buffers have grown.
fn steady(mut call: impl FnMut()) -> u64 {
    for _ in 0..4 {
        call();
    }
    measure(call).count_total
}
