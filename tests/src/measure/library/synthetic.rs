//! A catalog such as twenty years of a family's photos would make, written into
//! the library's own tables in bulk: the triggers count and index it as they do
//! everything else.

use rusqlite::{Connection, Transaction, params};

/// How many assets one transaction adds.
const AT_ONCE: u64 = 10_000;
/// 2006-01-01, in milliseconds.
const FIRST: i64 = 1_136_073_600_000;
const DAY: i64 = 86_400_000;
const DAYS: u64 = 20 * 365;
/// 2019-08: a month with seven of every hundred assets.
const BUSIEST: i64 = 1_564_617_600_000;

/// Makers, models, and how many of a hundred photos are theirs.
const CAMERAS: [(&str, &str, u64); 9] = [
    ("Canon", "Canon EOS 5D Mark III", 22),
    ("Canon", "Canon PowerShot G7 X", 8),
    ("NIKON CORPORATION", "NIKON D750", 12),
    ("SONY", "ILCE-7M3", 10),
    ("Apple", "iPhone 13 Pro", 18),
    ("Google", "Pixel 8", 12),
    ("samsung", "SM-G991B", 9),
    ("FUJIFILM", "X-T4", 5),
    ("Panasonic", "DMC-TZ101", 4),
];
const PLACES: [(&str, f64, f64); 12] = [
    ("Genoa, Liguria, Italy", 44.41, 8.93),
    ("Camogli, Liguria, Italy", 44.35, 9.15),
    ("Munich, Bavaria, Germany", 48.14, 11.58),
    ("Kiel, Schleswig-Holstein, Germany", 54.32, 10.14),
    ("Paris, Île-de-France, France", 48.86, 2.35),
    ("Reykjavík, Capital Region, Iceland", 64.14, -21.94),
    ("Shibuya, Tokyo, Japan", 35.66, 139.7),
    ("Lisbon, Lisbon, Portugal", 38.72, -9.14),
    ("Bergen, Vestland, Norway", 60.39, 5.32),
    ("Zermatt, Valais, Switzerland", 46.02, 7.75),
    ("Cape Town, Western Cape, South Africa", -33.92, 18.42),
    ("Valletta, Malta", 35.9, 14.51),
];
const TAGS: [&str; 10] = [
    "beach", "birthday", "family", "garden", "hiking", "night", "school", "snow", "wedding", "work",
];

/// Random numbers that are the same at each run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides.max(1)
    }

    fn of_hundred(&mut self, chance: u64) -> bool {
        self.roll(100) < chance
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        let index = usize::try_from(self.roll(from.len() as u64)).unwrap_or(0);
        from.get(index)
    }

    fn bytes<const N: usize>(&mut self) -> [u8; N] {
        std::array::from_fn(|_| u8::try_from(self.roll(256)).unwrap_or(0))
    }
}

/// Fills the catalog of an empty library; answers with how many assets are in
/// the busiest month.
///
/// # Errors
/// SQLite's.
pub fn fill(catalog: &std::path::Path, count: u64) -> rusqlite::Result<u64> {
    let mut conn = Connection::open(catalog)?;
    conn.execute_batch(
        "PRAGMA synchronous = OFF;
         PRAGMA foreign_keys = OFF;
         PRAGMA trusted_schema = OFF;
         PRAGMA cache_size = -200000;",
    )?;
    let device: Vec<u8> = conn.query_row("SELECT device FROM library", [], |row| row.get(0))?;
    let mut dice = Dice(2_026);
    let times = times(&mut dice, count);
    for (batch, times) in times.chunks(AT_ONCE as usize).enumerate() {
        let transaction = conn.transaction()?;
        for (time, seq) in times.iter().zip(batch as u64 * AT_ONCE + 1..) {
            add(&transaction, &mut dice, &device, seq, *time)?;
        }
        transaction.commit()?;
    }
    album(&conn, &mut dice, &device)?;
    conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    conn.query_row("SELECT max(count) FROM month_count", [], |row| row.get(0))
}

/// When the photos were taken, in order: outings of some hours, more of them as
/// the years go by, and one month that is fuller than any other.
fn times(dice: &mut Dice, count: u64) -> Vec<i64> {
    let mut times = Vec::new();
    while (times.len() as u64) < count * 93 / 100 {
        // Of two days the later one: so the years fill up towards the end.
        let day = dice.roll(DAYS).max(dice.roll(DAYS));
        let start = FIRST + day as i64 * DAY + dice.roll(20 * 3_600_000) as i64;
        for _ in 0..dice.roll(60) {
            times.push(start + dice.roll(4 * 3_600_000) as i64);
        }
    }
    times.truncate((count * 93 / 100) as usize);
    while (times.len() as u64) < count {
        times.push(BUSIEST + dice.roll(31 * DAY as u64) as i64);
    }
    times.sort_unstable();
    times
}

