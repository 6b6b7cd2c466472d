//! The inbox: what visitors sent, outside the library until its owner takes it in or
//! not. Grouped by link and visitor; each decision can be undone.

mod decide;
mod look;
mod offer;

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

use media::{Sniff, sniff};
use rusqlite::{Connection, OptionalExtension, Row};

use crate::lock::SEEN;
use crate::{
    AssetId, Library, LibraryError, LinkId, Served, TakenAt, UploadId, What, asset::find_by_hash,
    rendition,
};

pub use decide::Accepted;
pub use offer::{Offer, OfferedPlace};

/// Files that one visitor sent through one link.
#[derive(Clone, Debug, PartialEq)]
pub struct InboxGroup {
    /// The link; it may be gone.
    pub link: LinkId,
    /// The title of its album; empty for a selection, and when it is gone.
    pub title: String,
    /// For whom the link is.
    pub label: String,
    /// What the visitor is known by.
    pub visitor: [u8; 32],
    /// How they want to be called; may be empty.
    pub name: String,
    /// The files, in the order in which they came.
    pub uploads: Vec<InboxUpload>,
}

/// A file that waits in the inbox.
#[derive(Clone, Debug, PartialEq)]
pub struct InboxUpload {
    /// Its id.
    pub id: UploadId,
    /// Its name, as the visitor gave it.
    pub name: String,
    /// Whether it is a video; `None` until a decoder saw it.
    pub is_video: Option<bool>,
    /// How many bytes it has.
    pub bytes: u64,
    /// Pixels across, as seen upright.
    pub width: u32,
    /// Pixels down, as seen upright.
    pub height: u32,
    /// Length of a video, milliseconds.
    pub duration_ms: Option<u64>,
    /// When it was taken, by its own word.
    pub taken_at: Option<TakenAt>,
    /// Thumbhash; may be empty.
    pub thumbhash: Vec<u8>,
    /// When all of it was here, milliseconds since 1970.
    pub received_at: i64,
    /// Why it cannot be previewed, as a stable word.
    pub unseen: Option<String>,
    /// The asset with the same bytes, where that may be seen.
    pub known: Option<AssetId>,
    /// Assets that look the same.
    pub alike: Vec<AssetId>,
    /// What its neighbours say of what it lacks.
    pub offer: Offer,
}

/// A row of `upload` that waits.
struct Waiting {
    link: LinkId,
    title: String,
    label: String,
    visitor: [u8; 32],
    visitor_name: String,
    hash: [u8; 32],
    placed: bool,
    upload: InboxUpload,
}

impl Waiting {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Waiting> {
        let kind: Option<String> = row.get("kind")?;
        let taken: Option<i64> = row.get("taken_local")?;
        let offset_minutes = row.get("taken_offset")?;
        let alike: Vec<u8> = row.get("alike")?;
        Ok(Waiting {
            link: row.get("link")?,
            title: row.get("title")?,
            label: row.get("label")?,
            visitor: row.get("visitor")?,
            visitor_name: row.get("visitor_name")?,
            hash: row.get("hash")?,
            placed: row.get("placed")?,
            upload: InboxUpload {
                id: row.get("id")?,
                name: row.get("name")?,
                is_video: kind.map(|kind| kind == "video"),
                bytes: row.get("bytes")?,
                width: row.get("width")?,
                height: row.get("height")?,
                duration_ms: row.get("duration_ms")?,
                taken_at: taken.map(|local_ms| TakenAt {
                    local_ms,
                    offset_minutes,
                }),
                thumbhash: row.get("thumbhash")?,
                received_at: row.get("received_at")?,
                unseen: row.get("unseen")?,
                known: None,
                alike: alike
                    .as_chunks::<16>()
                    .0
                    .iter()
                    .map(|id| AssetId::from_bytes(*id))
                    .collect(),
                offer: Offer::default(),
            },
        })
    }
}

