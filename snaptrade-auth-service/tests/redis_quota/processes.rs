//! Four processes never use more than one quota, and use it up.

use std::thread::sleep;
use std::time::Duration;

use crate::arrivals::Arrivals;
use crate::redis::Redis;
use crate::worker::Plan;

#[test]
#[ignore = "needs redis-server"]
fn four_processes_use_up_one_quota() {
    let plan = Plan {
        requests: 100,
        window: Duration::from_secs(4),
        processes: 4,
    };
    let redis = Redis::start();
    let arrivals = Arrivals::listen(Duration::ZERO);
    let workers = plan.start(&redis, &arrivals);
    sleep(Duration::from_secs(25));
    workers.finish();

    assert_eq!(arrivals.most_in(plan.window), 100);
    // The first request of each round, but for the last.
    let times = arrivals.times();
    let rounds = (times.len() - 1) / 100;
    let took = times[rounds * 100] - times[0];
    let rounds = u32::try_from(rounds).unwrap();
    let used = (plan.window * rounds).as_secs_f64() / took.as_secs_f64();
    println!(
        "{} requests, {:.2} % of the quota used",
        times.len(),
        used * 100.0
    );
    assert!(rounds >= 5 && used >= 0.98, "{rounds} rounds, {used}");
}

#[test]
#[ignore = "needs redis-server"]
fn latencies_do_not_break_the_promise() {
    let plan = Plan {
        requests: 50,
        window: Duration::from_secs(2),
        processes: 4,
    };
    let redis = Redis::start();
    let arrivals = Arrivals::listen(Duration::from_millis(800));
    let workers = plan.start(&redis, &arrivals);
    sleep(Duration::from_secs(15));
    workers.finish();
    let most = arrivals.most_in(plan.window);
    println!("{} requests, {most} at most in 2 s", arrivals.times().len());
    assert!(most <= 50, "{most}");
    assert!(arrivals.times().len() > 200);
}
