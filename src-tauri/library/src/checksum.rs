//! Checksums of what visitors download, found out once and kept: an archive says
//! its length and its tag before its first byte, and a manifest says what to
//! verify by.

use std::collections::HashSet;
use std::io::{self, Read};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use media::MediaError;
use rusqlite::{Connection, OptionalExtension};
use sha2::{Digest, Sha256};

use crate::asset::find as find_asset;
use crate::served::Form;
use crate::shelf::AT_HAND;
use crate::{Asset, AssetId, Download, Library, LibraryError, Progress, Served, link};

/// Bytes read at once.
const PIECE: usize = 1 << 20;
/// Checksums found out for one commit.
const OF_A_COMMIT: usize = 100;
/// How long they wait for one, at most.
const PATIENCE: Duration = Duration::from_secs(1);

/// What is known of the bytes of a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Checksum {
    /// How many there are.
    pub bytes: u64,
    /// The time of the file that they were read from, nanoseconds since 1970.
    pub modified_ns: i64,
    /// As ZIP wants it.
    pub crc32: u32,
    /// As `sha256sum` has it.
    pub sha256: [u8; 32],
}

/// What is known of a form of an asset.
enum Known {
    Nothing,
    /// It cannot be made, and the next form is given.
    Withheld,
    Sum(Checksum),
}

/// Something found out of a form, to be kept.
struct Found {
    hash: [u8; 32],
    form: String,
    sum: Option<Checksum>,
}

/// What is found out of several forms, kept with few commits.
#[derive(Default)]
pub(crate) struct Gathered {
    found: Vec<Found>,
    since: Option<Instant>,
}

fn known(conn: &Connection, hash: &[u8; 32], form: &str) -> Result<Known, LibraryError> {
    let row = conn
        .prepare_cached(
            "SELECT bytes, modified_ns, crc32, sha256 FROM checksum WHERE hash = ?1 AND form = ?2",
        )?
        .query_row((hash, form), |row| {
            let sha256: Option<[u8; 32]> = row.get(3)?;
            Ok(match sha256 {
                None => Known::Withheld,
                Some(sha256) => Known::Sum(Checksum {
                    bytes: row.get(0)?,
                    modified_ns: row.get(1)?,
                    crc32: row.get(2)?,
                    sha256,
                }),
            })
        })
        .optional()?;
    Ok(row.unwrap_or(Known::Nothing))
}

impl Library {
    /// The form in which an asset is given where `forms` are wished for, best
    /// first, and what is known of its bytes; `None` while that is not known.
    ///
    /// # Errors
    /// Why the asset cannot be had in any of them.
    pub(crate) fn known_copy(
        &self,
        asset: &Asset,
        forms: &[Form],
    ) -> Result<Option<(Form, Checksum)>, LibraryError> {
        for form in forms {
            let form = *form;
            form.check(asset)?;
            let key = form.key(asset.turn);
            match self.catalog.read(|conn| known(conn, &asset.hash, &key))? {
                Known::Nothing => return Ok(None),
                Known::Withheld => {}
                Known::Sum(sum) => {
                    let now = self.modified_ns(asset, form)?;
                    return Ok((now == Some(sum.modified_ns)).then_some((form, sum)));
                }
            }
        }
        Err(LibraryError::Refused)
    }

    /// Reads an asset in the first of `forms` in which it can be had.
    ///
    /// # Errors
    /// Why it cannot be had in any of them.
    pub(crate) fn sum(
        &self,
        asset: &Asset,
        forms: &[Form],
        gathered: &mut Gathered,
    ) -> Result<(Form, Checksum), LibraryError> {
        for form in forms {
            let sum = match self.open_form(asset, *form, String::new(), "") {
                Ok(served) => Some(checksum(served)?),
                Err(LibraryError::Media(MediaError::CannotClean(_))) => None,
                Err(error) => return Err(error),
            };
            gathered.found.push(Found {
                hash: asset.hash,
                form: form.key(asset.turn),
                sum,
            });
            if gathered.since.get_or_insert_with(Instant::now).elapsed() > PATIENCE
                || gathered.found.len() >= OF_A_COMMIT
            {
                self.keep_sums(gathered)?;
            }
            if let Some(sum) = sum {
                return Ok((*form, sum));
            }
        }
        Err(LibraryError::Refused)
    }

