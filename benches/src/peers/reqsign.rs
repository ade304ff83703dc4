//! reqsign's AWS signer.

use reqsign_aws_v4::{Credential, RequestSigner, StaticCredentialProvider};
use reqsign_core::{Context, Signer};

use super::PeerRequest;
use crate::corpus::{CLIENT_ID, CONSUMER_KEY};
use crate::service::now;

/// `reqsign-core` with `reqsign-aws-v4`. It hashes no body.
#[derive(Debug)]
pub struct Reqsign {
    signer: Signer<Credential>,
}

impl Default for Reqsign {
    fn default() -> Self {
        let provider = StaticCredentialProvider::new(CLIENT_ID, CONSUMER_KEY);
        let signer = RequestSigner::new("execute-api", "us-east-1");
        Self {
            signer: Signer::new(Context::new(), provider, signer),
        }
    }
}

impl Reqsign {
    /// Signs a request.
    #[must_use]
    pub fn sign(&self, request: PeerRequest) -> PeerRequest {
        let (mut parts, body) = request.into_parts();
        now(self.signer.sign(&mut parts, None)).expect("it signs");
        PeerRequest::from_parts(parts, body)
    }
}
