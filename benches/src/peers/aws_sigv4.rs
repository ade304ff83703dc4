//! The AWS SDK's signer.

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use aws_smithy_runtime_api::client::identity::Identity;
use bytes::Bytes;

use super::PeerRequest;
use crate::corpus::{CLIENT_ID, CONSUMER_KEY, TIMESTAMP};

/// `aws-sigv4`.
#[derive(Debug)]
pub struct AwsSigV4 {
    identity: Identity,
}

impl Default for AwsSigV4 {
    fn default() -> Self {
        let credentials = Credentials::new(CLIENT_ID, CONSUMER_KEY, None, None, "bench");
        Self {
            identity: credentials.into(),
        }
    }
}

impl AwsSigV4 {
    /// Signs a request whose body is `body`.
    #[must_use]
    pub fn sign(&self, mut request: PeerRequest, body: &Bytes) -> PeerRequest {
        let params = SigningParams::builder()
            .identity(&self.identity)
            .region("us-east-1")
            .name("execute-api")
            .time(SystemTime::UNIX_EPOCH + Duration::from_secs(TIMESTAMP))
            .settings(SigningSettings::default())
            .build()
            .expect("all is set")
            .into();
        let uri = request.uri().to_string();
        let headers = request.headers().iter().map(|(name, value)| {
            let value = value.to_str().expect("headers are text");
            (name.as_str(), value)
        });
        let signable = SignableRequest::new(
            request.method().as_str(),
            uri,
            headers,
            SignableBody::Bytes(body),
        );
        let output = sign(signable.expect("the URI is one"), &params).expect("it signs");
        let (instructions, _) = output.into_parts();
        instructions.apply_to_request_http1x(&mut request);
        request
    }
}
