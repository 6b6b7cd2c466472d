//! A running peer. It opens the library, serves links, runs what must go on in
//! the background, and answers the commands of its shells: the window, the
//! `albumen` command, and other processes through the control socket.

pub mod command;
pub mod config;
pub mod control;

mod error;
mod event;
mod geometry;
mod hosting;
mod import;
mod job;
mod offsite;
mod operation;
mod pages;
mod peers;
mod round;
mod sharing;
mod upkeep;
mod watch;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, Weak};

use library::{Change, Clock, Library, Progress, Setting};
use media::Decoder;
use tokio::runtime::Handle;
use tokio::sync::{OnceCell, broadcast};

pub use error::NodeError;
pub use event::{Event, Noun};
pub use job::{Job, JobState};
pub use sharing::{Acme, Finding, Outcome, Probe, Reach, Sharing};

use config::Config;
use job::Jobs;
use round::Round;
use sharing::Listener;

/// The target of all events that are worth a line of a log.
pub const EVENTS: &str = "albumen";

/// A running peer. Made inside a tokio runtime; its commands block and are run
/// off the async threads.
pub struct Node {
    library: Arc<Library>,
    /// The library's own, for what it tells of its workers.
    decoder: Decoder,
    runtime: Handle,
    events: broadcast::Sender<Event>,
    jobs: Jobs,
    listener: Listener,
    /// Other machines; spoken to once there is one, or is to be one.
    peers: OnceCell<sync::Peers>,
    peer_port: u16,
    /// It was started and stays, rather than answering one command.
    stays: AtomicBool,
    /// What visitors sent is being looked at.
    receiving: Round,
    /// Videos are being converted.
    converting: Round,
    /// Checksums of what links give are being found out.
    summing: Round,
    /// Where an operator's programs look, given with the start.
    metrics: Option<SocketAddr>,
    /// What answers them.
    lookout: tokio::sync::Mutex<Option<web::Listening>>,
    /// How the off-site copy stands.
    offsite: offsite::Standing,
    /// Whose pages the owner looks at.
    looked: pages::Looked,
}

impl Node {
    /// Opens the library and begins to tell of its changes. Nothing listens and
    /// nothing runs in the background until [`Node::start`].
    ///
    /// # Errors
    /// As [`Library::open`].
    pub fn open(config: &Config) -> Result<Arc<Node>, NodeError> {
        let workers = std::thread::available_parallelism().map_or(2, usize::from);
        let decoder = Decoder::new(config.program.clone(), workers);
        let library = Library::open(&config.library, decoder.clone(), Clock::system())?;
        let library = Arc::new(library);
        if library.identity()?.device_name.is_empty() {
            library.rename(None, Some(config::device_name()))?;
        }
        let (events, _) = broadcast::channel(1_024);
        let node = Arc::new(Node {
            listener: Listener::new(config.listen, config.public_url.clone()),
            jobs: Jobs::new(events.clone()),
            peers: OnceCell::new(),
            peer_port: config.peer_port,
            runtime: Handle::current(),
            stays: AtomicBool::new(false),
            receiving: Round::default(),
            converting: Round::default(),
            summing: Round::default(),
            metrics: config.metrics,
            lookout: tokio::sync::Mutex::default(),
            offsite: offsite::Standing::default(),
            looked: pages::Looked::default(),
            events,
            decoder,
            library,
        });
        node.tell_changes();
        node.bring_what_is_elsewhere();
        Ok(node)
    }

    /// Takes up what a running node does by itself: answers other processes,
    /// serves links when sharing is on, makes the renditions still missing, and
    /// keeps the library up.
    pub async fn start(self: &Arc<Node>) -> Result<(), NodeError> {
        self.stays.store(true, Ordering::Relaxed);
        control::answer(self)?;
        if self.library.setting(Setting::Sharing)?.as_deref() == Some("on") {
            // A taken port is told by `sharing show`; the rest works without.
            let _ = self.listener.listen(&self.library).await;
            self.tell(Event::of(Noun::Sharing));
        }
        self.take_up_imports()?;
        self.render_waiting();
        self.sum_waiting();
        self.look_at_inbox();
        let base = self.listener.base_url(&self.library).await?;
        self.note_link_base(&base)?;
        self.meet_peers().await;
        if let Err(error) = self.look_out().await {
            // Who looks there sees that nobody answers; links go on.
            tracing::warn!(target: EVENTS, problem = error.message, "nobody may look how the node is");
        }
        sharing::follow(self);
        upkeep::begin(self);
        offsite::begin(self);
        watch::begin(self);
        Ok(())
    }

