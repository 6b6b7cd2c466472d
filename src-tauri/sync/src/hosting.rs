//! Links that one machine serves for another, and what it hands on for it: who serves says
//! where, and hears whether their home is still there; who rests says so. What visitors sent
//! and did at the one is fetched by and told to the other.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use iroh::endpoint::Connection;
use library::DeviceId;
use n0_future::{BufferedStreamExt, StreamExt, stream};
use tokio::time::{sleep, timeout};

use crate::contact::question;
use crate::protocol::{PATIENCE, Pong, QuestionOf, Rest, read};
use crate::{Inner, Peers, SyncError, blocking, locked, transfer};

/// How many machines are told at once.
const AT_ONCE: usize = 16;
/// How often a home is told what visitors did.
const TOLD: Duration = Duration::from_secs(10);
/// After which time files are fetched again that could not be had.
const ANEW: Duration = Duration::from_secs(30);

impl Peers {
    /// Is told what addresses of links begin with at this machine; `None` where none are
    /// served.
    pub fn serves_links_at(&self, base: Option<String>) {
        *locked(&self.inner.links_at) = base;
    }

    /// The machine by which a home that is away is heard now: one that may speak for it.
    ///
    /// # Errors
    /// When the library cannot be read.
    pub fn speaks_for(&self, home: DeviceId) -> Result<Option<DeviceId>, SyncError> {
        let mirrors = self.inner.library.mirrors_of(home)?;
        let contacts = locked(&self.inner.contacts);
        let is_there = |device: &DeviceId| {
            contacts
                .get(device)
                .is_some_and(|contact| contact.conn.is_some())
        };
        Ok(mirrors
            .into_iter()
            .find(|mirror| !is_there(&home) && is_there(mirror)))
    }

    /// Is told that this machine rests no more.
    pub fn wake(&self) {
        self.inner.rests.store(false, Ordering::Relaxed);
    }

    /// Says to the machines that serve this one's links that it rests, and waits a few
    /// seconds for them to have heard. Answers with how many have.
    pub async fn rest(&self) -> usize {
        self.inner.rests.store(true, Ordering::Relaxed);
        let library = Arc::clone(&self.inner.library);
        let servers = blocking(move || Ok(library.servers()?)).await;
        let lines: Vec<Connection> = {
            let contacts = locked(&self.inner.contacts);
            servers
                .into_iter()
                .flatten()
                .filter_map(|server| contacts.get(&server.device)?.conn.clone())
                .collect()
        };
        let mut saying = stream::iter(&lines)
            .map(say_rest)
            .buffered_unordered(AT_ONCE);
        let mut heard = 0;
        while let Some(said) = saying.next().await {
            heard += usize::from(said.is_ok());
        }
        heard
    }
}

async fn say_rest(conn: &Connection) -> Result<(), SyncError> {
    timeout(PATIENCE, async {
        let mut recv = question(conn, QuestionOf::Rest(Rest {})).await?;
        read::<Pong>(&mut recv, Some(PATIENCE)).await.map(|_| ())
    })
    .await
    .map_err(|_| SyncError::Broken)?
}

impl Inner {
    /// What a machine is answered that asks whether this one is there.
    pub(crate) async fn pong(&self, device: DeviceId) -> Result<Pong, SyncError> {
        let library = Arc::clone(&self.library);
        let servers = blocking(move || Ok(library.servers()?)).await?;
        let links = locked(&self.links_at).clone();
        Ok(Pong {
            relay: self.detour.told().map(|told| told.url.to_string()),
            links: links.filter(|_| self.library.is_host_of(device)),
            rests: self.rests.load(Ordering::Relaxed),
            lanes: self.lane_port.into(),
            mirrors: servers
                .iter()
                .map(|server| server.device.bytes().to_vec())
                .collect(),
        })
    }

    /// All that a home has to tell of its links is known, over the line that stands: from
    /// now on each sign of life renews their lease.
    pub(crate) async fn knows_links(&self, home: DeviceId) -> Result<(), SyncError> {
        let is_first = locked(&self.contacts)
            .get_mut(&home)
            .is_some_and(|contact| !std::mem::replace(&mut contact.knows_links, true));
        if is_first {
            self.library.renew_lease(home, false);
            self.keep_lease(home).await?;
        }
        Ok(())
    }

