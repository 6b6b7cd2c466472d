//! Work that one thread does at a time, and does once more when something came
//! meanwhile.

use std::sync::atomic::{AtomicBool, Ordering};

/// Whether such work goes on, and whether there is more.
#[derive(Debug, Default)]
pub(crate) struct Round {
    asked: AtomicBool,
    running: AtomicBool,
}

impl Round {
    /// Asks for the work. True for who is to call [`Round::work`]: nobody does it now.
    pub(crate) fn ask(&self) -> bool {
        self.asked.store(true, Ordering::SeqCst);
        !self.running.swap(true, Ordering::SeqCst)
    }

    /// Works for as long as it is asked for.
    pub(crate) fn work(&self, work: impl Fn()) {
        loop {
            while self.asked.swap(false, Ordering::SeqCst) {
                work();
            }
            self.running.store(false, Ordering::SeqCst);
            // Something may have come between these two lines.
            if !self.asked.load(Ordering::SeqCst) || self.running.swap(true, Ordering::SeqCst) {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    #[test]
    fn what_comes_meanwhile_is_done_by_who_works() {
        let (round, done) = (Round::default(), Cell::new(0));
        assert!(round.ask());
        round.work(|| {
            done.set(done.get() + 1);
            if done.get() < 3 {
                assert!(!round.ask());
            }
        });
        assert_eq!(done.get(), 3);
        assert!(round.ask());
    }
}