    /// Serves links now, whatever the setting; answers with the address taken
    /// and the one links are written with.
    ///
    /// # Errors
    /// When the address cannot be taken.
    pub async fn serve(&self) -> Result<(SocketAddr, String), NodeError> {
        let address = self.listener.listen(&self.library).await?;
        Ok((address, self.listener.base_url(&self.library).await?))
    }

    /// Lets an operator's programs look at this node, where that is wished, or no more.
    ///
    /// # Errors
    /// When the address is one that others reach, or cannot be had.
    pub(crate) async fn look_out(self: &Arc<Node>) -> Result<(), NodeError> {
        let mut lookout = self.lookout.lock().await;
        if let Some(before) = lookout.take() {
            before.stop().await;
        }
        *lookout = operation::begin(self, self.metrics).await?;
        Ok(())
    }

    /// The library.
    pub fn library(&self) -> &Arc<Library> {
        &self.library
    }

    /// The library's folder.
    pub fn folder(&self) -> &Path {
        self.library.folder()
    }

    /// Hears of what happens from now on.
    pub fn events(&self) -> broadcast::Receiver<Event> {
        self.events.subscribe()
    }

    /// Stops what runs: jobs break off, to be taken up by the next start, and the
    /// listener ends.
    pub async fn stop(&self) {
        self.jobs.break_off_all();
        self.rest().await;
        self.offsite.stop();
        if let Some(peers) = self.peers.get() {
            peers.stop().await;
        }
        self.listener.stop().await;
        if let Some(lookout) = self.lookout.lock().await.take() {
            lookout.stop().await;
        }
    }

    /// Whether it was started and stays, rather than answering one command.
    pub(crate) fn stays(&self) -> bool {
        self.stays.load(Ordering::Relaxed)
    }

    /// From how many addresses visitors are connected now.
    pub async fn visitors(&self) -> usize {
        self.listener.visitors().await
    }

    /// Whether bytes are on their way, to a visitor or into the library: then the
    /// machine should not fall asleep.
    pub async fn is_transferring(&self) -> bool {
        self.jobs.is_importing() || self.listener.is_sending().await
    }

    /// Cancels everything that runs in the foreground.
    pub fn cancel_jobs(&self) {
        self.jobs.cancel_all();
    }

    /// Names the places of what an earlier Albumen took in and makes missing
    /// renditions, as jobs that can be seen, and after them converts videos, on a thread of its own, until done or the node is gone.
    pub(crate) fn render_waiting(self: &Arc<Node>) {
        let node = Arc::downgrade(self);
        self.runtime.spawn_blocking(move || {
            let library = Arc::clone(&node.upgrade()?.library);
            if library.has_places_waiting().unwrap_or(false) {
                let job = node.upgrade()?.jobs.begin("place");
                let go_on =
                    |progress: &Progress| Weak::strong_count(&node) > 0 && job.go_on(progress);
                let done = library.name_places(&go_on);
                node.upgrade()?.jobs.finish(&job, None);
                done.ok()?;
            }
            if library.has_renditions_waiting().unwrap_or(false) {
                let job = node.upgrade()?.jobs.begin("render");
                let go_on =
                    |progress: &Progress| Weak::strong_count(&node) > 0 && job.go_on(progress);
                let done = library.render_waiting(&go_on);
                node.upgrade()?.jobs.finish(&job, None);
                done.ok()?;
            }
            // What could not be compared now is at the next start.
            let _ = compare(&node);
            node.upgrade()?.convert_waiting();
            Some(())
        });
    }

    /// Looks for photos that look the same, where no other process that stays does:
    /// as a job that can be seen, on this thread.
    pub(crate) fn compare_here(self: &Arc<Node>) -> Result<(), NodeError> {
        match self.stays() {
            true => Ok(()),
            false => compare(&Arc::downgrade(self)),
        }
    }

    /// Converts videos that browsers do not play, as a job that can be seen and
    /// cancelled, on a thread of its own. A node that answers one command leaves
    /// that to one that stays.
    pub(crate) fn convert_waiting(self: &Arc<Node>) {
        self.go_round(|node| &node.converting, Node::convert);
    }

    /// Finds out the checksums that archives of links need before their first byte,
    /// as a job that can be seen and cancelled, on a thread of its own. Visitors of
    /// a node that answers one command there are none.
    pub(crate) fn sum_waiting(self: &Arc<Node>) {
        self.go_round(|node| &node.summing, Node::sum);
    }

    /// Looks at what visitors sent, as a job that can be seen and cancelled, on a
    /// thread of its own.
    pub(crate) fn look_at_inbox(self: &Arc<Node>) {
        self.go_round(|node| &node.receiving, Node::receive);
    }