    /// A home was heard of, and whether it is about to rest.
    pub(crate) fn renew_lease(&self, home: DeviceId, rests: bool) {
        let knows = locked(&self.contacts)
            .get(&home)
            .is_some_and(|contact| contact.knows_links);
        if knows {
            self.library.renew_lease(home, rests);
        }
    }

    /// The line to a home is gone.
    pub(crate) async fn end_renewing(&self, home: DeviceId) {
        if let Some(contact) = locked(&self.contacts).get_mut(&home) {
            contact.knows_links = false;
        }
        // It was kept as the line began, too.
        let _ = self.keep_lease(home).await;
    }

    async fn keep_lease(&self, home: DeviceId) -> Result<(), SyncError> {
        let library = Arc::clone(&self.library);
        blocking(move || Ok(library.keep_lease(home)?)).await
    }

    /// Takes over which machines may speak for one while it is away, as it says.
    pub(crate) async fn learn_mirrors(
        &self,
        home: DeviceId,
        said: &[Vec<u8>],
    ) -> Result<(), SyncError> {
        let said: Vec<DeviceId> = said
            .iter()
            .filter_map(|id| id.as_slice().try_into().ok().map(DeviceId::from_bytes))
            .collect();
        let library = Arc::clone(&self.library);
        blocking(move || Ok(library.note_mirrors(home, &said)?)).await?;
        Ok(())
    }

    /// The homes that a machine may speak for and that are not reached now.
    pub(crate) async fn away_behind(&self, mirror: DeviceId) -> Result<Vec<DeviceId>, SyncError> {
        let library = Arc::clone(&self.library);
        let mut homes = blocking(move || Ok(library.mirrored_by(mirror)?)).await?;
        let contacts = locked(&self.contacts);
        homes.retain(|home| contacts.get(home).is_some_and(|home| home.conn.is_none()));
        Ok(homes)
    }

    /// Takes over where a machine says that it serves this one's links.
    pub(crate) async fn learn_links(
        &self,
        device: DeviceId,
        links: Option<String>,
    ) -> Result<(), SyncError> {
        let library = Arc::clone(&self.library);
        let is_new =
            blocking(move || Ok(library.note_server_address(device, links.as_deref())?)).await?;
        if is_new {
            self.tell();
        }
        Ok(())
    }

    /// Fetches what visitors sent at a machine that serves this one's links, for as long as
    /// the line stands.
    pub(crate) async fn take_uploads(
        &self,
        from: DeviceId,
        conn: &Connection,
    ) -> Result<(), SyncError> {
        let mut changed = self.changed.subscribe();
        // What was taken back there, or is damaged, is not asked for again on this line.
        let mut refused = HashSet::new();
        loop {
            let library = Arc::clone(&self.library);
            let awaited = blocking(move || Ok(library.awaited_uploads(from)?)).await?;
            let mut lacks = false;
            for upload in awaited {
                let id = upload.id;
                if refused.contains(&id) {
                    continue;
                }
                let source = self.source(from, conn);
                match transfer::fetch_upload(&self.library, &source, upload).await {
                    Ok(()) => {}
                    Err(SyncError::Refused(_) | SyncError::Forged(_)) => {
                        refused.insert(id);
                    }
                    // The disk may be full for this one.
                    Err(SyncError::Library(_)) => lacks = true,
                    Err(_) => {
                        lacks = true;
                        break;
                    }
                }
            }
            tokio::select! {
                changed = changed.changed() => changed.map_err(|_| SyncError::Broken)?,
                () = sleep(ANEW), if lacks => {}
            }
        }
    }

    /// Tells a home whose links are served here what their visitors did, and asks it anew for
    /// what it has not fetched.
    pub(crate) async fn tell_home(&self, home: DeviceId) -> Result<(), SyncError> {
        let library = Arc::clone(&self.library);
        blocking(move || Ok(library.pass_on_again(home)?)).await?;
        loop {
            let library = Arc::clone(&self.library);
            blocking(move || Ok(library.tell_visits(home)?)).await?;
            sleep(TOLD).await;
        }
    }
}
