//! Throughput by body size, beside the peers.

use std::fmt::Write as _;

use bytes::Bytes;
use http_body_util::Full;

use super::{Report, plot};
use crate::corpus::{self, Shape};
use crate::limit::Midstates;
use crate::peers::{AwsSigV4, Plain};
use crate::rounds::{Measured, Rounds};
use crate::service::{Bare, call, signed};

const SIZES: [usize; 7] = [100, 400, 1_600, 6_400, 25_600, 102_400, 409_600];

const ROUNDS: usize = 41;

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
pub(super) fn pass(report: &mut Report) {
    for size in SIZES {
        report.add(&question(size), &CURVES[..1], measure(size));
    }
}

/// What the report calls the measurements of one size.
fn question(size: usize) -> String {
    format!("throughput at {size} bytes")
}

/// The curves of what was measured.
#[must_use]
pub fn curves(report: &Report) -> Vec<Curve> {
    let point = |size: usize, name| {
        let bytes = corpus::sized("unsorted", Shape::Unsorted, size).body.len() as f64;
        (
            bytes,
            1_000.0 * bytes / report.get(&question(size)).nanos(name),
        )
    };
    let curve = |name| Curve {
        name,
        points: SIZES.map(|size| point(size, name)).into(),
    };
    CURVES.map(curve).into()
}

fn measure(size: usize) -> Measured {
    let canonical = corpus::sized("canonical", Shape::Canonical, size);
    let unsorted = corpus::sized("unsorted", Shape::Unsorted, size);
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
    rounds.run(ROUNDS)
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