    /// Does work on a thread of its own, in a node that stays, unless someone is at it.
    fn go_round(self: &Arc<Node>, round: fn(&Node) -> &Round, work: fn(&Node)) {
        if self.stays() && round(self).ask() {
            let node = Arc::downgrade(self);
            self.runtime.spawn_blocking(move || {
                let node = node.upgrade()?;
                round(&node).work(|| work(&node));
                Some(())
            });
        }
    }

    /// Looks at what came, as a job.
    fn receive(&self) {
        // What cannot be told now is told by the next thing that comes.
        if !self.library.has_uploads_waiting().unwrap_or(false) {
            return;
        }
        let job = self.jobs.begin("receive");
        let _ = self
            .library
            .look_at_uploads(&|progress| job.go_on(progress));
        self.jobs.finish(&job, None);
    }

    /// Finds out what waits now, as a job.
    fn sum(&self) {
        // What cannot be told now is told by the next visitor who needs it.
        if !self.library.has_sums_waiting().unwrap_or(false) {
            return;
        }
        let job = self.jobs.begin("sum");
        let _ = self.library.sum_waiting(&|progress| job.go_on(progress));
        self.jobs.finish(&job, None);
    }

    /// Converts what waits now, as a job.
    fn convert(&self) {
        // What cannot be told now is told by the next thing that needs it.
        if !self.library.has_films_waiting().unwrap_or(false) {
            return;
        }
        let job = self.jobs.begin("convert");
        let last = Mutex::new(Progress::default());
        let watch = |progress: &Progress| {
            if let Ok(mut last) = last.lock() {
                last.clone_from(progress);
            }
            job.go_on(progress)
        };
        let _ = self.library.convert_waiting(&watch);
        let last = last.into_inner().unwrap_or_default();
        self.jobs.finish(&job, Some(&last));
    }

    fn tell(&self, event: Event) {
        // Nobody listening is no failure.
        let _ = self.events.send(event);
    }

    /// Passes the library's changes on as events.
    fn tell_changes(self: &Arc<Node>) {
        let changes = self.library.changes();
        let events = self.events.clone();
        let node = Arc::downgrade(self);
        std::thread::spawn(move || {
            for change in changes {
                if let Change::Album(_) | Change::Link(_) | Change::Everything = change
                    && let Some(node) = node.upgrade()
                {
                    node.sum_waiting();
                }
                if let Change::Films = change
                    && let Some(node) = node.upgrade()
                {
                    node.convert_waiting();
                }
                if let Change::Inbox | Change::Everything = change
                    && let Some(node) = node.upgrade()
                {
                    node.look_at_inbox();
                }
                if let Some(node) = node.upgrade() {
                    node.tell_peers(change);
                    node.offsite.hear(change);
                }
                let event = match change {
                    Change::Asset(id) => Event::about(Noun::Asset, id),
                    Change::Album(id) => Event::about(Noun::Album, id),
                    Change::Link(id) => Event::about(Noun::Link, id),
                    Change::Inbox => Event::of(Noun::Inbox),
                    Change::Withdrawn(id) => Event::about(Noun::Withdrawn, id),
                    Change::Activity => Event::of(Noun::Activity),
                    Change::Locked => Event::of(Noun::Locked),
                    Change::Twins => Event::of(Noun::Duplicates),
                    Change::Watched => Event::of(Noun::Watched),
                    Change::Identity => Event::of(Noun::Identity),
                    Change::Peers => Event::of(Noun::Peers),
                    Change::Replica(home) => Event::about(Noun::Remote, home),
                    Change::Outbox => Event::of(Noun::Outbox),
                    Change::Notices => Event::of(Noun::Notices),
                    Change::Partners => Event::of(Noun::Partners),
                    Change::Safety => Event::of(Noun::Safety),
                    Change::Moved => Event::of(Noun::Moved),
                    Change::Offsite => Event::of(Noun::Offsite),
                    Change::Contributions(_) | Change::Films => continue,
                    Change::Everything => Event::of(Noun::Everything),
                };
                let _ = events.send(event);
            }
        });
    }
}

/// Compares what waits for it, as a job, until done or the node is gone.
fn compare(node: &Weak<Node>) -> Result<(), NodeError> {
    let Some(held) = node.upgrade() else {
        return Ok(());
    };
    let library = Arc::clone(&held.library);
    if library.twins_waiting()? == 0 {
        return Ok(());
    }
    let job = held.jobs.begin("compare");
    drop(held);
    let go_on = |progress: &Progress| Weak::strong_count(node) > 0 && job.go_on(progress);
    let done = library.find_twins(&go_on);
    if let Some(node) = node.upgrade() {
        node.jobs.finish(&job, None);
    }
    Ok(done?)
}
