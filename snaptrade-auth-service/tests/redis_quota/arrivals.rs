//! A server that writes down when each request reached it, whichever process it came from.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::sync::{Arc, Mutex};
use std::thread::{sleep, spawn};
use std::time::{Duration, Instant};

#[derive(Clone)]
pub(crate) struct Arrivals {
    pub(crate) port: u16,
    times: Arc<Mutex<Vec<Instant>>>,
}

impl Arrivals {
    /// Answers each request after a time between zero and `latency`.
    pub(crate) fn listen(latency: Duration) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let times = Arc::<Mutex<Vec<_>>>::default();
        let arrivals = Self { port, times };
        let times = arrivals.times.clone();
        spawn(move || {
            let mut random = fastrand::Rng::with_seed(1);
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let (times, latency) = (times.clone(), latency.mul_f64(random.f64()));
                spawn(move || {
                    // A process that was killed may not have written its request.
                    if stream.read_exact(&mut [0]).is_ok() {
                        times.lock().unwrap().push(Instant::now());
                        sleep(latency);
                        let _ = stream.write_all(&[0]);
                    }
                });
            }
        });
        arrivals
    }

    pub(crate) fn times(&self) -> Vec<Instant> {
        let mut times = self.times.lock().unwrap().clone();
        times.sort();
        times
    }

    pub(crate) fn between(&self, start: Instant, end: Instant) -> usize {
        let times = self.times();
        times
            .iter()
            .filter(|&&time| start <= time && time < end)
            .count()
    }

    /// The most in any trailing window.
    pub(crate) fn most_in(&self, window: Duration) -> usize {
        let times = self.times();
        let mut first = 0;
        let counts = times.iter().enumerate().map(|(last, &time)| {
            while time - times[first] > window {
                first += 1;
            }
            last - first + 1
        });
        counts.max().unwrap_or(0)
    }
}
