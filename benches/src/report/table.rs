//! The table: what is to be reached, and what was measured.

use std::fmt::Write as _;

use super::{Figures, peers};

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
        "layer, two threads",
        " times",
        1.95,
        1.9,
    ),
];

/// Renders the figures as Markdown: of the quiet rounds, and of all.
#[must_use]
pub fn render(quiet: &Figures, all: &Figures) -> String {
    let mut out = String::from(
        "| what | reach | first bar | measured | all rounds |\n|---|---|---|---|---|\n",
    );
    for row in ROWS {
        let (measured, all) = (quiet.get(row.figure), all.get(row.figure));
        let _ = writeln!(
            out,
            "| {} | {}{unit} | {}{unit} | **{measured:.2}{unit}** | {all:.2} |",
            row.what,
            row.reach,
            row.first_bar,
            unit = row.unit,
        );
    }
    out.push_str(
        "\nWithout a bar of their own:\n\n| what | measured | all rounds |\n|---|---|---|\n",
    );
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
            "hash, two threads",
            " times",
        ),
    ];
    let calls: Vec<_> = peers()
        .map(|peer| (format!("{peer}, whole call"), format!("{peer}, call")))
        .collect();
    let calls = calls.iter();
    rows.extend(calls.map(|(what, figure)| (what.as_str(), figure.as_str(), " times the layer")));
    for (what, figure, unit) in rows {
        let (measured, all) = (quiet.get(figure), all.get(figure));
        let _ = writeln!(out, "| {what} | {measured:.2}{unit} | {all:.2} |");
    }
    let _ = write!(
        out,
        "\nFor orientation, as times do not compare across machines: H is {:.0} ns for the GET and {:.0} ns for \
         the small body; a signed small request costs {:.0} ns more than an unsigned one",
        quiet.get("H, GET"),
        quiet.get("H, small, unsorted"),
        quiet.get("layer, ns"),
    );
    for peer in peers() {
        let _ = write!(
            out,
            ", with {peer} {:.0} ns",
            quiet.get(&format!("{peer}, ns"))
        );
    }
    out.push_str(".\n");
    out
}
