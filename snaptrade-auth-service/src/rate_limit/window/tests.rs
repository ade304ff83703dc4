//! Any schedule keeps the promise.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::{Ticket, Window};
use crate::rate_limit::Quota;

const WINDOW: Duration = Duration::from_secs(10);

fn quota(requests: u32) -> Quota {
    let builder = Quota::builder().requests(requests).window(WINDOW);
    builder.margin(Duration::from_secs(1)).build().unwrap()
}

fn window(requests: u32) -> Window {
    let quota = quota(requests);
    Window::new(&quota, quota.requests_usize())
}

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// One request of a schedule: when it would start, how long it takes, and when within that time (in thousandths) it
/// reaches the server.
#[derive(Clone, Debug)]
struct Planned {
    gap: Duration,
    latency: Duration,
    arrives: u32,
    fate: Fate,
}

#[derive(Clone, Debug)]
enum Fate {
    Answered {
        used: Option<usize>,
    },
    /// Given up at the end of its latency; it reaches the server up to a margin later.
    Lost {
        late: u64,
    },
}

fn planned() -> impl Strategy<Value = Planned> {
    let fate = prop_oneof![
        4 => prop::option::of(0usize..12).prop_map(|used| Fate::Answered { used }),
        1 => (0u64..=1_000).prop_map(|late| Fate::Lost { late }),
    ];
    let gap = prop_oneof![Just(0), 0u64..500, 0u64..12_000];
    let latency = prop_oneof![Just(0), 0u64..300, 0u64..30_000];
    (gap, latency, 0u32..=1_000, fate).prop_map(|(gap, latency, arrives, fate)| Planned {
        gap: ms(gap),
        latency: ms(latency),
        arrives,
        fate,
    })
}

/// Runs a schedule as a single queue would, and returns when each request reached the server.
fn run(requests: u32, schedule: &[Planned]) -> Result<Vec<Instant>, TestCaseError> {
    let mut window = window(requests);
    let mut now = Instant::now();
    let mut under_way: Vec<(Instant, Ticket, Fate)> = Vec::new();
    let mut arrivals = Vec::new();
    for planned in schedule {
        now += planned.gap;
        loop {
            settle(&mut window, &mut under_way, now);
            if let Some(ticket) = window.try_take(now) {
                arrivals.push(arrival(planned, now));
                under_way.push((now + planned.latency, ticket, planned.fate.clone()));
                break;
            }
            // Whoever waits until then finds a slot, or learns of a later time, unless an answer is to be heard first.
            let earliest = Some(window.earliest(now, 0)).filter(|&earliest| earliest > now);
            let answer = under_way.iter().map(|&(end, ..)| end).min();
            let next = earliest.into_iter().chain(answer).min();
            prop_assert!(next.is_some(), "waits for nothing");
            now = next.unwrap_or(now);
        }
    }
    arrivals.sort();
    Ok(arrivals)
}

fn settle(window: &mut Window, under_way: &mut Vec<(Instant, Ticket, Fate)>, now: Instant) {
    under_way.sort_by_key(|&(end, ..)| end);
    let ended = under_way.partition_point(|&(end, ..)| end <= now);
    for (end, ticket, fate) in under_way.drain(..ended) {
        match fate {
            Fate::Answered { used } => {
                if let Some(used) = used {
                    window.observe(end, ticket, used);
                }
                window.answered(end);
            }
            Fate::Lost { .. } => window.ended(end),
        }
    }
}

fn arrival(planned: &Planned, start: Instant) -> Instant {
    match planned.fate {
        Fate::Answered { .. } => start + planned.latency * planned.arrives / 1_000,
        Fate::Lost { late } => start + planned.latency + ms(late),
    }
}

proptest! {
    #[test]
    fn no_trailing_window_holds_more(
        requests in 1u32..8,
        schedule in prop::collection::vec(planned(), 1..120),
    ) {
        let arrivals = run(requests, &schedule)?;
        // Both ends count: a request exactly a window later is in it as well.
        for burst in arrivals.windows(requests as usize + 1) {
            prop_assert!(burst[burst.len() - 1] - burst[0] > WINDOW);
        }
    }

    #[test]
    fn the_earliest_time_is_exact_if_nothing_is_under_way(
        requests in 1u32..8,
        ages in prop::collection::vec(0u64..12_000, 0..8),
        place in 0usize..20,
    ) {
        let mut window = window(requests);
        let start = Instant::now();
        let mut ages = ages;
        ages.sort_unstable();
        let mut now = start;
        for age in ages {
            now = start + ms(age);
            if window.try_take(now).is_some() {
                window.answered(now);
            }
        }
        let expected = window.earliest(now, place);
        // Those ahead take their slots as they come, and are answered at once.
        for _ in 0..place {
            now = window.earliest(now, 0);
            prop_assert!(window.try_take(now).is_some());
            window.answered(now);
        }
        prop_assert_eq!(window.earliest(now, 0), expected);
    }
}

