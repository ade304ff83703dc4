//! The figures of the report: what is measured in a pass, and how it is shown.

pub mod machine;
mod plot;
pub mod table;
mod threads;
pub mod throughput;

use bytes::Bytes;
use http_body_util::Full;

use crate::corpus::{self, Case};
use crate::limit::Midstates;
use crate::peers::{AwsSigV4, HttpSig, Plain, Reqsign};
use crate::rounds::{Measured, Rounds};
use crate::service::{Bare, call, signed};

/// How often each case has its turn in a pass.
const ROUNDS: usize = 101;

/// The figures of one pass, by name.
#[derive(Debug, Default)]
pub struct Figures(Vec<(String, f64)>);

impl Figures {
    /// Measures everything once.
    #[must_use]
    pub fn measure() -> Self {
        let mut figures = Self::default();
        for case in corpus::reported() {
            figures.signature(&case);
        }
        figures.requests(&corpus::small_unsorted());
        figures.varying();
        let case = corpus::small_unsorted();
        figures.put("two threads", threads::two_against_one(&case));
        figures.put(
            "two threads, H",
            threads::two_against_one_of_the_hash(&case),
        );
        figures
    }

    /// One figure.
    #[must_use]
    pub fn get(&self, name: &str) -> f64 {
        let found = self.0.iter().find(|(figure, _)| figure == name);
        found.unwrap_or_else(|| panic!("{name} was not measured")).1
    }

    fn put(&mut self, name: impl Into<String>, figure: f64) {
        self.0.push((name.into(), figure));
    }

    fn signature(&mut self, case: &Case) {
        let (signer, h) = (corpus::signer(), Midstates::new(corpus::CONSUMER_KEY));
        let (query, text) = (case.stamped_query(), case.canonical());
        let mut rounds = Rounds::default();
        rounds.add("H", || h.mac(text.as_bytes()));
        rounds.add("sign", || signer.sign(&case.path, &query, &case.body));
        let measured = rounds.run(ROUNDS);
        self.put(format!("H, {}", case.name), measured.nanos("H"));
        self.put(case.name.as_str(), measured.ratio("sign", "H"));
    }

    /// Whole requests: the layer over the bare service, and its peers.
    fn requests(&mut self, case: &Case) {
        let measured = measure_requests(case);
        let added = measured.added("layer", "bare", "H");
        self.put("layer", added);
        self.put(
            "layer, ns",
            measured.nanos("layer") - measured.nanos("bare"),
        );
        for peer in peers() {
            self.put(peer, measured.ratio_above(peer, "layer", "bare"));
            self.put(format!("{peer}, call"), measured.ratio(peer, "layer"));
            self.put(
                format!("{peer}, ns"),
                measured.nanos(peer) - measured.nanos("bare"),
            );
        }
    }

    /// The layer when no two requests are alike: a thousand calls are one turn.
    fn varying(&mut self) {
        let (cases, h) = (corpus::varying(), Midstates::new(corpus::CONSUMER_KEY));
        let texts: Vec<String> = cases.iter().map(Case::canonical).collect();
        let queries: Vec<String> = cases.iter().map(Case::stamped_query).collect();
        let requests: Vec<_> = cases.iter().map(Case::requests).collect();
        let (signer, mut layer) = (corpus::signer(), signed());
        let mut rounds = Rounds::default();
        rounds.add("H", || {
            let macs = texts.iter().map(|text| h.mac(text.as_bytes())[0]);
            macs.fold(0, u8::wrapping_add)
        });
        rounds.add("sign", || {
            let signed = cases.iter().zip(&queries);
            signed
                .filter(|(case, query)| signer.sign(&case.path, query, &case.body).is_ok())
                .count()
        });
        rounds.add("bare", || {
            for request in &requests {
                call(&mut Bare, request.make::<Full<Bytes>>());
            }
        });
        rounds.add("layer", || {
            for request in &requests {
                call(&mut layer, request.make::<Full<Bytes>>());
            }
        });
        let measured = rounds.run(ROUNDS);
        self.put("varying", measured.ratio("sign", "H"));
        self.put("varying, layer", measured.added("layer", "bare", "H"));
    }
}

/// The peers that the layer is held against, as the report names them.
const PEERS: [&str; 4] = ["aws-sigv4", "reqsign", "httpsig", "plain"];

/// One more, if it was asked for.
#[cfg(feature = "agpl-peers")]
const NORMALIZATION: &str = "http-signature-normalization";

/// The names of the peers.
pub fn peers() -> impl Iterator<Item = &'static str> {
    let peers = PEERS.into_iter();
    #[cfg(feature = "agpl-peers")]
    let peers = peers.chain([NORMALIZATION]);
    peers
}

fn measure_requests(case: &Case) -> Measured {
    let h = Midstates::new(corpus::CONSUMER_KEY);
    let (aws, reqsign, httpsig) = (AwsSigV4::default(), Reqsign::default(), HttpSig::default());
    let (text, requests, body) = (case.canonical(), case.requests(), &case.body);
    #[cfg(feature = "agpl-peers")]
    let normalization = crate::peers::Normalization::default();
    let mut layer = signed();
    let mut rounds = Rounds::default();
    rounds.add("H", || h.mac(text.as_bytes()));
    rounds.add("bare", || call(&mut Bare, requests.make::<Full<Bytes>>()));
    rounds.add("layer", || call(&mut layer, requests.make::<Full<Bytes>>()));
    rounds.add("aws-sigv4", || {
        call(&mut Bare, aws.sign(requests.make(), body))
    });
    rounds.add("reqsign", || call(&mut Bare, reqsign.sign(requests.make())));
    rounds.add("httpsig", || {
        call(&mut Bare, httpsig.sign(requests.make(), body))
    });
    #[cfg(feature = "agpl-peers")]
    rounds.add(NORMALIZATION, || {
        call(&mut Bare, normalization.sign(requests.make(), body))
    });
    rounds.add("plain", || {
        call(&mut Bare, Plain.sign(requests.make(), body))
    });
    rounds.run(ROUNDS)
}
