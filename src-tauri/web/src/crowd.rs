//! Who is connected now, and whether anything is on its way to them.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

/// The connections of one listener.
#[derive(Debug, Default)]
pub(crate) struct Crowd {
    /// How many connections each address has.
    peers: Mutex<HashMap<IpAddr, usize>>,
    answers: AtomicUsize,
}

impl Crowd {
    /// Counts a connection until the guard is dropped.
    pub(crate) fn enter(self: &Arc<Self>, peer: IpAddr) -> Present {
        *self.lock().entry(peer).or_default() += 1;
        Present {
            crowd: Arc::clone(self),
            peer,
        }
    }

    /// Counts an answer until the guard is dropped.
    pub(crate) fn answer(self: &Arc<Self>) -> Underway {
        self.answers.fetch_add(1, Ordering::AcqRel);
        Underway(Arc::clone(self))
    }

    /// Open connections.
    pub(crate) fn connections(&self) -> usize {
        self.lock().values().sum()
    }

    /// The addresses they come from.
    pub(crate) fn visitors(&self) -> usize {
        self.lock().len()
    }

    /// Answers that were begun and not taken whole yet.
    pub(crate) fn answers(&self) -> usize {
        self.answers.load(Ordering::Acquire)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.peers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An open connection.
#[derive(Debug)]
pub(crate) struct Present {
    crowd: Arc<Crowd>,
    peer: IpAddr,
}

impl Drop for Present {
    fn drop(&mut self) {
        let mut peers = self.crowd.lock();
        if let Some(count) = peers.get_mut(&self.peer) {
            *count -= 1;
            if *count == 0 {
                peers.remove(&self.peer);
            }
        }
    }
}

/// An answer on its way.
#[derive(Debug)]
pub(crate) struct Underway(Arc<Crowd>);

impl Drop for Underway {
    fn drop(&mut self) {
        self.0.answers.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_connections_of_one_address_are_one_visitor() {
        let crowd = Arc::new(Crowd::default());
        let [one, other] = ["192.0.2.1", "2001:db8::1"].map(|text| text.parse().unwrap());
        let first = crowd.enter(one);
        let second = crowd.enter(one);
        let third = crowd.enter(other);
        assert_eq!((crowd.connections(), crowd.visitors()), (3, 2));
        drop(first);
        assert_eq!((crowd.connections(), crowd.visitors()), (2, 2));
        drop((second, third));
        assert_eq!((crowd.connections(), crowd.visitors()), (0, 0));
    }
}
