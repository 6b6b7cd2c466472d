//! The store, as the rest of the program speaks to it: a few verbs that block. Names are
//! below the folder of one recovery key. What the store complains of becomes a sentence that
//! says what to do.

use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

use library::{LibraryError, OffsiteCopy, OffsiteLogin, OffsitePlace};
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::list::{PaginatedListOptions, PaginatedListStore};
use object_store::multipart::{MultipartStore, PartId};
use object_store::path::Path;
use object_store::{ClientOptions, ObjectStoreExt, PutPayload, RetryConfig};
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

use super::reading::Reading;
use super::told::told;
use crate::NodeError;

/// How long a request may take: a part of 8 MiB, sent or read, at some 40 kB/s.
const LONGEST: Duration = Duration::from_secs(240);
const CONNECTING: Duration = Duration::from_secs(10);

/// How often what fails is tried again, with growing pauses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Patience {
    /// Someone waits for the answer.
    Little,
    /// It goes on in the background.
    Much,
}

/// A store that can be spoken to.
#[derive(Clone)]
pub(crate) struct Store {
    s3: Arc<AmazonS3>,
    /// With a `/` at its end.
    folder: String,
    place: OffsitePlace,
    runtime: Handle,
    /// Once cancelled, nothing is waited for any more.
    stop: CancellationToken,
}

/// Something that the store holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Held {
    /// Its name, below the folder.
    pub name: String,
    pub bytes: u64,
    pub tag: Option<String>,
}

impl Held {
    /// Whether this is what is noted of a copy: so many bytes, under the same mark.
    pub fn is_as_noted(&self, copy: &OffsiteCopy) -> bool {
        copy.held.as_ref().is_some_and(|(bytes, tag)| {
            let other_tag = matches!((tag, &self.tag), (Some(a), Some(b)) if a != b);
            *bytes == self.bytes && !other_tag
        })
    }
}

impl Store {
    /// Speaks to nobody yet.
    pub fn new(
        place: &OffsitePlace,
        login: &OffsiteLogin,
        folder: &str,
        patience: Patience,
        runtime: &Handle,
        stop: CancellationToken,
    ) -> Result<Store, NodeError> {
        let retry = match patience {
            Patience::Little => RetryConfig {
                max_retries: 2,
                retry_timeout: Duration::from_secs(5),
                ..RetryConfig::default()
            },
            Patience::Much => RetryConfig::default(),
        };
        let client = ClientOptions::new()
            .with_timeout(LONGEST)
            .with_connect_timeout(CONNECTING)
            .with_allow_http(true);
        // A path below the address works at every store; a name below the bucket's does not.
        let s3 = AmazonS3Builder::new()
            .with_endpoint(place.endpoint.trim_end_matches('/'))
            .with_bucket_name(&place.bucket)
            .with_region(&place.region)
            .with_access_key_id(&login.access_key)
            .with_secret_access_key(&login.secret_key)
            .with_virtual_hosted_style_request(false)
            // Not every store removes many at once.
            .with_disable_bulk_delete(true)
            .with_client_options(client)
            .with_retry(retry)
            .build()
            .map_err(|error| told(error, place))?;
        Ok(Store {
            s3: Arc::new(s3),
            // As the store will list it: a path writes some characters otherwise.
            folder: format!("{}/", Path::from(format!("{}/{folder}", place.prefix))),
            place: place.clone(),
            runtime: runtime.clone(),
            stop,
        })
    }

    fn path(&self, name: &str) -> Path {
        Path::from(format!("{}{name}", self.folder))
    }

    fn told(&self, error: object_store::Error) -> NodeError {
        told(error, &self.place)
    }

    /// What went wrong while a body was read.
    pub fn told_reading(&self, error: std::io::Error) -> NodeError {
        match error.downcast::<object_store::Error>() {
            Ok(error) => self.told(error),
            Err(error) => error.into(),
        }
    }

    fn wait<T>(
        &self,
        asked: impl Future<Output = object_store::Result<T>>,
    ) -> Result<T, NodeError> {
        self.runtime.block_on(async {
            tokio::select! {
                answer = asked => answer.map_err(|error| self.told(error)),
                () = self.stop.cancelled() => Err(LibraryError::Closing.into()),
            }
        })
    }

    /// Keeps a small body; answers with the store's mark of it.
    pub fn put(&self, name: &str, body: Vec<u8>) -> Result<Option<String>, NodeError> {
        let put = self.wait(self.s3.put(&self.path(name), body.into()))?;
        Ok(put.e_tag.map(plain))
    }

    /// Begins an upload in parts; answers with the store's id of it.
    pub fn begin(&self, name: &str) -> Result<String, NodeError> {
        self.wait(self.s3.create_multipart(&self.path(name)))
    }

