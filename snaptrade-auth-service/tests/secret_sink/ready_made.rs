//! The ready-made client, whole: a caller that goes, and a deadline that runs out, at each step of each way.

use std::time::Duration;

use snaptrade_auth_service::sandbox::{Fault, Route, Sandbox};
use snaptrade_auth_service::{Client, Operation, Outcome, UserCredentials};
use tokio::time::advance;
use tower::Service;

use crate::common::{World, client, poll_once, register, reset, stroll};

/// What comes before the attempt that is answered.
#[derive(Clone, Copy, Debug)]
enum Prelude {
    Nothing,
    NotSent,
    Throttled,
    StaleStamp,
    All,
}

const PRELUDES: [Prelude; 5] = [
    Prelude::Nothing,
    Prelude::NotSent,
    Prelude::Throttled,
    Prelude::StaleStamp,
    Prelude::All,
];

const TIMEOUT: Duration = Duration::from_secs(90);

impl Prelude {
    fn prepare(self, sandbox: &Sandbox, route: Route) {
        let faults = sandbox.faults();
        match self {
            Self::Nothing => {}
            Self::NotSent => drop(faults.on(route, 1, Fault::RefuseStream)),
            Self::Throttled => drop(faults.on(route, 1, Fault::throttled(1))),
            Self::StaleStamp => sandbox.set_skew(600),
            Self::All => {
                faults.on(route, 1, Fault::RefuseStream);
                faults.on(route, 1, Fault::throttled(1));
                sandbox.set_skew(600);
            }
        }
    }

    /// How many attempts it takes.
    fn attempts(self) -> u32 {
        match self {
            Self::Nothing => 1,
            Self::NotSent | Self::Throttled | Self::StaleStamp => 2,
            Self::All => 4,
        }
    }
}

fn ready_made(world: &World) -> Client {
    Client::builder(Sandbox::credentials().unwrap())
        .http_service(client(&world.sandbox))
        .secret_sink(world.layer.clone())
        .timeout(TIMEOUT)
        .build()
        .unwrap()
}

fn world() -> World {
    // The sink is not to be out of time as well.
    World::with(|layer| layer.sink_timeout(TIMEOUT * 2))
}

/// How often nothing ran, and how often it did, of those calls that the caller left.
async fn drop_at_each_step<Op>(
    operation: Op,
    route: Route,
    user_id: &str,
    prelude: Prelude,
) -> (usize, usize)
where
    Op: Operation<Output = UserCredentials> + Send + 'static,
{
    let (mut unsent, mut ran) = (0, 0);
    for steps in 0.. {
        let world = world();
        prelude.prepare(&world.sandbox, route);
        let mut call = ready_made(&world).call(operation.clone());
        let answer = stroll(&mut call, steps).await;
        drop(call);
        world.settle().await;

        let what = format!("{prelude:?} after {steps} steps");
        let commits = world.commits();
        assert!(commits <= 1, "{commits} commits: {what}");
        assert_eq!(world.is_stored(user_id), commits == 1, "{what}");
        assert_eq!(world.sink.unsettled(), [], "{what}");
        match answer {
            None if commits == 0 => unsent += 1,
            None => ran += 1,
            Some(answer) => {
                let answer = answer.unwrap();
                assert_eq!(answer.attempts(), prelude.attempts(), "{what}");
                let user = answer.into_body();
                assert!(world.is_current(user_id, user.user_secret.expose()));
                return (unsent, ran);
            }
        }
    }
    unreachable!()
}

/// How often the deadline said that nothing was sent, and how often it did not know.
async fn expire_at_each_step<Op>(operation: Op, user_id: &str, prelude: Prelude) -> (usize, usize)
where
    Op: Operation<Output = UserCredentials> + Send + 'static,
{
    let (mut unsent, mut unknown) = (0, 0);
    for steps in 0.. {
        let world = world();
        prelude.prepare(&world.sandbox, Route::RegisterUser);
        let mut call = ready_made(&world).call(operation.clone());
        if stroll(&mut call, steps).await.is_some() {
            return (unsent, unknown);
        }
        advance(TIMEOUT).await;
        let what = format!("{prelude:?} after {steps} steps");
        // Time has passed, and the task may have taken its last step by now.
        let Some(Err(error)) = poll_once(&mut call).await else {
            return (unsent, unknown);
        };
        // The caller holds on to the call for a while: what was said stays true.
        stroll(&mut std::future::pending::<()>(), 60).await;
        drop(call);
        world.settle().await;

        let commits = world.commits();
        assert!(commits <= 1, "{commits} commits: {what}");
        assert_eq!(world.is_stored(user_id), commits == 1, "{what}");
        assert_eq!(world.sink.unsettled(), [], "{what}");
        match error.outcome() {
            Outcome::NotSent | Outcome::Refused => {
                assert_eq!(commits, 0, "{what}: {error}");
                unsent += 1;
            }
            Outcome::Unknown => unknown += 1,
            Outcome::Succeeded | _ => panic!("{what}: {error}"),
        }
    }
    unreachable!()
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_goes() {
    for prelude in PRELUDES {
        let route = Route::RegisterUser;
        let (unsent, ran) = drop_at_each_step(register(), route, "jane", prelude).await;
        assert!(unsent >= 2 && ran >= 5, "{prelude:?}: {unsent} {ran}");
    }
    let route = Route::ResetUserSecret;
    let (unsent, ran) = drop_at_each_step(reset(), route, "anna", Prelude::All).await;
    assert!(unsent >= 2 && ran >= 5, "{unsent} {ran}");
}

#[tokio::test(start_paused = true)]
async fn a_deadline_that_runs_out() {
    for prelude in PRELUDES {
        let (unsent, unknown) = expire_at_each_step(register(), "jane", prelude).await;
        assert!(
            unsent >= 1 && unknown >= 5,
            "{prelude:?}: {unsent} {unknown}"
        );
    }
}
