//! The figures of a node, as Prometheus reads them (OpenMetrics 1.0). They say how much of
//! everything there is, and nothing of what it is or whose.

use std::sync::atomic::AtomicU64;
use std::time::{SystemTime, UNIX_EPOCH};

use library::Library;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::{ConstGauge, Gauge};
use prometheus_client::registry::{Registry, Unit};

use crate::{Node, NodeError};

/// Names and values of what is counted apart.
type Labels = Vec<(&'static str, String)>;

/// All figures, as text. Blocks; reads the row of every original.
pub(super) fn of(node: &Node) -> Result<String, NodeError> {
    let mut page = Page(Registry::with_prefix("albumen"));
    // A gauge, which programs know that read no OpenMetrics.
    let version = vec![(env!("CARGO_PKG_VERSION").to_owned(), 1)];
    page.by("build_info", "What runs", "version", version);
    holdings(&mut page, &node.library)?;
    listener(&mut page, node)?;
    machines(&mut page, node)?;
    work(&mut page, node);
    if let Some(bytes) = resident() {
        page.bytes("resident_memory", "Memory of this process", bytes);
    }
    let mut text = String::new();
    encode(&mut text, &page.0).map_err(|error| NodeError::new("metrics", error.to_string()))?;
    Ok(text)
}

/// What is written so far.
struct Page(Registry);

impl Page {
    fn gauge(&mut self, name: &str, help: &str, value: u64) {
        self.0.register(name, help, gauge(value));
    }

    fn bytes(&mut self, name: &str, help: &str, value: u64) {
        let unit = Unit::Bytes;
        self.0.register_with_unit(name, help, unit, gauge(value));
    }

    fn seconds(&mut self, name: &str, help: &str, value: i64) {
        let unit = Unit::Seconds;
        self.0
            .register_with_unit(name, help, unit, ConstGauge::new(value));
    }

    fn by(&mut self, name: &str, help: &str, label: &'static str, values: Vec<(String, u64)>) {
        let family = Family::<Labels, Gauge>::default();
        for (key, value) in values {
            let value = i64::try_from(value).unwrap_or(i64::MAX);
            family.get_or_create(&vec![(label, key)]).inc_by(value);
        }
        self.0.register(name, help, family);
    }
}

fn gauge(value: u64) -> ConstGauge<i64> {
    ConstGauge::new(i64::try_from(value).unwrap_or(i64::MAX))
}

fn holdings(page: &mut Page, library: &Library) -> Result<(), NodeError> {
    let counts = library.counts()?;
    let shelves = [
        ("timeline", counts.assets),
        ("archive", counts.archived),
        ("trash", counts.trashed),
    ];
    let shelves = shelves.map(|(name, count)| (name.to_owned(), count)).into();
    page.by("assets", "Photos and videos", "shelf", shelves);
    page.gauge("albums", "Albums", counts.albums);
    page.gauge("links_open", "Links that open", counts.links);
    let storage = library.storage()?;
    let originals = storage.originals.bytes + storage.in_place.bytes;
    page.bytes(
        "originals",
        "Originals, also those left where they are",
        originals,
    );
    page.bytes("catalog", "The catalog", storage.catalog);
    page.bytes("disk_free", "Free on the disk of the library", storage.free);
    page.bytes("disk_size", "The disk of the library", storage.total);
    let damaged = library.damaged_files()?;
    page.gauge(
        "damaged_originals",
        "Originals that were found damaged",
        damaged,
    );
    if let Some(newest) = library.backups()?.first() {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let now = i64::try_from(now.as_millis()).unwrap_or(i64::MAX);
        let age = (now - newest.made_at) / 1_000;
        page.seconds("backup_age", "Since the newest backup was made", age);
    }
    let uploads = library.count_uploads()?;
    page.by("uploads", "Files that visitors sent", "state", uploads);
    Ok(())
}

fn listener(page: &mut Page, node: &Node) -> Result<(), NodeError> {
    let sharing = node.runtime.block_on(node.listener.show(&node.library))?;
    page.gauge("sharing", "1 while links are served", sharing.on.into());
    let troubled = sharing.problem.is_some();
    page.gauge(
        "sharing_problem",
        "1 while not all is as it was set",
        troubled.into(),
    );
    let Some(figures) = node.runtime.block_on(node.listener.figures()) else {
        return Ok(());
    };
    page.gauge(
        "visitors",
        "Addresses that visitors are connected from",
        figures.visitors,
    );
    page.gauge(
        "connections",
        "Connections of visitors",
        figures.connections,
    );
    page.0.register_with_unit(
        "sent",
        "Sent to visitors since links are served",
        Unit::Bytes,
        ConstCounter::new(figures.bytes_sent),
    );
    let requests = Family::<Labels, Counter<u64, AtomicU64>>::default();
    for one in figures.answered {
        let labels = vec![
            ("route", one.route.to_owned()),
            ("class", format!("{}xx", one.class)),
        ];
        requests.get_or_create(&labels).inc_by(one.count);
    }
    page.0.register(
        "requests",
        "Answers to visitors since links are served",
        requests,
    );
    if let Some(validity) = figures.certificate {
        let left = match validity.until.duration_since(SystemTime::now()) {
            Ok(left) => i64::try_from(left.as_secs()).unwrap_or(i64::MAX),
            Err(over) => -i64::try_from(over.duration().as_secs()).unwrap_or(i64::MAX),
        };
        page.seconds("certificate_left", "Until the first certificate ends", left);
    }
    Ok(())
}

fn machines(page: &mut Page, node: &Node) -> Result<(), NodeError> {
    let known = node.library.peers()?;
    let connected = node.peers_now().map_or(0, |peers| {
        let reached = known
            .iter()
            .filter(|one| peers.presence(one.device).route.is_some());
        reached.count()
    });
    let count = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    page.gauge(
        "machines_known",
        "Other machines that are known",
        count(known.len()),
    );
    page.gauge(
        "machines_connected",
        "Of those, reached now",
        count(connected),
    );
    let sent = node.peers_now().map_or(0, sync::Peers::sent);
    page.0.register_with_unit(
        "machines_sent",
        "Bytes of photos sent to other machines since the start",
        Unit::Bytes,
        ConstCounter::new(sent),
    );
    Ok(())
}

fn work(page: &mut Page, node: &Node) {
    let jobs = node.jobs.list();
    let jobs = jobs.into_iter().map(|job| (job.kind, 1)).collect();
    page.by("jobs", "Work that goes on or waits", "kind", jobs);
    let losses = node.decoder.losses();
    let lost = losses.died + losses.timed_out;
    page.0.register(
        "decoders_lost",
        "Decoders that crashed or took too long since the start",
        ConstCounter::new(lost),
    );
}

/// Bytes of memory that this process has, where the system tells.
fn resident() -> Option<u64> {
    #[cfg(target_os = "linux")]
    {
        let text = std::fs::read_to_string("/proc/self/status").ok()?;
        let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        let kib: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
        Some(kib * 1_024)
    }
    #[cfg(not(target_os = "linux"))]
    None
}
