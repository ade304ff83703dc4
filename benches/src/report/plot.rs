//! A plot with two logarithmic axes, as SVG.

use std::fmt::Write as _;

use super::throughput::Curve;

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 420.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 20.0;
const TOP: f64 = 40.0;
const BOTTOM: f64 = 130.0;

const COLOURS: [&str; 5] = ["#8a8a8a", "#b7410e", "#e08e45", "#2f6690", "#5b8c5a"];

/// Draws curves of bytes against megabytes a second.
pub(super) fn svg(curves: &[Curve]) -> String {
    let all = || curves.iter().flat_map(|curve| &curve.points);
    let x = Axis::new(all().map(|point| point.0), LEFT, WIDTH - RIGHT);
    let y = Axis::new(all().map(|point| point.1), HEIGHT - BOTTOM, TOP);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" \
         font-size=\"13\" role=\"img\">\n<title>Throughput by body size</title>\n\
         <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#ffffff\"/>\n\
         <text x=\"{LEFT}\" y=\"22\" font-size=\"15\">Signing whole requests: MB of body a second, by body size</text>\n"
    );
    for (value, label) in x.ticks() {
        let (at, bottom) = (x.place(value), HEIGHT - BOTTOM);
        let _ = writeln!(
            out,
            "<line x1=\"{at:.1}\" y1=\"{TOP}\" x2=\"{at:.1}\" y2=\"{bottom}\" stroke=\"#e6e6e6\"/>\
             <text x=\"{at:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{label}B</text>",
            bottom + 18.0
        );
    }
    for (value, label) in y.ticks() {
        let (at, right) = (y.place(value), WIDTH - RIGHT);
        let _ = writeln!(
            out,
            "<line x1=\"{LEFT}\" y1=\"{at:.1}\" x2=\"{right}\" y2=\"{at:.1}\" stroke=\"#e6e6e6\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{label}</text>",
            LEFT - 8.0,
            at + 4.0
        );
    }
    for ((at, curve), colour) in curves.iter().enumerate().zip(COLOURS) {
        let points = curve.points.iter();
        let points = points.map(|point| format!("{:.1},{:.1}", x.place(point.0), y.place(point.1)));
        let points: Vec<String> = points.collect();
        let legend = HEIGHT - BOTTOM + 40.0 + 17.0 * at as f64;
        let _ = writeln!(
            out,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2.5\"/>\
             <line x1=\"{LEFT}\" y1=\"{legend}\" x2=\"{}\" y2=\"{legend}\" stroke=\"{colour}\" stroke-width=\"3\"/>\
             <text x=\"{}\" y=\"{}\">{}</text>",
            points.join(" "),
            LEFT + 24.0,
            LEFT + 32.0,
            legend + 4.0,
            curve.name
        );
    }
    out.push_str("</svg>\n");
    out
}

/// One logarithmic axis, over whole powers of ten.
struct Axis {
    low: f64,
    high: f64,
    from: f64,
    to: f64,
}

impl Axis {
    fn new(values: impl Iterator<Item = f64>, from: f64, to: f64) -> Self {
        let (low, high) = values.fold((f64::INFINITY, 0.0_f64), |(low, high), value| {
            (low.min(value), high.max(value))
        });
        Self {
            low: low.log10().floor(),
            high: high.log10().ceil(),
            from,
            to,
        }
    }

    fn place(&self, value: f64) -> f64 {
        let share = (value.log10() - self.low) / (self.high - self.low);
        self.from + share * (self.to - self.from)
    }

    /// The powers of ten, each with its label.
    fn ticks(&self) -> impl Iterator<Item = (f64, String)> {
        let powers = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0].into_iter();
        let (low, high) = (self.low, self.high);
        powers
            .filter(move |power| (low..=high).contains(power))
            .map(|power| {
                let value = 10.0_f64.powf(power);
                let label = match power {
                    6.0.. => format!("{} M", value / 1e6),
                    3.0.. => format!("{} k", value / 1e3),
                    _ => format!("{value} "),
                };
                (value, label)
            })
    }
}
