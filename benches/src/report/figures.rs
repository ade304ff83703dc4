//! From rounds to figures.

use super::{Report, peers};
use crate::corpus;

/// Figures by name.
#[derive(Debug, Default)]
pub struct Figures(Vec<(String, f64)>);

impl From<&Report> for Figures {
    fn from(report: &Report) -> Self {
        let mut figures = Self::default();
        for case in corpus::reported() {
            let signature = report.get(&case.name);
            figures.put(format!("H, {}", case.name), signature.nanos("H"));
            figures.put(case.name, signature.ratio("sign", "H"));
        }
        let [requests, varying, threads] =
            ["requests", "varying", "threads"].map(|name| report.get(name));
        let above_bare = |name| requests.nanos(name) - requests.nanos("bare");
        figures.put("layer", requests.added("layer", "bare", "H"));
        figures.put("layer, ns", above_bare("layer"));
        for peer in peers() {
            figures.put(peer, requests.ratio_above(peer, "layer", "bare"));
            figures.put(format!("{peer}, call"), requests.ratio(peer, "layer"));
            figures.put(format!("{peer}, ns"), above_bare(peer));
        }
        figures.put("varying", varying.ratio("sign", "H"));
        figures.put("varying, layer", varying.added("layer", "bare", "H"));
        for name in ["layer", "hash"] {
            let (one, two) = (
                format!("{name}, one thread"),
                format!("{name}, two threads"),
            );
            figures.put(two.clone(), threads.ratio(&one, &two));
        }
        figures
    }
}

impl Figures {
    /// One figure.
    #[must_use]
    pub fn get(&self, name: &str) -> f64 {
        let found = self.0.iter().find(|(figure, _)| figure == name);
        found.unwrap_or_else(|| panic!("{name} was not measured")).1
    }

    fn put(&mut self, name: impl Into<String>, figure: f64) {
        self.0.push((name.into(), figure));
    }
}