    /// Keeps what was gathered and not kept yet.
    pub(crate) fn keep_sums(&self, gathered: &mut Gathered) -> Result<(), LibraryError> {
        let found = std::mem::take(gathered).found;
        if found.is_empty() {
            return Ok(());
        }
        self.catalog.write(move |write| {
            for Found { hash, form, sum } in found {
                // The asset may be gone meanwhile, and its checksums with it.
                write
                    .conn()
                    .prepare_cached(
                        "INSERT OR REPLACE INTO checksum
                             (hash, form, bytes, modified_ns, crc32, sha256)
                         SELECT ?1, ?2, ?3, ?4, ?5, ?6
                          WHERE EXISTS (SELECT 1 FROM asset WHERE hash = ?1 AND via IS NULL)
                             OR EXISTS (SELECT 1 FROM asset WHERE hash = ?1 AND via IS NOT NULL)",
                    )?
                    .execute((
                        hash,
                        form,
                        sum.map_or(0, |sum| sum.bytes),
                        sum.map_or(0, |sum| sum.modified_ns),
                        sum.map_or(0, |sum| sum.crc32),
                        sum.map(|sum| sum.sha256),
                    ))?;
            }
            Ok(())
        })
    }

    /// Finds out the checksums that archives of open links lack, for as long as
    /// `watch` says so. What cannot be read now is passed over.
    ///
    /// # Errors
    /// What concerns them all: a full disk, the catalog.
    pub fn sum_waiting(&self, watch: &dyn Fn(&Progress) -> bool) -> Result<(), LibraryError> {
        let waiting = self.waiting_sums()?;
        let mut progress = Progress {
            found: waiting.len() as u64,
            ..Progress::default()
        };
        let mut gathered = Gathered::default();
        for (id, forms) in waiting {
            // It may have been removed or locked meanwhile.
            if let Ok(asset) = self.asset(id) {
                progress.current = Some(PathBuf::from(&asset.name));
                if !watch(&progress) {
                    break;
                }
                match self.sum(&asset, forms, &mut gathered) {
                    Ok(_) => {}
                    Err(error) if error.concerns_all() => return Err(error),
                    Err(_) => progress.failed += 1,
                }
            }
            progress.done += 1;
        }
        self.keep_sums(&mut gathered)?;
        watch(&progress);
        Ok(())
    }

    /// Whether any checksum is to be found out.
    pub fn has_sums_waiting(&self) -> Result<bool, LibraryError> {
        Ok(!self.waiting_sums()?.is_empty())
    }

    fn waiting_sums(&self) -> Result<Vec<(AssetId, &'static [Form])>, LibraryError> {
        let now = self.clock.now_ms();
        let shown: Vec<(AssetId, String, bool)> = self.catalog.read(|conn| {
            let of = |table: &str, scope: &str| {
                format!(
                    "SELECT asset.id, link.download, link.show_metadata
                       FROM link JOIN {table} AS part ON part.{scope}
                       JOIN asset ON asset.id = part.asset
                      WHERE {} AND link.download <> 'none' AND {AT_HAND}",
                    link::opens("?1")
                )
            };
            let sql = format!(
                "{} UNION {}",
                of("album_asset", "album = link.album"),
                of("link_asset", "link = link.id")
            );
            Ok(conn
                .prepare_cached(&sql)?
                .query_map([now], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
                .collect::<Result<_, _>>()?)
        })?;
        let mut seen = HashSet::new();
        let mut waiting = Vec::new();
        for (id, download, show_metadata) in shown {
            let Ok(asset) = self.catalog.read(|conn| find_asset(conn, id)) else {
                continue;
            };
            let best = Download::from_name(&download).unwrap_or(Download::None);
            for size in [Download::Original, Download::Screen] {
                let forms = match size <= best {
                    true => Form::of_download(&asset, size, show_metadata),
                    false => continue,
                };
                // What cannot be had now is asked for again when it can.
                if seen.insert((id, forms)) && matches!(self.known_copy(&asset, forms), Ok(None)) {
                    waiting.push((id, forms));
                }
            }
        }
        Ok(waiting)
    }
}

/// Reads all of what is served.
fn checksum(mut served: Served) -> Result<Checksum, LibraryError> {
    let modified_ns = served.modified_ns()?;
    let (mut crc32, mut sha256) = (crc32fast::Hasher::new(), Sha256::new());
    let mut piece = vec![0; PIECE];
    let mut bytes = 0;
    loop {
        let read = served.body.read(&mut piece)?;
        let part = piece.get(..read).unwrap_or_default();
        if part.is_empty() {
            break;
        }
        crc32.update(part);
        sha256.update(part);
        bytes += part.len() as u64;
    }
    if bytes != served.length {
        return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
    }
    Ok(Checksum {
        bytes,
        modified_ns,
        crc32: crc32.finalize(),
        sha256: sha256.finalize().into(),
    })
}
