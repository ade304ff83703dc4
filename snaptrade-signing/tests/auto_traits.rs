//! The public types go between threads, and a signed client into a box.

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use snaptrade_signing::{
    BoxError, ConsumerKey, Credentials, CredentialsError, Rotating, SignError, SignRequest,
    SignRequestLayer, SignWith, Signature, Signer, Stamp, Verified, Verifier, VerifyRequest,
    VerifyRequestLayer,
};
use tower::Layer;
use tower::util::{BoxCloneSyncService, BoxService};

type Body = Full<Bytes>;
type Client = BoxCloneSyncService<Request<Body>, Response<Bytes>, BoxError>;

fn is_sent<T: Send + Sync + Unpin + 'static>() {}

#[test]
fn public_types_go_between_threads() {
    is_sent::<ConsumerKey>();
    is_sent::<Credentials>();
    is_sent::<CredentialsError>();
    is_sent::<Rotating>();
    is_sent::<SignError>();
    is_sent::<SignRequest<Client>>();
    is_sent::<SignRequestLayer>();
    is_sent::<SignWith>();
    is_sent::<Signature>();
    is_sent::<Signer>();
    is_sent::<Stamp>();
    is_sent::<Verified>();
    is_sent::<Verifier>();
    is_sent::<VerifyRequest<Client>>();
    is_sent::<VerifyRequestLayer>();
}

/// It compiles: both layers stand over a boxed service, and can be boxed themselves with their futures.
#[test]
fn both_layers_box_and_stand_over_boxes() -> Result<(), CredentialsError> {
    let client = tower::service_fn(|_: Request<Body>| async {
        Ok::<_, BoxError>(Response::new(Bytes::new()))
    });
    let client: Client = BoxCloneSyncService::new(client);
    let credentials = Credentials::new("ACME", "mykey")?;
    let signed = SignRequestLayer::new(credentials.clone()).layer(client.clone());
    let _: Client = BoxCloneSyncService::new(signed);
    let verified = VerifyRequestLayer::new(Verifier::new(credentials)).layer(client);
    let _: BoxService<Request<Body>, Response<Bytes>, BoxError> = BoxService::new(verified);
    Ok(())
}
