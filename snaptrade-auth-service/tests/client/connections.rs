//! Which connection a request takes.

use snaptrade_auth_service::operations::{ListUsers, LoginUser, RegisterUser};
use snaptrade_auth_service::sandbox::{Fault, Route};

use crate::common::{client, connections, serve, speaking};

#[tokio::test]
async fn what_must_not_be_repeated_has_a_connection_of_its_own() {
    for http2 in [false, true] {
        let (sandbox, server) = serve().await;
        let snaptrade = speaking(http2, client(&server.base_url()));
        snaptrade.send(ListUsers::new()).await.unwrap();
        let jane = snaptrade.send(RegisterUser::new("jane")).await.unwrap();
        snaptrade.send(RegisterUser::new("joe")).await.unwrap();
        snaptrade.send(ListUsers::new()).await.unwrap();
        // A POST, and yet harmless to repeat.
        let login = LoginUser::new(jane.into_body());
        snaptrade.send(login).await.unwrap();
        assert_eq!(connections(&sandbox), [0, 1, 2, 0, 0], "http2: {http2}");
    }
}

#[tokio::test]
async fn nor_is_one_shared_at_the_same_time() {
    for http2 in [false, true] {
        let (sandbox, server) = serve().await;
        let snaptrade = speaking(http2, client(&server.base_url()));
        let registrations: Vec<_> = (0..8)
            .map(|n| {
                let snaptrade = snaptrade.clone();
                let user = format!("user{n}");
                tokio::spawn(async move { snaptrade.send(RegisterUser::new(user)).await })
            })
            .collect();
        for registration in registrations {
            registration.await.unwrap().unwrap();
        }
        let mut used = connections(&sandbox);
        used.sort_unstable();
        assert_eq!(used, [0, 1, 2, 3, 4, 5, 6, 7], "http2: {http2}");
    }
}

#[tokio::test]
async fn an_idle_connection_closes_under_what_may_be_repeated_alone() {
    for http2 in [false, true] {
        let (sandbox, server) = serve().await;
        let snaptrade = speaking(http2, client(&server.base_url()));
        sandbox.faults().on(Route::ListUsers, 1, Fault::IdleClose);
        sandbox
            .faults()
            .on(Route::RegisterUser, 1, Fault::IdleClose);
        snaptrade.send(ListUsers::new()).await.unwrap();
        // No request before it on its connection: it cannot happen to this one.
        snaptrade.send(RegisterUser::new("jane")).await.unwrap();
        // Another connection is there at once, and the request is sent again.
        let listed = snaptrade.send(ListUsers::new()).await.unwrap();
        assert_eq!(listed.attempts(), 2);
        assert_eq!(sandbox.faults().waiting(), 1);
    }
}