/// Adds an asset. What belongs to it goes first, so that it is indexed once.
fn add(
    transaction: &Transaction<'_>,
    dice: &mut Dice,
    device: &[u8],
    seq: u64,
    time: i64,
) -> rusqlite::Result<()> {
    let id = dice.bytes::<16>();
    let is_video = dice.of_hundred(6);
    let (ending, mime) = match (is_video, dice.roll(100)) {
        (true, _) => ("mp4", "video/mp4"),
        (_, 0..3) => ("dng", "image/x-adobe-dng"),
        (_, 3..20) => ("heic", "image/heic"),
        _ => ("jpg", "image/jpeg"),
    };
    let mut share = dice.roll(100);
    let camera = CAMERAS.iter().find(|(_, _, part)| {
        let is_it = share < *part;
        share = share.saturating_sub(*part);
        is_it
    });
    let place = if dice.of_hundred(35) {
        dice.pick(&PLACES)
    } else {
        None
    };
    // Most of a town's photos are of its middle, and no two of the same spot.
    let mut off = || (dice.roll(1_000) * dice.roll(1_000)) as f64 / 1e7 - 0.025;
    let around = (off(), off());
    let name = name(dice, time, seq, ending);
    if dice.of_hundred(15) {
        for position in 0..=dice.roll(2) as i64 {
            transaction
                .prepare_cached("INSERT INTO asset_tag (asset, position, tag) VALUES (?1, ?2, ?3)")?
                .execute(params![id, position, dice.pick(&TAGS)])?;
        }
    }
    let hash = dice.bytes::<32>();
    let bytes = 2_000_000 + dice.roll(6_000_000);
    if !is_video && dice.of_hundred(5) {
        transaction
            .prepare_cached(
                "INSERT INTO motion (asset, id, name, start, bytes, mime, plays)
                 VALUES (?1, ?2, ?3, 2000000, 1500000, 'video/mp4', 1)",
            )?
            .execute(params![id, dice.bytes::<16>(), name])?;
    }
    transaction
        .prepare_cached(
            "INSERT INTO original (in_place, path, asset, part, hash, bytes, modified_ms)
             VALUES (0, ?1, ?2, 'whole', ?3, ?4, ?5)",
        )?
        .execute(params![
            format!("2026/2026-05/{seq}-{name}"),
            id,
            hash,
            bytes,
            time
        ])?;
    transaction
        .prepare_cached(
            "INSERT INTO asset (seq, id, home, hash, kind, name, bytes, mime, width, height,
                 duration_ms, taken_local, taken_offset, taken_from, sorted_at, latitude,
                 longitude, place, camera_make, camera_model, lens, f_number, exposure_time, iso,
                 focal_length, rating, title, description, favorite, plays, thumbhash,
                 imported_at, shelf)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 4032, 3024, ?9, ?10, 60, 'exif', ?10, ?11,
                 ?12, ?13, ?14, ?15, '24-70mm F2.8', 2.8, 0.004, 200, 35.0, ?16, ?17, ?18, ?19,
                 ?20, ?21, ?10, ?22)",
        )?
        .execute(params![
            seq,
            id,
            device,
            hash,
            if is_video { "video" } else { "photo" },
            name,
            bytes,
            mime,
            is_video.then(|| dice.roll(90_000)),
            time,
            place.map(|(_, latitude, _)| latitude + around.0),
            place.map(|(_, _, longitude)| longitude + around.1),
            place.map(|(name, _, _)| name),
            camera.map(|(make, _, _)| make),
            camera.map(|(_, model, _)| model),
            dice.of_hundred(10).then(|| dice.roll(6)),
            dice.of_hundred(3)
                .then(|| format!("Outing {} of the year", dice.roll(300))),
            dice.of_hundred(2)
                .then_some("All of us, and the dog that would not sit still"),
            dice.of_hundred(2),
            is_video,
            dice.bytes::<25>(),
            if dice.of_hundred(3) {
                "archive"
            } else {
                "timeline"
            },
        ])?;
    transaction
        .prepare_cached("INSERT INTO likeness (asset, bytes) VALUES (?1, ?2)")?
        .execute(params![id, likeness(dice)])?;
    Ok(())
}

