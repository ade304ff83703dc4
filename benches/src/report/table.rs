//! The table: what is to be reached, and what was measured.

use std::fmt::Write as _;

use super::{Figures, peers};
use crate::rounds::median;

/// What a figure is held against.
struct Row {
    what: &'static str,
    figure: &'static str,
    unit: &'static str,
    reach: f64,
    first_bar: f64,
}

const fn row(
    what: &'static str,
    figure: &'static str,
    unit: &'static str,
    reach: f64,
    first_bar: f64,
) -> Row {
    Row {
        what,
        figure,
        unit,
        reach,
        first_bar,
    }
}

const ROWS: [Row; 11] = [
    row("signature, GET", "GET", " H", 1.2, 1.5),
    row(
        "signature, small body, keys sorted",
        "small, sorted",
        " H",
        1.3,
        1.6,
    ),
    row(
        "signature, small body, unsorted",
        "small, unsorted",
        " H",
        1.5,
        1.9,
    ),
    row(
        "signature, 3.4 KiB nested, unsorted",
        "3.4 KiB nested, unsorted",
        " H",
        2.0,
        3.3,
    ),
    row(
        "signature, 64 KiB, canonical",
        "64 KiB, canonical",
        " H",
        1.5,
        2.0,
    ),
    row(
        "signature, 64 KiB, unsorted",
        "64 KiB, unsorted",
        " H",
        1.9,
        2.8,
    ),
    row(
        "whole layer over the bare service, small body",
        "layer",
        " H",
        2.2,
        3.0,
    ),
    row(
        "aws-sigv4 over the bare service, small body",
        "aws-sigv4",
        " times the layer",
        10.0,
        8.0,
    ),
    row(
        "reqsign over the bare service, small body",
        "reqsign",
        " times the layer",
        10.0,
        8.0,
    ),
    row(
        "httpsig over the bare service, small body",
        "httpsig",
        " times the layer",
        10.0,
        8.0,
    ),
    row(
        "two threads against one",
        "two threads",
        " times",
        1.95,
        1.9,
    ),
];

/// Renders the passes as Markdown.
#[must_use]
pub fn render(passes: &[Figures]) -> String {
    let mut out = String::from(
        "| what | reach | first bar | measured | lowest and highest pass |\n|---|---|---|---|---|\n",
    );
    for row in ROWS {
        let (middle, low, high) = summary(passes, row.figure);
        let _ = writeln!(
            out,
            "| {} | {}{unit} | {}{unit} | **{middle:.2}{unit}** | {low:.2} to {high:.2} |",
            row.what,
            row.reach,
            row.first_bar,
            unit = row.unit,
        );
    }
    out.push_str("\nWithout a bar of their own:\n\n| what | measured | lowest and highest pass |\n|---|---|---|\n");
    let mut rows = vec![
        ("signature, a thousand different requests", "varying", " H"),
        (
            "whole layer, a thousand different requests",
            "varying, layer",
            " H",
        ),
        (
            "a plain `serde_json` signer over the bare service, small body",
            "plain",
            " times the layer",
        ),
        #[cfg(feature = "agpl-peers")]
        (
            "http-signature-normalization over the bare service, small body",
            super::NORMALIZATION,
            " times the layer",
        ),
        (
            "two threads against one, the hash alone",
            "two threads, H",
            " times",
        ),
    ];
    let calls: Vec<_> = peers()
        .map(|peer| (format!("{peer}, whole call"), format!("{peer}, call")))
        .collect();
    let calls = calls.iter();
    rows.extend(calls.map(|(what, figure)| (what.as_str(), figure.as_str(), " times the layer")));
    for (what, figure, unit) in rows {
        let (middle, low, high) = summary(passes, figure);
        let _ = writeln!(
            out,
            "| {what} | {middle:.2}{unit} | {low:.2} to {high:.2} |"
        );
    }
    let (h, ..) = summary(passes, "H, GET");
    let (small, ..) = summary(passes, "H, small, unsorted");
    let (layer, ..) = summary(passes, "layer, ns");
    let _ = write!(
        out,
        "\nFor orientation, as times do not compare across machines: H is {h:.0} ns for the GET and {small:.0} ns for \
         the small body; a signed small request costs {layer:.0} ns more than an unsigned one"
    );
    for peer in peers() {
        let (nanos, ..) = summary(passes, &format!("{peer}, ns"));
        let _ = write!(out, ", with {peer} {nanos:.0} ns");
    }
    out.push_str(".\n");
    out
}

fn summary(passes: &[Figures], figure: &str) -> (f64, f64, f64) {
    let figures: Vec<f64> = passes.iter().map(|pass| pass.get(figure)).collect();
    let low = figures.iter().copied().fold(f64::INFINITY, f64::min);
    let high = figures.iter().copied().fold(0.0, f64::max);
    (median(figures), low, high)
}
