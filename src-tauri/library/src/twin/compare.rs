//! Finding twins. Each asset's likeness is looked for among all others by bands
//! (multi-index hashing: M. Norouzi, A. Punjani, D. Fleet, 2012): of four times 16
//! bits, one at least is the same but for one bit. So a million assets are not
//! compared with a million. What is near is looked at more closely: its shape, and
//! whether a camera says that it is another moment.

use media::{Input, Likeness, Origin, Rendition, Turn};
use rusqlite::{Connection, OptionalExtension};

use crate::catalog::Write;
use crate::{AssetId, Change, Library, LibraryError, Progress};

/// How far apart twins may be, in thousandths of what is compared. Chosen by
/// `cargo xtask bench twins`; the table stands in docs/performance.md.
const BOUND: u32 = 40;
/// How much the ratios of width and height may differ.
const SAME_SHAPE: f64 = 0.02;
/// How much the lengths of videos may differ.
const SAME_LENGTH_MS: i64 = 1_000;
/// As many twins are noted of one asset, the nearest: more are a row of the same,
/// which shows itself.
const MOST: usize = 40;
/// How many are looked at or compared in one commit.
const AT_ONCE: usize = 64;

const TURNS: [Turn; 4] = [Turn::None, Turn::Quarter, Turn::Half, Turn::ThreeQuarters];

/// Notes what an asset looks like; none: it is too plain to be compared.
pub(crate) fn liken(
    write: &Write<'_>,
    asset: AssetId,
    likeness: Option<Likeness>,
) -> Result<(), LibraryError> {
    let bytes = likeness.map(Likeness::to_bytes).unwrap_or_default();
    write
        .conn()
        .prepare_cached(
            "INSERT INTO likeness (asset, bytes, compared) VALUES (?1, ?2, ?2 = x'')
             ON CONFLICT (asset) DO UPDATE SET bytes = excluded.bytes, compared = excluded.compared",
        )?
        .execute((asset, bytes))?;
    Ok(())
}

/// Forgets what an asset looked like, whose bytes are others now, and takes over
/// what the one that brought them looks like.
pub(crate) fn forget(
    write: &Write<'_>,
    asset: AssetId,
    fresh: AssetId,
) -> Result<(), LibraryError> {
    let conn = write.conn();
    conn.prepare_cached("DELETE FROM twin WHERE one = ?1 OR other = ?1")?
        .execute([asset])?;
    conn.prepare_cached("DELETE FROM likeness WHERE asset = ?1")?
        .execute([asset])?;
    conn.prepare_cached("UPDATE likeness SET asset = ?1 WHERE asset = ?2")?
        .execute((asset, fresh))?;
    Ok(())
}

/// Turns what an asset looks like with the asset; its twins stay its twins.
pub(crate) fn turn(write: &Write<'_>, asset: AssetId, by: Turn) -> Result<(), LibraryError> {
    let conn = write.conn();
    let bytes: Option<Vec<u8>> = conn
        .prepare_cached("SELECT bytes FROM likeness WHERE asset = ?1")?
        .query_row([asset], |row| row.get(0))
        .optional()?
        .flatten();
    if let Some(likeness) = bytes.as_deref().and_then(Likeness::from_bytes) {
        conn.prepare_cached("UPDATE likeness SET bytes = ?2 WHERE asset = ?1")?
            .execute((asset, likeness.turned(by).to_bytes()))?;
    }
    Ok(())
}

impl Library {
    /// Looks at the thumbnails of what an earlier Albumen took in, and then for twins
    /// of all that was not compared yet, for as long as `watch` says so.
    pub fn find_twins(
        &self,
        watch: &(dyn Fn(&Progress) -> bool + Sync),
    ) -> Result<(), LibraryError> {
        let _turn = self.comparing.lock();
        let unseen = self.not_compared("bytes IS NULL")?;
        let chunks: Vec<&[AssetId]> = unseen.chunks(AT_ONCE).collect();
        let total = unseen.len() as u64;
        let went_on = self.work_through(&chunks, total, watch, |some| self.liken_all(some))?;
        if !went_on {
            return Ok(());
        }
        let new = self.not_compared("bytes IS NOT NULL")?;
        if new.is_empty() {
            return Ok(());
        }
        let known = self.catalog.read(Known::load)?;
        let chunks: Vec<&[AssetId]> = new.chunks(AT_ONCE).collect();
        self.work_through(&chunks, new.len() as u64, watch, |some| {
            self.compare_all(&known, some)?;
            Ok(some.len() as u64)
        })?;
        Ok(())
    }