#[test]
fn a_slot_that_was_not_used_is_free_at_once() {
    let mut window = window(1);
    let now = Instant::now();
    assert!(window.try_take(now).is_some());
    assert!(window.try_take(now).is_none());
    window.refund();
    assert!(window.try_take(now).is_some());
}

#[test]
fn what_others_use_is_left_to_them_for_one_window() {
    let mut window = window(5);
    let now = Instant::now();
    let ticket = window.try_take(now).unwrap();
    // Our own request and three of theirs.
    window.observe(now, ticket, 4);
    window.answered(now);
    assert!(window.try_take(now).is_some());
    window.answered(now);
    assert!(window.try_take(now).is_none());
    assert_eq!(window.earliest(now, 0), now + quota(5).hold());

    let later = now + quota(5).hold();
    for _ in 0..5 {
        assert!(window.try_take(later).is_some());
    }
    assert!(window.try_take(later).is_none());
}

#[test]
fn our_own_requests_are_not_taken_for_those_of_others() {
    let mut window = window(5);
    let now = Instant::now();
    let first = window.try_take(now).unwrap();
    let second = window.try_take(now).unwrap();
    // The second overtakes the first on its way, so that each may be counted with the other.
    window.observe(now, second, 2);
    window.answered(now);
    window.observe(now, first, 2);
    window.answered(now);
    assert_eq!((0..5).filter_map(|_| window.try_take(now)).count(), 3);
}

#[test]
fn a_smaller_limit_is_kept_and_a_larger_one_leaves_room_for_others() {
    let mut window = window(5);
    let now = Instant::now();
    window.announce_limit(2);
    let ticket = window.try_take(now).unwrap();
    assert!(window.try_take(now).is_some());
    assert!(window.try_take(now).is_none());

    window.announce_limit(8);
    // Three of theirs fit beside our five.
    window.observe(now, ticket, 5);
    assert_eq!((0..8).filter_map(|_| window.try_take(now)).count(), 3);
}

#[test]
fn after_a_refusal_they_ask_one_at_a_time() {
    let mut window = window(5);
    let now = Instant::now();
    let ticket = window.try_take(now).unwrap();
    window.observe(now, ticket, usize::MAX);
    window.throttled(Some(now + ms(3_000)));
    window.answered(now);
    assert!(window.try_take(now + ms(2_999)).is_none());

    let now = now + ms(3_000);
    let ticket = window.try_take(now).unwrap();
    assert!(window.try_take(now).is_none(), "the first is not back yet");
    // Two of ours, and two of theirs: there is room for one more.
    window.observe(now, ticket, 4);
    window.answered(now);
    let ticket = window.try_take(now).unwrap();
    window.observe(now, ticket, 5);
    window.answered(now);
    assert!(window.try_take(now).is_none());
}

#[test]
fn no_room_that_is_told_of_goes_beyond_the_quota() {
    let mut window = window(2);
    let now = Instant::now();
    for _ in 0..2 {
        let ticket = window.try_take(now).unwrap();
        window.announce_limit(100);
        window.observe(now, ticket, 1);
        window.answered(now);
    }
    assert!(window.try_take(now).is_none());
    assert_eq!(window.earliest(now, 0), now + quota(2).hold());
}

#[test]
fn a_pause_is_kept_to_its_end_and_no_shorter_one_ends_it() {
    let mut window = window(5);
    let now = Instant::now();
    window.throttled(Some(now + ms(7_000)));
    window.throttled(Some(now + ms(3_000)));
    window.throttled(None);
    assert!(window.try_take(now + ms(6_999)).is_none());
    assert_eq!(window.earliest(now, 4), now + ms(7_000));
    assert!(window.try_take(now + ms(7_000)).is_some());
}
