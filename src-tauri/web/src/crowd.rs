//! Who is connected now, whether anything is on its way to them, and who goes when
//! there are too many.

use std::{
    collections::{HashMap, HashSet},
    net::IpAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};

use crate::pulse::Pulse;

/// The connections of one listener.
#[derive(Debug, Default)]
pub(crate) struct Crowd {
    peers: Mutex<Peers>,
    answers: AtomicUsize,
    sent: AtomicU64,
}

#[derive(Debug, Default)]
struct Peers {
    /// The number of the next connection.
    next: u64,
    open: HashMap<u64, (IpAddr, Arc<Pulse>)>,
}

impl Crowd {
    /// Counts a connection until the guard is dropped.
    pub(crate) fn enter(self: &Arc<Self>, peer: IpAddr, pulse: &Arc<Pulse>) -> Present {
        let mut peers = self.lock();
        let number = peers.next;
        peers.next += 1;
        peers.open.insert(number, (peer, Arc::clone(pulse)));
        Present {
            crowd: Arc::clone(self),
            number,
        }
    }

    /// Counts an answer until the guard is dropped.
    pub(crate) fn answer(self: &Arc<Self>) -> Underway {
        self.answers.fetch_add(1, Ordering::AcqRel);
        Underway(Arc::clone(self))
    }

    /// Cuts the connection that is missed least: of the network that has most of them,
    /// the one that has been quiet for longest. Whether there was a quiet one at all.
    pub(crate) fn make_room(&self) -> bool {
        let peers = self.lock();
        let mut networks: HashMap<u64, (usize, Option<&Arc<Pulse>>)> = HashMap::new();
        for (peer, pulse) in peers.open.values() {
            let (count, quietest) = networks.entry(network(*peer)).or_default();
            *count += 1;
            if pulse.quiet() > quietest.and_then(|pulse| pulse.quiet()) {
                *quietest = Some(pulse);
            }
        }
        let largest = networks
            .values()
            .filter_map(|(count, quietest)| Some((count, (*quietest)?)))
            .max_by_key(|(count, pulse)| (*count, pulse.quiet()));
        if let Some((_, pulse)) = largest {
            pulse.cut();
        }
        largest.is_some()
    }

    /// Open connections.
    pub(crate) fn connections(&self) -> usize {
        self.lock().open.len()
    }

    /// The addresses they come from.
    pub(crate) fn visitors(&self) -> usize {
        let peers = self.lock();
        let addresses: HashSet<IpAddr> = peers.open.values().map(|(peer, _)| *peer).collect();
        addresses.len()
    }

    /// Answers that were begun and not taken whole yet.
    pub(crate) fn answers(&self) -> usize {
        self.answers.load(Ordering::Acquire)
    }

    /// So many bytes more are on their way.
    pub(crate) fn sent(&self, bytes: usize) {
        let bytes = u64::try_from(bytes).unwrap_or_default();
        self.sent.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Bytes that were sent, heads of answers included, before they are sealed.
    pub(crate) fn bytes_sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Peers> {
        self.peers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What one attacker has easily: the /24 of an IPv4 address, the /64 of an IPv6 one.
fn network(peer: IpAddr) -> u64 {
    match peer {
        IpAddr::V4(address) => u64::from(address.to_bits() >> 8),
        IpAddr::V6(address) => u64::try_from(address.to_bits() >> 64).unwrap_or(u64::MAX),
    }
}

/// An open connection.
#[derive(Debug)]
pub(crate) struct Present {
    crowd: Arc<Crowd>,
    number: u64,
}

impl Drop for Present {
    fn drop(&mut self) {
        self.crowd.lock().open.remove(&self.number);
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
    use tokio::time::{Duration, advance};

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn two_connections_of_one_address_are_one_visitor() {
        let crowd = Arc::new(Crowd::default());
        let enter = |text| crowd.enter(address(text), &Pulse::new(Arc::clone(&crowd)));
        let first = enter("192.0.2.1");
        let second = enter("192.0.2.1");
        let third = enter("2001:db8::1");
        assert_eq!((crowd.connections(), crowd.visitors()), (3, 2));
        drop(first);
        assert_eq!((crowd.connections(), crowd.visitors()), (2, 2));
        drop((second, third));
        assert_eq!((crowd.connections(), crowd.visitors()), (0, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn the_quietest_of_the_largest_network_makes_room() {
        let crowd = Arc::new(Crowd::default());
        let mut present = Vec::new();
        let mut enter = |text| {
            let pulse = Pulse::new(Arc::clone(&crowd));
            present.push(crowd.enter(address(text), &pulse));
            pulse
        };
        let honest = enter("198.51.100.7");
        advance(Duration::from_secs(3)).await;
        let one = enter("192.0.2.1");
        advance(Duration::from_secs(1)).await;
        let two = enter("192.0.2.2");
        let busy = enter("192.0.2.3");
        let answering = busy.answer(false);
        advance(Duration::from_secs(1)).await;
        for gone in [&one, &two, &honest] {
            assert!(!gone.was_cut());
            assert!(crowd.make_room());
            assert!(gone.was_cut());
        }
        assert!(!crowd.make_room(), "an answer that is taken goes on");
        assert!(!busy.was_cut());
        advance(Duration::from_secs(11)).await;
        assert!(crowd.make_room(), "an answer that nobody takes makes room");
        assert!(busy.was_cut());
        drop(answering);
    }
}
