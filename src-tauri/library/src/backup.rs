//! Backups: copies of what cannot be made again from the photos, that is, the
//! catalog and the secret its links are sealed with. A backup is a folder named
//! after its moment; it gets that name only when it is whole and on the disk.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::civil::DateTime;
use rusqlite::Connection;

use crate::catalog::{copy, open_kept};
use crate::original::sync_folder;
use crate::time::{DAY_MS, civil};
use crate::{CATALOG, Clock, Library, LibraryError, Setting, make_private_folder, secret};

/// How many days, weeks and months keep their newest backup.
const KEPT: [(Period, usize); 3] = [(day, 7), (week, 4), (month, 6)];
/// What the folder of a backup in the making begins with.
const UNFINISHED: &str = ".unfinished-";
const FORMAT: &str = "%Y-%m-%dT%H-%M-%SZ";

type Period = fn(DateTime) -> (i16, i16);

/// Why a backup was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occasion {
    /// Daily, or because someone asked.
    Ordinary,
    /// Before a newer Albumen changed a catalog of this version.
    BeforeUpdate(i64),
}

/// A backup: a folder with a catalog and, where the library had one, a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backup {
    /// Its name: when it was made, in UTC.
    pub name: String,
    /// Where it is.
    pub folder: PathBuf,
    /// When it was made, milliseconds since 1970.
    pub made_at: i64,
    /// Why.
    pub occasion: Occasion,
    /// How many bytes it holds.
    pub bytes: u64,
}

/// A folder the user chose for copies of the backups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackupPlace {
    /// The folder.
    pub folder: PathBuf,
    /// Where in it this library's are.
    pub own: PathBuf,
    /// Whether it can be reached now.
    pub at_hand: bool,
}

/// A backup that was just made.
#[derive(Debug)]
pub struct BackedUp {
    /// The one in the library's folder.
    pub backup: Backup,
    /// Its copy in the place the user chose, if one is chosen.
    pub copy: Option<Result<Backup, LibraryError>>,
}

/// Where a library keeps its own backups.
pub(crate) fn own_place(library: &Path) -> PathBuf {
    library.join("backups")
}

/// The backup of this name in a library's own place, or at this path.
///
/// # Errors
/// [`LibraryError::Wrong`] when there is none.
pub fn find_backup(library: &Path, name_or_path: &Path) -> Result<PathBuf, LibraryError> {
    [
        own_place(library).join(name_or_path),
        name_or_path.to_owned(),
    ]
    .into_iter()
    .find(|folder| folder.join(CATALOG).is_file())
    .ok_or_else(|| {
        LibraryError::wrong(format!(
            "There is no backup at {}; `albumen backup list` names them, and a folder that \
                 holds one can be given by its path.",
            name_or_path.display()
        ))
    })
}

/// The whole backups in a place, newest first.
pub(crate) fn list(place: &Path) -> Result<Vec<Backup>, LibraryError> {
    let entries = match fs::read_dir(place) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error.into()),
    };
    let mut all = Vec::new();
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let folder = entry.path();
        let size = |file: &str| fs::metadata(folder.join(file)).map_or(0, |found| found.len());
        if let Some((made_at, occasion)) = parse(&name)
            && size(CATALOG) > 0
        {
            let bytes = size(CATALOG) + size(secret::FILE);
            all.push(Backup {
                name,
                folder,
                made_at,
                occasion,
                bytes,
            });
        }
    }
    all.sort_by(|a, b| b.made_at.cmp(&a.made_at).then(b.name.cmp(&a.name)));
    Ok(all)
}

/// Makes a backup of the catalog behind `from` and of the secret in the folder
/// `beside`, and lets those go that are no longer to be kept.
pub(crate) fn make(
    place: &Path,
    from: &Connection,
    beside: &Path,
    clock: &Clock,
    occasion: Occasion,
) -> Result<Backup, LibraryError> {
    make_private_folder(place)?;
    sweep(place)?;
    let mut made_at = clock.now_ms();
    // Two of one second: names differ.
    while place.join(name_of(made_at, occasion)).exists() {
        made_at += 1_000;
    }
    let name = name_of(made_at, occasion);
    let folder = place.join(&name);
    let unfinished = place.join(format!("{UNFINISHED}{name}"));
    make_private_folder(&unfinished)?;
    let filled = fill(&unfinished, from, beside).and_then(|()| {
        fs::rename(&unfinished, &folder)?;
        Ok(sync_folder(place)?)
    });
    if let Err(error) = filled {
        // The next one sweeps what cannot be removed now.
        let _ = fs::remove_dir_all(&unfinished);
        return Err(error);
    }
    let backups = list(place)?;
    let kept = kept(&backups);
    for backup in &backups {
        if !kept.contains(&backup.name) && backup.name != name {
            remove(place, backup)?;
        }
    }
    backups
        .into_iter()
        .find(|backup| backup.name == name)
        .ok_or(LibraryError::Io(io::ErrorKind::NotFound.into()))
}

