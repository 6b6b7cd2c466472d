//! Waiting for a state, which tests and measurements do in place of pausing.

use std::time::{Duration, Instant};

/// Asks again until there is an answer. A test waits for a state, never for a
/// time; the deadline only turns a hang into a failure with a name.
pub fn until<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(Instant::now() < deadline, "waited in vain until {what}");
        std::thread::park_timeout(Duration::from_millis(5));
    }
}