impl Library {
    /// What waits in the inbox, by link and visitor, the newest group first; of one
    /// link when given.
    pub fn inbox(&self, link: Option<LinkId>) -> Result<Vec<InboxGroup>, LibraryError> {
        self.catalog.read(|conn| {
            let waiting: Vec<Waiting> = conn
                .prepare_cached(
                    "SELECT upload.*, coalesce(album.title, '') AS title,
                            coalesce(link.label, '') AS label
                       FROM upload LEFT JOIN link ON link.id = upload.link
                       LEFT JOIN album ON album.id = link.album
                      WHERE upload.state = 'waiting' AND upload.home IS NULL
                        AND (?1 IS NULL OR upload.link = ?1)
                      ORDER BY upload.received_at, upload.name, upload.id",
                )?
                .query_map([link], Waiting::from_row)?
                .collect::<Result<_, _>>()?;
            let offers = offer::offers(conn, &waiting)?;
            let mut groups: Vec<InboxGroup> = Vec::new();
            for (mut waiting, offer) in waiting.into_iter().zip(offers) {
                waiting.upload.offer = offer;
                waiting.upload.known = find_by_hash(conn, &waiting.hash)?;
                keep_seen(conn, &mut waiting.upload)?;
                let same = |group: &&mut InboxGroup| {
                    (group.link, group.visitor) == (waiting.link, waiting.visitor)
                };
                match groups.iter_mut().find(same) {
                    Some(group) => {
                        // The last name is the one they want.
                        group.name = waiting.visitor_name;
                        group.uploads.push(waiting.upload);
                    }
                    None => groups.push(InboxGroup {
                        link: waiting.link,
                        title: waiting.title,
                        label: waiting.label,
                        visitor: waiting.visitor,
                        name: waiting.visitor_name,
                        uploads: vec![waiting.upload],
                    }),
                }
            }
            let newest = |group: &InboxGroup| group.uploads.iter().map(|one| one.received_at).max();
            groups.sort_by_key(|group| std::cmp::Reverse(newest(group)));
            Ok(groups)
        })
    }

    /// Bytes of what waits in the inbox, for its owner to look at.
    ///
    /// # Errors
    /// [`LibraryError::Unknown`] when nothing of this id waits, or it has none such.
    pub fn inbox_bytes(&self, id: UploadId, what: What) -> Result<Served, LibraryError> {
        let hash = self.waiting_hash(id)?;
        let etag = blake3::Hash::from_bytes(hash).to_hex().to_string();
        let (file, mime) = match what {
            What::Rendition(wanted) => {
                let path = self.rendition_path(&hash, wanted, media::Turn::None);
                let file = rendition::open_whole(&path, wanted)?.ok_or_else(|| unknown(id))?;
                (file, wanted.mime())
            }
            What::Download | What::Film => {
                let mut file = File::open(self.upload_path(id)).map_err(|_| unknown(id))?;
                let mut head = Vec::new();
                Read::by_ref(&mut file)
                    .take(4 << 10)
                    .read_to_end(&mut head)?;
                let mime = match sniff(&head) {
                    Sniff::Media(format) => format.mime(),
                    Sniff::NotYet(_) | Sniff::Unknown => "application/octet-stream",
                };
                file.seek(SeekFrom::Start(0))?;
                let bytes = file.metadata()?.len();
                ((file, bytes), mime)
            }
            What::Clean | What::Screen | What::Motion => return Err(unknown(id)),
        };
        let mut served = Served::whole(file, mime.to_owned(), String::new(), etag)?;
        // It may be gone in a moment.
        served.is_for_now = true;
        Ok(served)
    }

    /// What a visitor sent this photo through: the title of its link's album, or for
    /// whom that link is; `None` when the library had it from elsewhere.
    pub fn came_through(&self, asset: AssetId) -> Result<Option<String>, LibraryError> {
        self.catalog.read(|conn| {
            let through: Option<String> = conn
                .prepare_cached(
                    "SELECT coalesce(album.title, link.label)
                       FROM upload JOIN link ON link.id = upload.link
                       LEFT JOIN album ON album.id = link.album
                      WHERE upload.asset = ?1 AND upload.state = 'accepted' AND upload.fresh",
                )?
                .query_row([asset], |row| row.get(0))
                .optional()?;
            Ok(through.filter(|through| !through.is_empty()))
        })
    }

    fn waiting_hash(&self, id: UploadId) -> Result<[u8; 32], LibraryError> {
        self.catalog.read(|conn| {
            conn.prepare_cached(
                "SELECT hash FROM upload
                  WHERE id = ?1 AND state = 'waiting' AND home IS NULL AND hash IS NOT NULL",
            )?
            .query_row([id], |row| row.get(0))
            .optional()?
            .ok_or_else(|| unknown(id))
        })
    }
}

/// Leaves out the assets that may not be seen now.
fn keep_seen(conn: &Connection, upload: &mut InboxUpload) -> Result<(), LibraryError> {
    let mut query = conn.prepare_cached(&format!(
        "SELECT 1 FROM asset WHERE id = ?1 AND trashed_at IS NULL AND {SEEN}"
    ))?;
    let mut seen = |id: &AssetId| query.exists([id]).unwrap_or(false);
    upload.known = upload.known.filter(&mut seen);
    upload.alike.retain(|id| seen(id));
    upload.alike.retain(|id| Some(*id) != upload.known);
    Ok(())
}

fn unknown(id: UploadId) -> LibraryError {
    LibraryError::Unknown {
        noun: "upload in the inbox",
        id: id.to_string(),
    }
}
