//! How fast visitors may speak: a bucket for each network at a link, and one for all of
//! a link, which fill again as time passes. In memory alone and bounded, so no address
//! is kept; how much may be said in all is the library's to know.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Buckets kept at most, of 100 bytes or so.
const MOST: usize = 8_192;

/// What one visitor has easily: an IPv4 address, the /64 of an IPv6 one. Never 0.
pub(crate) fn network(from: IpAddr) -> u64 {
    match from {
        IpAddr::V4(address) => (1 << 32) | u64::from(address.to_bits()),
        IpAddr::V6(address) => u64::try_from(address.to_bits() >> 64)
            .unwrap_or(u64::MAX)
            .max(1),
    }
}

/// What is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    /// A comment.
    Comment,
    /// A like, or what is taken back.
    Like,
}

/// How many at once, and how long until there is one more.
struct Measure {
    most: f64,
    each: Duration,
}

impl Kind {
    /// One network's: a whole wedding may be behind one address.
    fn of_network(self) -> Measure {
        match self {
            Kind::Comment => Measure::new(30, 2_000),
            Kind::Like => Measure::new(200, 250),
        }
    }

    /// All visitors' of a link.
    fn of_link(self) -> Measure {
        match self {
            Kind::Comment => Measure::new(120, 1_000),
            Kind::Like => Measure::new(1_000, 100),
        }
    }
}

impl Measure {
    fn new(most: u32, each_ms: u64) -> Self {
        Self {
            most: most.into(),
            each: Duration::from_millis(each_ms),
        }
    }
}

struct Bucket {
    left: f64,
    at: Instant,
}

impl Bucket {
    fn fill(&mut self, measure: &Measure, now: Instant) {
        let passed = now.saturating_duration_since(self.at).as_secs_f64();
        self.left = (self.left + passed / measure.each.as_secs_f64()).min(measure.most);
        self.at = now;
    }
}

/// By what is said, the link, and the network; 0 for all of the link.
type Key = (Kind, [u8; 8], u64);

/// The buckets of one listener.
#[derive(Default)]
pub(crate) struct Pace(Mutex<HashMap<Key, Bucket>>);

impl Pace {
    /// Takes one of a visitor's, and one of the link at `base`; or the time until there
    /// is one.
    pub(crate) fn take(&self, kind: Kind, base: &str, from: IpAddr) -> Result<(), Duration> {
        self.take_at(kind, base, from, Instant::now())
    }

    fn take_at(&self, kind: Kind, base: &str, from: IpAddr, now: Instant) -> Result<(), Duration> {
        let link = *blake3::hash(base.as_bytes())
            .as_bytes()
            .first_chunk()
            .unwrap_or(&[0; 8]);
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= MOST {
            buckets.retain(|(kind, _, network), bucket| {
                let measure = match network {
                    0 => kind.of_link(),
                    _ => kind.of_network(),
                };
                bucket.fill(&measure, now);
                bucket.left < measure.most
            });
        }
        if buckets.len() >= MOST {
            // Whoever fills it so is held by the link's own bucket.
            buckets.retain(|(_, _, network), _| *network == 0);
        }
        let both = [
            ((kind, link, network(from)), kind.of_network()),
            ((kind, link, 0), kind.of_link()),
        ];
        for (key, measure) in &both {
            let bucket = buckets.entry(*key).or_insert(Bucket {
                left: measure.most,
                at: now,
            });
            bucket.fill(measure, now);
            if bucket.left < 1.0 {
                return Err(measure.each.mul_f64(1.0 - bucket.left));
            }
        }
        for (key, _) in both {
            if let Some(bucket) = buckets.get_mut(&key) {
                bucket.left -= 1.0;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(last: u32) -> IpAddr {
        IpAddr::from(last.to_be_bytes())
    }

    #[test]
    fn one_network_waits_while_others_speak() {
        let (pace, now) = (Pace::default(), Instant::now());
        let say = |from, now| pace.take_at(Kind::Comment, "/share/a", address(from), now);
        assert_eq!((0..40).filter(|_| say(7, now).is_ok()).count(), 30);
        assert!(say(8, now).is_ok());
        assert!(
            pace.take_at(Kind::Like, "/share/a", address(7), now)
                .is_ok()
        );
        assert!(
            pace.take_at(Kind::Comment, "/share/b", address(7), now)
                .is_ok()
        );
        let wait = say(7, now).unwrap_err();
        assert!(wait <= Duration::from_secs(2), "{wait:?}");
        assert!(say(7, now + wait).is_ok());
        assert!(say(7, now + wait).is_err());
    }

    #[test]
    fn a_flood_from_everywhere_is_held_and_takes_no_more_memory() {
        let (pace, now) = (Pace::default(), Instant::now());
        let said = (1..30_000)
            .filter(|from| {
                pace.take_at(Kind::Like, "/share/a", address(*from), now)
                    .is_ok()
            })
            .count();
        assert_eq!(said, 1_000);
        assert!(pace.0.lock().unwrap().len() <= MOST + 1);
    }
}
