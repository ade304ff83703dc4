//! Throughput by body size, beside the peers.

use std::fmt::Write as _;

use bytes::Bytes;
use http_body_util::Full;

use super::plot;
use crate::corpus::{self, Case, Shape};
use crate::limit::Midstates;
use crate::peers::{AwsSigV4, Plain};
use crate::rounds::Rounds;
use crate::service::{Bare, call, signed};

const SIZES: [usize; 7] = [100, 400, 1_600, 6_400, 25_600, 102_400, 409_600];

const ROUNDS: usize = 31;

const CURVES: [&str; 5] = [
    "the hash alone (H)",
    "SignRequestLayer, canonical body",
    "SignRequestLayer, unsorted body",
    "aws-sigv4",
    "plain serde_json signer",
];

/// A name, and megabytes a second by body size.
#[derive(Debug)]
pub struct Curve {
    pub(super) name: &'static str,
    pub(super) points: Vec<(f64, f64)>,
}

/// Measures all curves: whole requests, made, signed and dropped.
#[must_use]
pub fn measure() -> Vec<Curve> {
    let mut curves = CURVES.map(|name| Curve {
        name,
        points: Vec::new(),
    });
    for size in SIZES {
        let canonical = corpus::sized("canonical", Shape::Canonical, size);
        let unsorted = corpus::sized("unsorted", Shape::Unsorted, size);
        let bytes = unsorted.body.len() as f64;
        for (curve, nanos) in curves.iter_mut().zip(nanos(&canonical, &unsorted)) {
            curve.points.push((bytes, 1_000.0 * bytes / nanos));
        }
    }
    curves.into()
}

fn nanos(canonical: &Case, unsorted: &Case) -> [f64; CURVES.len()] {
    let (h, aws) = (Midstates::new(corpus::CONSUMER_KEY), AwsSigV4::default());
    let text = canonical.canonical();
    let (sorted, requests) = (canonical.requests(), unsorted.requests());
    let (mut first, mut second) = (signed(), signed());
    let body = &unsorted.body;
    let mut rounds = Rounds::default();
    rounds.add(CURVES[0], || h.mac(text.as_bytes()));
    rounds.add(CURVES[1], || call(&mut first, sorted.make::<Full<Bytes>>()));
    rounds.add(CURVES[2], || {
        call(&mut second, requests.make::<Full<Bytes>>())
    });
    rounds.add(CURVES[3], || {
        call(&mut Bare, aws.sign(requests.make(), body))
    });
    rounds.add(CURVES[4], || {
        call(&mut Bare, Plain.sign(requests.make(), body))
    });
    let measured = rounds.run(ROUNDS);
    CURVES.map(|name| measured.nanos(name))
}

/// The curves as a table.
#[must_use]
pub fn render(curves: &[Curve]) -> String {
    let mut out = String::from(
        "## Throughput\n\nMegabytes of body a second, whole requests:\n\n| body, bytes |",
    );
    for curve in curves {
        let _ = write!(out, " {} |", curve.name);
    }
    out.push_str("\n|---|");
    out.push_str(&"---|".repeat(curves.len()));
    let rows = curves.first().map_or(0, |curve| curve.points.len());
    for row in 0..rows {
        let _ = write!(out, "\n| {} |", curves[0].points[row].0);
        for curve in curves {
            let _ = write!(out, " {:.0} |", curve.points[row].1);
        }
    }
    out.push_str("\n\n![Throughput by body size](throughput.svg)\n");
    out
}

/// The curves as a picture.
#[must_use]
pub fn plot(curves: &[Curve]) -> String {
    plot::svg(curves)
}