    /// How many assets were not compared with the others yet.
    pub fn twins_waiting(&self) -> Result<u64, LibraryError> {
        self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached("SELECT count(*) FROM likeness WHERE compared = 0")?
                .query_row([], |row| row.get(0))?)
        })
    }

    fn not_compared(&self, which: &str) -> Result<Vec<AssetId>, LibraryError> {
        self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached(&format!(
                    "SELECT asset FROM likeness WHERE compared = 0 AND {which}"
                ))?
                .query_map([], |row| row.get(0))?
                .collect::<Result<_, _>>()?)
        })
    }

    /// Notes what these assets look like, by their thumbnails. One that cannot be had
    /// now is looked at after the next start.
    fn liken_all(&self, assets: &[AssetId]) -> Result<u64, LibraryError> {
        let mut seen = Vec::new();
        for id in assets {
            match self.look_at(*id) {
                Ok(likeness) => seen.push((*id, likeness)),
                Err(error) if error.concerns_all() => return Err(error),
                Err(_) => {}
            }
        }
        self.catalog.write(move |write| {
            seen.into_iter()
                .try_for_each(|(id, likeness)| liken(write, id, likeness))
        })?;
        Ok(assets.len() as u64)
    }

    fn look_at(&self, id: AssetId) -> Result<Option<Likeness>, LibraryError> {
        let asset = self.any_asset(id)?;
        let (thumbnail, _) = self.open_rendition(&asset, Rendition::Thumbnail)?;
        let input = Input::of_file(thumbnail);
        let seen = self
            .decoder
            .examine(&input, &[Rendition::Thumbnail], Origin::Owner)?;
        Ok(seen.picture.likeness)
    }

    fn compare_all(&self, known: &Known, assets: &[AssetId]) -> Result<(), LibraryError> {
        let assets = assets.to_vec();
        let pairs = self.catalog.read(|conn| {
            let mut pairs = Vec::new();
            for id in &assets {
                let Some(likeness) = known.of(*id) else {
                    continue;
                };
                let mut near = known.near(Some(*id), likeness);
                near.sort_by_key(|near| near.apart);
                let mut found = 0;
                for near in near {
                    if found < MOST && are_twins(conn, *id, near.id, near.turn)? {
                        pairs.push((*id.min(&near.id), *id.max(&near.id), near.apart));
                        found += 1;
                    }
                }
            }
            Ok(pairs)
        })?;
        self.catalog.write(move |write| {
            let conn = write.conn();
            for pair in &pairs {
                // One of them may have been deleted for good meanwhile.
                conn.prepare_cached(
                    "INSERT OR IGNORE INTO twin (one, other, apart)
                     SELECT one.id, other.id, ?3 FROM asset AS one, asset AS other
                      WHERE one.id = ?1 AND other.id = ?2",
                )?
                .execute(*pair)?;
            }
            for id in assets {
                conn.prepare_cached("UPDATE likeness SET compared = 1 WHERE asset = ?1")?
                    .execute([id])?;
            }
            if !pairs.is_empty() {
                write.announce(Change::Twins);
            }
            Ok(())
        })
    }
}

/// Something that looks like what was looked for.
struct Near {
    id: AssetId,
    turn: Turn,
    apart: u32,
}

/// All likenesses, in the order of their assets' ids, and for each band where those
/// are that have the same in it.
pub(crate) struct Known {
    all: Vec<(AssetId, Likeness)>,
    bands: [Band; 4],
}

/// For each of 65,536 values, which likenesses have it.
struct Band {
    starts: Vec<u32>,
    places: Vec<u32>,
}

impl Known {
    pub(crate) fn load(conn: &Connection) -> Result<Known, LibraryError> {
        let mut all = Vec::new();
        let mut statement =
            conn.prepare("SELECT asset, bytes FROM likeness WHERE bytes > x'' ORDER BY asset")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let bytes = row.get_ref(1)?.as_blob().unwrap_or_default();
            if let Some(likeness) = Likeness::from_bytes(bytes) {
                all.push((row.get(0)?, likeness));
            }
        }
        Ok(Known::new(all))
    }

    fn new(all: Vec<(AssetId, Likeness)>) -> Known {
        let bands: Vec<[u16; 4]> = all.iter().map(|(_, likeness)| likeness.bands()).collect();
        let band = |number: usize| {
            Band::new(
                bands
                    .iter()
                    .map(|bands| bands.get(number).copied().unwrap_or(0)),
            )
        };
        Known {
            bands: [band(0), band(1), band(2), band(3)],
            all,
        }
    }

    /// What looks like this, in some turn.
    pub(crate) fn alike(&self, likeness: &Likeness) -> impl Iterator<Item = AssetId> {
        let near = self.near(None, likeness);
        near.into_iter().map(|near| near.id)
    }

    fn of(&self, id: AssetId) -> Option<&Likeness> {
        let place = self.all.binary_search_by_key(&id, |(id, _)| *id).ok()?;
        self.all.get(place).map(|(_, likeness)| likeness)
    }

    /// All others that look like this one, in some turn.
    fn near(&self, id: Option<AssetId>, likeness: &Likeness) -> Vec<Near> {
        let mut near: Vec<Near> = Vec::new();
        for turn in TURNS {
            let turned = likeness.turned(turn);
            for (band, value) in self.bands.iter().zip(turned.bands()) {
                let values = std::iter::once(value).chain((0..16).map(|bit| value ^ (1 << bit)));
                for place in values.flat_map(|value| band.with(value)) {
                    let Some((other, theirs)) = self.all.get(*place as usize) else {
                        continue;
                    };
                    let apart = turned.apart(theirs);
                    if apart <= BOUND
                        && Some(*other) != id
                        && near.iter().all(|near| near.id != *other)
                    {
                        near.push(Near {
                            id: *other,
                            turn,
                            apart,
                        });
                    }
                }
            }
        }
        near
    }
}