/// What a photo may look like. Most are brighter above than below, so the slowest
/// waves are seldom evenly mixed; and one of a hundred is a copy of one of two
/// thousand that were sent around.
fn likeness(dice: &mut Dice) -> Vec<u8> {
    let copied = dice.of_hundred(1).then(|| Dice(dice.roll(2_000)));
    let mut dice = copied.unwrap_or_else(|| Dice(dice.roll(u64::MAX)));
    let mut bytes = dice.bytes::<64>();
    for (place, byte) in bytes.iter_mut().enumerate() {
        // Rows of 16 waves: in the first bytes of the first rows are the slowest.
        let is_slow = place % 2 == 0 && place < 8;
        let other = u8::try_from(dice.roll(256)).unwrap_or(0);
        match (place < 32, is_slow) {
            (true, true) => *byte &= other,
            (true, false) => {}
            // Three of four waves are sure.
            (false, _) => *byte |= other,
        }
    }
    bytes.to_vec()
}

/// A file's name as cameras and phones give them.
fn name(dice: &mut Dice, time: i64, seq: u64, ending: &str) -> String {
    let seconds = time / 1_000;
    let (day, clock) = (seconds / 86_400, seconds % 86_400);
    let year = 1970 + day * 400 / 146_097;
    let (month, date) = (day / 30 % 12 + 1, day % 28 + 1);
    let (hour, minute, second) = (clock / 3_600, clock / 60 % 60, clock % 60);
    match dice.roll(3) {
        0 => format!("DSC{:05}.{ending}", seq % 100_000),
        1 => format!("IMG_{:04}.{ending}", seq % 10_000),
        _ => format!("IMG_{year}{month:02}{date:02}_{hour:02}{minute:02}{second:02}.{ending}"),
    }
}

/// An album of two thousand photos of the busiest month and around it.
fn album(conn: &Connection, dice: &mut Dice, device: &[u8]) -> rusqlite::Result<()> {
    let album = dice.bytes::<16>();
    conn.execute(
        "INSERT INTO album (id, home, title, created_at) VALUES (?1, ?2, 'The best', 0)",
        params![album, device],
    )?;
    conn.execute(
        "INSERT INTO album_asset (album, asset, added_at)
         SELECT ?1, id, 0 FROM asset WHERE sorted_at > ?2 ORDER BY sorted_at LIMIT 2000",
        params![album, BUSIEST - 60 * DAY],
    )?;
    Ok(())
}

/// Puts everything that is at hand into the one album there is.
pub fn gather(catalog: &std::path::Path) -> rusqlite::Result<()> {
    Connection::open(catalog)?.execute_batch(
        "INSERT OR IGNORE INTO album_asset (album, asset, added_at)
         SELECT album.id, asset.id, 0 FROM album, asset
          WHERE asset.trashed_at IS NULL AND asset.shelf <> 'locked'",
    )
}

/// Makes every other photo one of a partner's library that is seen in the timeline.
pub fn merge(catalog: &std::path::Path) -> rusqlite::Result<()> {
    let mut dice = Dice(2_027);
    let (person, home) = (dice.bytes::<16>(), dice.bytes::<16>());
    let mut conn = Connection::open(catalog)?;
    let transaction = conn.transaction()?;
    transaction.execute("INSERT INTO person (id, name) VALUES (?1, 'Ben')", [person])?;
    transaction.execute(
        "INSERT INTO device (id, person, name, key) VALUES (?1, ?2, 'Attic', ?3)",
        params![home, person, dice.bytes::<32>()],
    )?;
    transaction.execute(
        "INSERT INTO partner_library (home, person, decides, state, captions, albums, asked_at,
             count, bytes, consent, in_timeline, keep)
         SELECT ?1, ?2, ?1, 'accepted', 1, 0, 0, count(*) / 2, sum(bytes) / 2, 1, 1, 'previews'
           FROM asset",
        params![home, person],
    )?;
    transaction.execute(
        "DELETE FROM original WHERE asset IN (SELECT id FROM asset WHERE seq % 2)",
        [],
    )?;
    transaction.execute(
        "UPDATE asset SET home = ?1, via = ?1, partner = ?2, shelf = 'timeline' WHERE seq % 2",
        params![home, person],
    )?;
    transaction.commit()
}