    /// Sends a part. Does not block: the answer is awaited by [`Store::sent`].
    /// The permit is given back once the part is not in memory any more.
    pub fn send(
        &self,
        name: &str,
        upload: &str,
        number: usize,
        body: Vec<u8>,
        permit: OwnedSemaphorePermit,
    ) -> Sending {
        let (s3, path, upload) = (Arc::clone(&self.s3), self.path(name), upload.to_owned());
        let body = PutPayload::from(body);
        Sending(self.runtime.spawn(async move {
            let sent = s3.put_part(&path, &upload, number, body).await;
            drop(permit);
            sent
        }))
    }

    /// Waits for one of the permits.
    pub fn permit(&self, permits: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, NodeError> {
        let permit = Arc::clone(permits).acquire_owned();
        let closed = |_| NodeError::new("offsite", "Copying has ended.");
        self.runtime.block_on(permit).map_err(closed)
    }

    /// Waits until a part is there.
    pub fn sent(&self, mut sending: Sending) -> Result<PartId, NodeError> {
        self.wait(async { (&mut sending.0).await? })
    }

    /// Ends an upload in parts: then the body is there. Answers with the store's mark of it.
    pub fn complete(
        &self,
        name: &str,
        upload: &str,
        parts: Vec<PartId>,
    ) -> Result<Option<String>, NodeError> {
        let (path, upload) = (self.path(name), upload.to_owned());
        let put = self.wait(self.s3.complete_multipart(&path, &upload, parts))?;
        Ok(put.e_tag.map(plain))
    }

    /// Gives an upload in parts up, so that the store keeps none of them.
    pub fn give_up(&self, name: &str, upload: &str) -> Result<(), NodeError> {
        let (path, upload) = (self.path(name), upload.to_owned());
        match self.wait(self.s3.abort_multipart(&path, &upload)) {
            Err(error) if error.code != "not_found" => Err(error),
            _ => Ok(()),
        }
    }

    /// What the store holds under a name; `None` for nothing.
    pub fn look(&self, name: &str) -> Result<Option<Held>, NodeError> {
        match self.wait(self.s3.head(&self.path(name))) {
            Ok(meta) => Ok(Some(Held {
                name: name.to_owned(),
                bytes: meta.size,
                tag: meta.e_tag.map(plain),
            })),
            Err(error) if error.code == "not_found" => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Reads what the store holds under a name.
    pub fn read(&self, name: &str) -> Result<impl Read + Send + use<>, NodeError> {
        let (s3, path) = (Arc::clone(&self.s3), self.path(name));
        self.wait(Reading::begin(s3, path, self.stop.clone()))
    }

    /// Tells of all that the store holds in the folder under names that begin so.
    pub fn list(&self, beginning: &str, mut each: impl FnMut(Held)) -> Result<(), NodeError> {
        let prefix = format!("{}{beginning}", self.folder);
        let mut page_token = None;
        loop {
            let options = PaginatedListOptions {
                page_token: page_token.take(),
                ..PaginatedListOptions::default()
            };
            let page = self.wait(self.s3.list_paginated(Some(&prefix), options))?;
            for object in page.result.objects {
                if let Some(name) = object.location.as_ref().strip_prefix(&self.folder) {
                    each(Held {
                        name: name.to_owned(),
                        bytes: object.size,
                        tag: object.e_tag.map(plain),
                    });
                }
            }
            page_token = page.page_token;
            if page_token.is_none() {
                return Ok(());
            }
        }
    }

    /// Removes what is under a name.
    pub fn remove(&self, name: &str) -> Result<(), NodeError> {
        match self.wait(self.s3.delete(&self.path(name))) {
            Err(error) if error.code != "not_found" => Err(error),
            _ => Ok(()),
        }
    }

    /// Whether it lists, takes, gives and removes, by a small body that is gone afterwards.
    pub fn try_out(&self) -> Result<(), NodeError> {
        const NAME: &str = "trial";
        // First, for some stores make a bucket that is not there of what they are given.
        self.list(NAME, |_| {})?;
        self.put(NAME, NAME.into())?;
        let mut back = String::new();
        self.read(NAME)?.read_to_string(&mut back)?;
        self.remove(NAME)?;
        match back == NAME {
            true => Ok(()),
            false => Err(NodeError::new(
                "offsite",
                "The store gave back other bytes than it was given; choose another one.",
            )),
        }
    }
}

/// A mark without the quotes around it, which a store may write here and not there: Ceph does
/// not where it answers to the end of an upload in parts, and does where it lists that.
fn plain(tag: String) -> String {
    tag.trim_matches('"').to_owned()
}

/// A part on its way.
pub(crate) struct Sending(tokio::task::JoinHandle<object_store::Result<PartId>>);

impl Sending {
    /// Whether waiting for it takes no time.
    pub fn is_finished(&self) -> bool {
        self.0.is_finished()
    }
}

impl Drop for Sending {
    fn drop(&mut self) {
        // Of an upload that is given up, nothing goes on.
        self.0.abort();
    }
}