impl Band {
    fn new(values: impl ExactSizeIterator<Item = u16> + Clone) -> Band {
        let mut starts = vec![0_u32; (1 << 16) + 1];
        for value in values.clone() {
            if let Some(count) = starts.get_mut(usize::from(value) + 1) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        let mut next = starts.clone();
        let mut places = vec![0; values.len()];
        for (value, number) in values.zip(0_u32..) {
            if let Some(at) = next.get_mut(usize::from(value)) {
                if let Some(place) = places.get_mut(*at as usize) {
                    *place = number;
                }
                *at += 1;
            }
        }
        Band { starts, places }
    }

    fn with(&self, value: u16) -> &[u32] {
        let at = |value: usize| self.starts.get(value).map_or(0, |start| *start as usize);
        let range = at(usize::from(value))..at(usize::from(value) + 1);
        self.places.get(range).unwrap_or_default()
    }
}

/// What speaks for or against two assets that look the same.
struct Shape {
    is_video: bool,
    width: f64,
    height: f64,
    duration_ms: i64,
    /// When the camera took it, by its own word, and which camera.
    taken: Option<(i64, String)>,
}

fn shape(conn: &Connection, id: AssetId) -> Result<Option<Shape>, LibraryError> {
    Ok(conn
        .prepare_cached(
            "SELECT kind = 'video', width, height, coalesce(duration_ms, 0),
                    CASE WHEN taken_from IN ('exif', 'quicktime') THEN taken_local END,
                    concat(camera_make, ' ', camera_model)
               FROM asset WHERE id = ?1",
        )?
        .query_row([id], |row| {
            let taken: Option<i64> = row.get(4)?;
            let camera: String = row.get(5)?;
            Ok(Shape {
                is_video: row.get(0)?,
                width: row.get(1)?,
                height: row.get(2)?,
                duration_ms: row.get(3)?,
                taken: taken.map(|taken| (taken, camera)),
            })
        })
        .optional()?)
}

/// Whether two assets, of which one looks like the other when it is turned, are of
/// one shape and, as far as is known, of one moment.
fn are_twins(
    conn: &Connection,
    one: AssetId,
    other: AssetId,
    turn: Turn,
) -> Result<bool, LibraryError> {
    let (Some(one), Some(other)) = (shape(conn, one)?, shape(conn, other)?) else {
        return Ok(false);
    };
    let (width, height) = match turn {
        Turn::None | Turn::Half => (one.width, one.height),
        Turn::Quarter | Turn::ThreeQuarters => (one.height, one.width),
    };
    let ours = width * other.height;
    let same_shape = ours > 0.0 && (ours - height * other.width).abs() <= SAME_SHAPE * ours;
    let same_length = one.duration_ms.abs_diff(other.duration_ms) <= SAME_LENGTH_MS.unsigned_abs();
    Ok(one.is_video == other.is_video
        && same_shape
        && (!one.is_video || same_length)
        && !are_of_a_burst(one.taken.as_ref(), other.taken.as_ref()))
}

/// Whether one camera says that it took them at two moments. A copy may have lost the
/// fraction of its second.
fn are_of_a_burst(one: Option<&(i64, String)>, other: Option<&(i64, String)>) -> bool {
    let (Some((one, camera)), Some((other, other_camera))) = (one, other) else {
        return false;
    };
    let within_a_second = one.div_euclid(1_000) == other.div_euclid(1_000);
    let a_fraction_is_lost = one % 1_000 == 0 || other % 1_000 == 0;
    camera == other_camera && one != other && !(within_a_second && a_fraction_is_lost)
}
