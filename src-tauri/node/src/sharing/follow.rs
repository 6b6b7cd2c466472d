//! Keeps what is told of sharing true: when the router, this machine's addresses or the
//! settings change, or the machine wakes up, the address of links is asked again.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use tokio::time::sleep;

use super::{Listener, Mapping, Standing, address};
use crate::event::{Event, Noun};
use crate::{Node, NodeError};

/// How often the machine's addresses are looked at.
const LOOK: Duration = Duration::from_secs(30);
/// How far the two clocks come apart when the machine slept.
const NAP: Duration = Duration::from_secs(10);

/// What a probe's answer depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Surroundings {
    /// What links begin with; `None` while nothing is served.
    base: Option<String>,
    own: Vec<IpAddr>,
    mapping: Mapping,
    standing: Vec<Standing>,
}

/// Looks from now on, until the node is gone.
pub(crate) fn begin(node: &Arc<Node>) {
    let stirred = Arc::clone(&node.listener.stirred);
    let mut mapping = node.listener.mapping.subscribe();
    let mut standing = node.listener.standing.subscribe();
    let node = Arc::downgrade(node);
    tokio::spawn(async move {
        let mut before: Option<Surroundings> = None;
        let (mut ticks, mut clock) = (Instant::now(), SystemTime::now());
        while let Some(node) = node.upgrade() {
            // A monotonic clock stands still while the machine sleeps.
            let slept = clock.elapsed().unwrap_or_default() > ticks.elapsed() + NAP;
            (ticks, clock) = (Instant::now(), SystemTime::now());
            node.tell_hosted(node.listener.base_for_others(&node.library).await);
            // What cannot be told now is told at the next look.
            if let Ok(now) = node.listener.surroundings(&node.library).await
                && (slept || before.as_ref() != Some(&now))
            {
                let moved = slept || before.as_ref().is_some_and(|before| before.own != now.own);
                before = Some(now);
                node.listener.settle(moved).await;
                node.tell(Event::of(Noun::Sharing));
                let _ = node.listener.probe(&node.library).await;
                node.tell(Event::of(Noun::Sharing));
            }
            drop(node);
            tokio::select! {
                () = stirred.notified() => {}
                _ = mapping.changed() => {}
                _ = standing.changed() => {}
                () = sleep(LOOK) => {}
            }
        }
    });
}

impl Listener {
    async fn surroundings(&self, library: &library::Library) -> Result<Surroundings, NodeError> {
        let taken = self.state.lock().await.taken();
        Ok(Surroundings {
            base: match taken {
                Some(_) => Some(self.base(library, taken)?),
                None => None,
            },
            own: address::own(),
            mapping: self.mapping.borrow().clone(),
            standing: self.standing.borrow().clone(),
        })
    }

    /// Takes up what changed: answers to the router's address, forgets what an earlier
    /// probe told, and where the machine `moved`, asks the new network's router.
    async fn settle(&self, moved: bool) {
        let name = address::local_name().await;
        let mut state = self.state.lock().await;
        let outside = self.outside().map(|outside| outside.ip());
        if let Some(running) = &state.running {
            running.answer_to(outside);
        }
        if let (Some(mapper), true) = (&state.mapper, moved) {
            mapper.wake();
        }
        state.name = name;
        state.probe = None;
    }
}
