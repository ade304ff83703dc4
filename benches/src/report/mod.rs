//! The figures of the report: what is measured in a pass, and how it is shown.

mod figures;
pub mod machine;
mod plot;
pub mod table;
mod threads;
pub mod throughput;

use bytes::Bytes;
pub use figures::Figures;
use http_body_util::Full;

use crate::corpus::{self, Case};
use crate::limit::Midstates;
use crate::peers::{AwsSigV4, HttpSig, Plain, Reqsign};
use crate::rounds::{Measured, Rounds};
use crate::service::{Bare, call, signed};

/// How often each case has its turn in a pass.
const ROUNDS: usize = 201;

/// Everything that was measured so far.
#[derive(Debug, Default)]
pub struct Report(Vec<Question>);

#[derive(Debug)]
struct Question {
    name: String,
    controls: &'static [&'static str],
    measured: Measured,
}

impl Report {
    /// Measures everything once more.
    pub fn pass(&mut self) {
        for case in corpus::reported() {
            self.add(case.name.as_str(), &["H"], signature(&case));
        }
        let small = corpus::small_unsorted();
        self.add("requests", &["H"], requests(&small));
        self.add("varying", &["H"], varying());
        self.add("threads", &[], threads::measure(&small));
        throughput::pass(self);
    }

    /// Adds the rounds of a pass; the `controls` tell whether others were at work.
    fn add(&mut self, name: &str, controls: &'static [&'static str], pass: Measured) {
        match self.0.iter_mut().find(|question| question.name == name) {
            Some(question) => question.measured.append(pass),
            None => self.0.push(Question {
                name: name.into(),
                controls,
                measured: pass,
            }),
        }
    }

    /// The same without the rounds in which others were at work.
    #[must_use]
    pub fn quiet(&self) -> Self {
        let questions = self.0.iter().map(|question| Question {
            name: question.name.clone(),
            controls: question.controls,
            measured: question.measured.quiet(question.controls),
        });
        Self(questions.collect())
    }

    /// The question with the fewest rounds, and how many they are.
    #[must_use]
    pub fn fewest_rounds(&self) -> (&str, usize) {
        let questions = self.0.iter();
        let rounds = questions.map(|question| (question.name.as_str(), question.measured.len()));
        rounds.min_by_key(|(_, rounds)| *rounds).unwrap_or(("", 0))
    }

    fn get(&self, name: &str) -> &Measured {
        let found = self.0.iter().find(|question| question.name == name);
        &found
            .unwrap_or_else(|| panic!("{name} was not measured"))
            .measured
    }
}

/// The signature alone, against the hash.
fn signature(case: &Case) -> Measured {
    let (signer, h) = (corpus::signer(), Midstates::new(corpus::CONSUMER_KEY));
    let (query, text) = (case.stamped_query(), case.canonical());
    let mut rounds = Rounds::default();
    rounds.add("H", || h.mac(text.as_bytes()));
    rounds.add("sign", || signer.sign(&case.path, &query, &case.body));
    rounds.run(ROUNDS)
}

/// The layer when no two requests are alike: a thousand calls are one turn.
fn varying() -> Measured {
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
    rounds.run(ROUNDS)
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

/// Whole requests: the layer over the bare service, and its peers.
fn requests(case: &Case) -> Measured {
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
