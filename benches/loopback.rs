//! What does signing add to a real call? hyper-util's client and a server on loopback, without TLS: the hardest
//! case, as nothing else takes time.

#![allow(clippy::expect_used, reason = "a bench fails by panicking")]

use std::convert::Infallible;
use std::net::SocketAddr;

use benches::{corpus, settings};
use bytes::Bytes;
use criterion::{Criterion, criterion_group, criterion_main};
use http::{Request, Response, Uri};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioIo};
use snaptrade_signing::SignRequestLayer;
use tokio::net::TcpListener;
use tokio::runtime::Builder;
use tower_layer::Layer;
use tower_service::Service;

fn loopback(c: &mut Criterion) {
    let runtime = Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime starts");
    let address = runtime.block_on(serve());
    let client = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
    let mut bare = client.clone();
    let mut signed = SignRequestLayer::new(corpus::credentials()).layer(client);

    let mut group = c.benchmark_group("loopback");
    for case in [corpus::get(), corpus::small_unsorted()] {
        let uri: Uri = case
            .uri()
            .replace("https://api.snaptrade.com", &format!("http://{address}"))
            .parse()
            .expect("it is a URI");
        let request = || {
            let mut request = case.requests().make::<Full<Bytes>>();
            *request.uri_mut() = uri.clone();
            request
        };
        group.bench_function(format!("{}, bare", case.name), |b| {
            b.iter(|| {
                let response = runtime.block_on(Service::call(&mut bare, request()));
                response.expect("the server answers")
            });
        });
        group.bench_function(format!("{}, signed", case.name), |b| {
            b.iter(|| {
                let response = runtime.block_on(Service::call(&mut signed, request()));
                response.expect("the server answers")
            });
        });
    }
    group.finish();
}

/// Serves on a free port; answers once the request is read.
async fn serve() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port is free");
    let address = listener.local_addr().expect("it is bound");
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let _ = stream.set_nodelay(true);
            tokio::spawn(async move {
                let connection = hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service_fn(answer));
                // The client hangs up when the bench is over.
                let _ = connection.await;
            });
        }
    });
    address
}

async fn answer(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let _ = request.into_body().collect().await;
    Ok(Response::new(Full::default()))
}

criterion_group! { name = benches; config = settings(); targets = loopback }
criterion_main!(benches);