fn fill(folder: &Path, from: &Connection, beside: &Path) -> Result<(), LibraryError> {
    copy(from, &folder.join(CATALOG))?;
    match fs::read(beside.join(secret::FILE)) {
        Ok(bytes) => secret::keep(folder, &bytes)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error.into()),
    }
    sync_folder(folder)?;
    Ok(())
}

/// Removes what earlier tries left.
fn sweep(place: &Path) -> Result<(), LibraryError> {
    for entry in fs::read_dir(place)? {
        let entry = entry?;
        let ours = entry.file_name().to_string_lossy().starts_with(UNFINISHED);
        if ours && entry.file_type()?.is_dir() {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

/// Removes a backup; it loses its name first, so that no half of it is listed.
fn remove(place: &Path, backup: &Backup) -> Result<(), LibraryError> {
    let going = place.join(format!("{UNFINISHED}{}", backup.name));
    fs::rename(&backup.folder, &going)?;
    fs::remove_dir_all(going)?;
    Ok(())
}

/// The names of those to keep of backups sorted newest first: the newest of each
/// of the last days, weeks and months that have any, and the newest before each
/// update.
fn kept(backups: &[Backup]) -> HashSet<String> {
    let ordinary = || {
        let all = backups.iter();
        all.filter(|backup| backup.occasion == Occasion::Ordinary)
    };
    let moments: Vec<i64> = ordinary().map(|backup| backup.made_at).collect();
    let lasting = lasting(&moments);
    let mut kept: HashSet<String> = ordinary()
        .filter(|backup| lasting.contains(&backup.made_at))
        .map(|backup| backup.name.clone())
        .collect();
    let mut updates = HashSet::new();
    for backup in backups {
        if let Occasion::BeforeUpdate(version) = backup.occasion
            && updates.insert(version)
        {
            kept.insert(backup.name.clone());
        }
    }
    kept
}

/// Of moments sorted newest first, those to keep a backup of: the newest of each of the last
/// days, weeks and months that have any.
pub(crate) fn lasting(moments: &[i64]) -> HashSet<i64> {
    let mut kept = HashSet::new();
    for (period, most) in KEPT {
        let mut periods = Vec::new();
        for moment in moments {
            let this = period(civil(*moment));
            if periods.len() < most && periods.last() != Some(&this) {
                periods.push(this);
                kept.insert(*moment);
            }
        }
    }
    kept
}

fn day(at: DateTime) -> (i16, i16) {
    (at.year(), at.date().day_of_year())
}

fn week(at: DateTime) -> (i16, i16) {
    let week = at.date().iso_week_date();
    (week.year(), week.week().into())
}

fn month(at: DateTime) -> (i16, i16) {
    (at.year(), at.month().into())
}

/// A moment as backups are named after it, in milliseconds since 1970.
pub(crate) fn moment_name(made_at: i64) -> String {
    civil(made_at).strftime(FORMAT).to_string()
}

fn name_of(made_at: i64, occasion: Occasion) -> String {
    let time = moment_name(made_at);
    match occasion {
        Occasion::Ordinary => time,
        Occasion::BeforeUpdate(version) => format!("{time}-before-update-of-{version}"),
    }
}

fn parse(name: &str) -> Option<(i64, Occasion)> {
    let (time, occasion) = match name.split_once("-before-update-of-") {
        Some((time, version)) => (time, Occasion::BeforeUpdate(version.parse().ok()?)),
        None => (name, Occasion::Ordinary),
    };
    let at = DateTime::strptime(FORMAT, time).ok()?;
    let zoned = at.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some((zoned.timestamp().as_millisecond(), occasion))
}

/// When the backup in this folder was made, where its name tells.
pub(crate) fn moment_of(folder: &Path) -> Option<i64> {
    let name = folder.file_name()?.to_string_lossy().into_owned();
    parse(&name).map(|(made_at, _)| made_at)
}

impl Library {
    /// Makes a backup now, in the library's folder and in the place the user
    /// chose.
    ///
    /// # Errors
    /// When the one in the library's folder could not be made; what keeps the
    /// copy from the other place is in the answer.
    pub fn back_up(&self) -> Result<BackedUp, LibraryError> {
        let _turn = self.backing_up.lock();
        let place = own_place(&self.folder);
        let backup = self.catalog.read(|conn| {
            let occasion = Occasion::Ordinary;
            make(&place, conn, &self.folder, &self.clock, occasion)
        })?;
        let copy = self
            .backup_place()?
            .map(|place| self.copy_backup(&backup, &place));
        Ok(BackedUp { backup, copy })
    }

    /// The backups there are, newest first: the library's own, and those in the
    /// place the user chose when it is at hand.
    pub fn backups(&self) -> Result<Vec<Backup>, LibraryError> {
        let mut all = list(&own_place(&self.folder))?;
        if let Some(place) = self.backup_place()?
            && place.at_hand
        {
            all.extend(list(&place.own)?);
        }
        all.sort_by_key(|backup| std::cmp::Reverse(backup.made_at));
        Ok(all)
    }

    /// Makes the backups of this day that are not made yet; whether there were
    /// any.
    pub fn back_up_if_due(&self) -> Result<bool, LibraryError> {
        let own = newest(&own_place(&self.folder))?;
        let Some(own) = own.filter(|own| self.is_today(own.made_at)) else {
            let copied = self.back_up()?.copy;
            return copied.map_or(Ok(true), |copied| copied.map(|_| true));
        };
        // The other drive may have come since.
        let Some(place) = self.backup_place()?.filter(|place| place.at_hand) else {
            return Ok(false);
        };
        if newest(&place.own)?.is_some_and(|copied| copied.made_at >= own.made_at) {
            return Ok(false);
        }
        let _turn = self.backing_up.lock();
        self.copy_backup(&own, &place).map(|_| true)
    }

    /// The place the user chose for copies, if any.
    pub fn backup_place(&self) -> Result<Option<BackupPlace>, LibraryError> {
        let folder = self.setting(Setting::BackupFolder)?.unwrap_or_default();
        if folder.is_empty() {
            return Ok(None);
        }
        self.place_in(Path::new(&folder)).map(Some)
    }

    /// Chooses a place for copies of the backups, or none any more. A folder of
    /// this library's own is made there: where it is not, the drive is away.
    ///
    /// # Errors
    /// [`LibraryError::Wrong`] for a folder that cannot be one.
    pub fn choose_backup_place(&self, folder: Option<&Path>) -> Result<(), LibraryError> {
        let Some(folder) = folder else {
            return self.set_setting(Setting::BackupFolder, "");
        };
        let folder = fs::canonicalize(folder).map_err(|source| LibraryError::Folder {
            folder: folder.to_owned(),
            source,
        })?;
        if folder.starts_with(&self.folder) {
            return Err(LibraryError::wrong(
                "This folder is inside the library, which keeps backups there already; choose one \
                 on another drive.",
            ));
        }
        let Some(text) = folder.to_str() else {
            return Err(LibraryError::wrong(
                "The folder's name is not valid Unicode; choose another.",
            ));
        };
        make_private_folder(&self.place_in(&folder)?.own)?;
        self.set_setting(Setting::BackupFolder, text)
    }

    fn place_in(&self, folder: &Path) -> Result<BackupPlace, LibraryError> {
        let own = folder.join(format!("albumen-{}", self.identity()?.library));
        Ok(BackupPlace {
            folder: folder.to_owned(),
            at_hand: own.is_dir(),
            own,
        })
    }

    fn copy_backup(&self, backup: &Backup, place: &BackupPlace) -> Result<Backup, LibraryError> {
        if !place.at_hand {
            return Err(LibraryError::wrong(format!(
                "The folder for copies of backups, {}, is not there; connect its drive, or choose \
                 another with `albumen backup place`.",
                place.own.display()
            )));
        }
        let kept = open_kept(&backup.folder.join(CATALOG))?;
        let (made_at, occasion) = (backup.made_at, backup.occasion);
        let clock = Clock::new(move || made_at);
        make(&place.own, &kept, &backup.folder, &clock, occasion)
    }

    /// Whether this was on the day that it is now, in UTC.
    pub(crate) fn is_today(&self, at_ms: i64) -> bool {
        at_ms.div_euclid(DAY_MS) == self.clock.now_ms().div_euclid(DAY_MS)
    }
}

fn newest(place: &Path) -> Result<Option<Backup>, LibraryError> {
    Ok(list(place)?
        .into_iter()
        .find(|backup| backup.occasion == Occasion::Ordinary))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn backup(made_at: i64, occasion: Occasion) -> Backup {
        let name = name_of(made_at, occasion);
        assert_eq!(parse(&name), Some((made_at, occasion)));
        Backup {
            folder: PathBuf::from(&name),
            name,
            made_at,
            occasion,
            bytes: 1,
        }
    }

    #[test]
    fn seven_days_four_weeks_and_six_months_keep_their_newest_backup() {
        // 2026-05-03T12:00:00Z, and on every day from then.
        let mut all = vec![backup(1_777_809_600_000, Occasion::BeforeUpdate(1))];
        for day in 1..=400 {
            let made_at = 1_777_809_600_000 + day * DAY_MS;
            all.insert(0, backup(made_at, Occasion::Ordinary));
            let kept = kept(&all);
            all.retain(|backup| kept.contains(&backup.name));
        }
        let days: Vec<&str> = all.iter().map(|backup| &backup.name[..10]).collect();
        let last = [
            "2027-06-07", // a Monday, as 05-31 was: weeks end on Sundays
            "2027-06-06",
            "2027-06-05",
            "2027-06-04",
            "2027-06-03",
            "2027-06-02",
            "2027-06-01",
            "2027-05-31",
            "2027-05-30",
            "2027-05-23",
            "2027-04-30",
            "2027-03-31",
            "2027-02-28",
            "2027-01-31",
            "2026-05-03", // before an update
        ];
        assert_eq!(days, last);
    }

    #[test]
    fn other_folders_are_no_backups() {
        for name in [
            "2026-05-03",
            ".unfinished-2026-05-03T12-00-00Z",
            "2026-05-03T12-00-00Z (copy)",
            "2026-05-03T12-00-00Z-before-update-of-x",
            "holiday",
        ] {
            assert_eq!(parse(name), None, "{name}");
        }
    }
}
