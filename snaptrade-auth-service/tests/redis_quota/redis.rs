//! A Redis of its own for each test.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

pub(crate) struct Redis {
    port: u16,
    process: Child,
    /// What its clock is ahead by, in a file, if that can be set.
    clock: Option<Clock>,
}

struct Clock {
    dir: tempfile::TempDir,
}

impl Clock {
    /// Builds what sets it, with the C compiler that links Rust programs too.
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/redis_quota/clock.c");
        let mut compiler = Command::new("cc");
        compiler.args(["-shared", "-fPIC", "-O1", source, "-o"]);
        let built = compiler.arg(dir.path().join("clock.so")).status();
        assert!(built.expect("cc is in the path").success());
        Self { dir }
    }

    fn set(&self, ahead: i64) {
        // In place of the old one, so that it is never read half written.
        let new = self.dir.path().join("new");
        fs::write(&new, ahead.to_string()).unwrap();
        fs::rename(new, self.dir.path().join("ahead")).unwrap();
    }
}

impl Redis {
    pub(crate) fn start() -> Self {
        Self::start_on(free_port(), None)
    }

    /// One whose wall clock can be [set](Self::set_clock).
    pub(crate) fn start_with_clock() -> Self {
        Self::start_on(free_port(), Some(Clock::new()))
    }

    fn start_on(port: u16, clock: Option<Clock>) -> Self {
        let mut command = Command::new("redis-server");
        command
            .args(["--port", &port.to_string(), "--bind", "127.0.0.1"])
            .args(["--save", "", "--appendonly", "no"])
            .stdout(Stdio::null());
        if let Some(clock) = &clock {
            command
                .env("LD_PRELOAD", clock.dir.path().join("clock.so"))
                .env("CLOCK_AHEAD", clock.dir.path().join("ahead"));
        }
        let process = command.spawn().expect("redis-server is in the path");
        let redis = Self {
            port,
            process,
            clock,
        };
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        for _ in 0..500 {
            if TcpStream::connect(address).is_ok() {
                return redis;
            }
            sleep(Duration::from_millis(20));
        }
        panic!("redis-server does not listen");
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/", self.port)
    }

    /// Ends it, and everything in it.
    pub(crate) fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    pub(crate) fn restart_empty(&mut self) {
        *self = Self::start_on(self.port, self.clock.take());
    }

    /// Sets its wall clock: so many seconds ahead of the machine's.
    pub(crate) fn set_clock(&self, ahead: i64) {
        self.clock.as_ref().unwrap().set(ahead);
    }

    /// It keeps its connections and accepts new ones, but answers nothing.
    pub(crate) fn stop(&self) {
        self.signal("-STOP");
    }

    pub(crate) fn go_on(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let pid = self.process.id().to_string();
        let status = Command::new("kill").args([signal, &pid]).status();
        assert!(status.unwrap().success());
    }
}

fn free_port() -> u16 {
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    free.local_addr().unwrap().port()
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
