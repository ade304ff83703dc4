//! Processes whose time is simulated, over the script in a real Redis whose clock is set at random.
//!
//! They need `redis-server` in the path:
//! `cargo test --release -p snaptrade-auth-service --features redis --lib simulation -- --ignored`.

mod world;

#[path = "../../../../tests/redis_quota/redis.rs"]
#[allow(dead_code, reason = "the tests over processes need more of it")]
mod server;

use std::time::Duration;

use server::Redis;
use world::{Faults, PROCESSES, REQUESTS, WINDOW, World};

const SPAN: Duration = Duration::from_secs(300);

fn simulate(seeds: std::ops::Range<u64>, faults: Faults, check: impl Fn(&World<'_>)) {
    let redis = Redis::start_with_clock();
    for seed in seeds {
        println!("seed {seed}");
        let mut world = World::new(&redis, seed, faults);
        world.run(SPAN);
        let most = world.most_in(WINDOW);
        assert!(most <= REQUESTS, "{most} in a window");
        check(&world);
    }
}

#[test]
#[ignore = "needs redis-server"]
fn the_quota_is_kept_and_used_whatever_the_clock() {
    simulate(0..8, Faults::default(), |world| {
        // A slot is held for a window and what the request takes, 1.5 s on average.
        let rounds = SPAN.as_secs_f64() / (WINDOW.as_secs_f64() + 1.5);
        let used = world.arrivals().len() as f64 / (rounds * REQUESTS as f64);
        assert!(used > 0.9, "{used} of the quota");
        for process in 0..PROCESSES {
            let share =
                world.served(process) as f64 * PROCESSES as f64 / world.arrivals().len() as f64;
            assert!(share > 0.8, "process {process} got {share} of its share");
        }
    });
}

#[test]
#[ignore = "needs redis-server"]
fn it_is_kept_if_calls_are_lost_or_late() {
    let faults = Faults {
        calls: true,
        ..Faults::default()
    };
    simulate(100..116, faults, |world| {
        assert!(world.arrivals().len() > 50);
    });
}

#[test]
#[ignore = "needs redis-server"]
fn it_is_kept_if_processes_end_and_others_begin() {
    let faults = Faults {
        calls: true,
        ends: true,
        ..Faults::default()
    };
    simulate(200..216, faults, |world| {
        assert!(world.arrivals().len() > 50);
    });
}

#[test]
#[ignore = "needs redis-server"]
fn it_is_kept_if_the_log_is_lost() {
    let faults = Faults {
        calls: true,
        losses: true,
        ..Faults::default()
    };
    simulate(300..316, faults, |world| {
        assert!(world.arrivals().len() > 50);
    });
}
