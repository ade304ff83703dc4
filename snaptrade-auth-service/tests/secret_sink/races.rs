//! Real threads: the caller goes while the task is anywhere.

use std::time::Duration;

use snaptrade_auth_service::operations::RegisterUser;
use snaptrade_auth_service::{DeadlineLayer, Outcome};
use tokio::time::timeout;
use tower::{Layer, ServiceExt};

use crate::common::{World, auth, client};

/// Not lucky in time: whatever the threads do, the same must hold at the end.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_is_lost_and_nothing_is_said_that_is_not_so() {
    let mut users = Vec::new();
    let world = World::new();
    for number in 0..300_u64 {
        let user = format!("user-{number}");
        // From before the task begins until after it has ended.
        let after = Duration::from_micros(number * 3);
        // Of two callers, one goes by itself and the other's deadline runs out.
        let (deadline, patience) = if number % 2 == 0 {
            (Duration::from_secs(60), after)
        } else {
            (after, Duration::from_secs(60))
        };
        let sink = world.layer.layer(auth(client(&world.sandbox)));
        let stack = DeadlineLayer::new(deadline).layer(sink);
        let call = stack.oneshot(RegisterUser::new(user.as_str()));
        users.push((user, tokio::spawn(timeout(patience, call))));
    }
    let mut answers = Vec::new();
    for (user, call) in users {
        let answer = call.await.unwrap().ok();
        answers.push((
            user,
            answer.map(|answer| answer.map_err(|error| error.outcome())),
        ));
    }
    world.settle().await;
    assert_eq!(world.sink.unsettled(), []);
    let registered = world.sandbox.users();
    for (user, answer) in answers {
        let is_registered = registered.contains(&user);
        assert_eq!(world.is_stored(&user), is_registered, "{user}");
        match answer {
            Some(Ok(_)) => assert!(is_registered, "{user}"),
            Some(Err(Outcome::NotSent | Outcome::Refused)) => assert!(!is_registered, "{user}"),
            Some(Err(Outcome::Unknown)) | None => {}
            Some(Err(outcome)) => panic!("{user}: {outcome:?}"),
        }
    }
    // The quota is 250 a minute: some were refused, and none twice.
    assert!(world.commits() <= 300);
}
