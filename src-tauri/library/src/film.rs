//! Videos in a form that browsers play. What they cannot play as it came is
//! converted in the background, once, and kept among the renditions.

use std::fs::File;
use std::io;
use std::path::PathBuf;

use media::{CleanReader, Format, MediaError, Recipe};

use crate::kept::told_parts_of;
use crate::motion::Motion;
use crate::original::Part;
use crate::{Asset, AssetId, Change, DeviceId, KeptWhat, Library, LibraryError, Progress};

/// A video that is to be converted.
enum Source {
    Whole(Asset),
    LivePart(Asset, Motion),
}

impl Library {
    /// Converts every video that browsers do not play as it is, for as long as
    /// `watch` says so. One that cannot be converted now is passed over; the
    /// next start tries again.
    ///
    /// # Errors
    /// What concerns them all: a full disk, missing programs, the catalog.
    pub fn convert_waiting(&self, watch: &dyn Fn(&Progress) -> bool) -> Result<(), LibraryError> {
        let waiting = self.waiting_films()?;
        let mut progress = Progress {
            found: waiting.len() as u64,
            ..Progress::default()
        };
        for (source, path) in waiting {
            let (Source::Whole(asset) | Source::LivePart(asset, _)) = &source;
            progress.current = (!asset.is_locked).then(|| PathBuf::from(&asset.name));
            if !watch(&progress) {
                return Ok(());
            }
            let id = asset.id;
            let go_on: &mut dyn FnMut(f32) -> bool = &mut |_| watch(&progress);
            match self.convert(&source, &path, go_on) {
                Ok(()) => self.catalog.write(move |write| {
                    write.announce(Change::Asset(id));
                    Ok(())
                })?,
                Err(
                    error @ (LibraryError::Media(MediaError::NoFfmpeg { .. })
                    | LibraryError::DiskFull
                    | LibraryError::Closing),
                ) => return Err(error),
                Err(_) => progress.failed += 1,
            }
            progress.done += 1;
        }
        watch(&progress);
        Ok(())
    }

    /// Whether any video still waits to be converted.
    pub fn has_films_waiting(&self) -> Result<bool, LibraryError> {
        Ok(!self.waiting_films()?.is_empty())
    }

    fn waiting_films(&self) -> Result<Vec<(Source, PathBuf)>, LibraryError> {
        // WebM plays, but is handed to visitors only without its metadata.
        let ids: Vec<AssetId> = self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached(
                    "SELECT id FROM asset
                      WHERE kind = 'video' AND (plays = 0 OR mime = 'video/webm')
                        AND (via IS NULL OR EXISTS
                                (SELECT 1 FROM original WHERE original.asset = asset.id))
                     UNION ALL
                     SELECT asset FROM motion WHERE plays = 0",
                )?
                .query_map([], |row| row.get(0))?
                .collect::<Result<_, _>>()?)
        })?;
        let mut waiting = Vec::new();
        for id in ids {
            let asset = self.any_asset(id)?;
            let (source, path) = if asset.kind == "video" {
                let path = self.film_path(&asset);
                (Source::Whole(asset), path)
            } else {
                let motion = self.motion(&asset)?;
                let path = self.motion_path(&asset, &motion);
                (Source::LivePart(asset, motion), path)
            };
            if !path.exists() {
                waiting.push((source, path));
            }
        }
        Ok(waiting)
    }

    fn convert(
        &self,
        source: &Source,
        path: &std::path::Path,
        go_on: &mut dyn FnMut(f32) -> bool,
    ) -> Result<(), LibraryError> {
        let input = match source {
            Source::Whole(asset) => self.open_original(asset)?,
            // A program of its own reads it, so it must be a file of its own.
            Source::LivePart(asset, motion) => {
                let mut part = tempfile::tempfile_in(self.unfinished())?;
                io::copy(&mut self.open_motion(asset, motion)?, &mut part)?;
                part
            }
        };
        let folder = tempfile::tempdir_in(self.unfinished())?;
        let output = folder.path().join("video.mp4");
        self.decoder.playable(&input, &output, go_on)?;
        self.settle(&output, path)
    }

    /// A video converted for browsers, or why there is none yet, in words for its owner.
    pub(crate) fn open_film(&self, asset: &Asset) -> Result<(File, u64), LibraryError> {
        self.open_converted_film(asset)
            .map_err(|error| match error {
                LibraryError::Converting => self.why_not_converted(asset, None),
                other => other,
            })
    }

    /// A video as visitors may have it: converted, so without metadata.
    pub(crate) fn open_converted_film(&self, asset: &Asset) -> Result<(File, u64), LibraryError> {
        if let Some(via) = asset.via
            && !self.has_original(asset.id)?
        {
            // Converted where it is at home.
            let film = self.open_kept(via, asset.id, KeptWhat::Film)?;
            let film = film.ok_or_else(|| asset.not_here(via, KeptWhat::Film))?;
            let length = film.metadata()?.len();
            return Ok((film, length));
        }
        open_converted(&self.film_path(asset))
    }

    /// A live part as browsers play it, and its media type.
    pub(crate) fn open_playing_motion(
        &self,
        asset: &Asset,
    ) -> Result<(CleanReader<File>, String), LibraryError> {
        if let Some(via) = asset.via {
            return self.open_kept_motion(asset, via);
        }
        let motion = self.motion(asset)?;
        if motion.plays {
            let body = self.open_motion(asset, &motion)?;
            return Ok((body.film_turned(asset.turn)?, motion.mime));
        }
        let converted = open_converted(&self.motion_path(asset, &motion));
        let (file, length) = converted.map_err(|error| match error {
            LibraryError::Converting => self.why_not_converted(asset, Some(&motion)),
            other => other,
        })?;
        let reader = CleanReader::new(file, Recipe::whole(length))?;
        Ok((reader.film_turned(asset.turn)?, "video/mp4".to_owned()))
    }

    /// A live part as visitors may have it: converted, or a clean copy of what browsers
    /// play as it came; and its media type.
    ///
    /// # Errors
    /// [`LibraryError::Refused`] when it cannot be cleaned.
    pub(crate) fn open_clean_motion(
        &self,
        asset: &Asset,
    ) -> Result<(CleanReader<File>, String), LibraryError> {
        if let Some(via) = asset.via {
            return self.open_kept_motion(asset, via);
        }
        let motion = self.motion(asset)?;
        if !motion.plays {
            let (file, length) = open_converted(&self.motion_path(asset, &motion))?;
            let reader = CleanReader::new(file, Recipe::whole(length))?;
            return Ok((reader.film_turned(asset.turn)?, "video/mp4".to_owned()));
        }
        let format = Format::of_mime(&motion.mime).ok_or(MediaError::NotAPicture)?;
        match self
            .open_motion(asset, &motion)?
            .cleaned(format, asset.turn)
        {
            Err(MediaError::CannotClean(_)) => Err(LibraryError::Refused),
            clean => Ok((clean?, motion.mime)),
        }
    }

    /// The live part of somebody else's photo, as its home made it: upright, and clean.
    fn open_kept_motion(
        &self,
        asset: &Asset,
        via: DeviceId,
    ) -> Result<(CleanReader<File>, String), LibraryError> {
        let file = self
            .open_kept(via, asset.id, KeptWhat::Motion)?
            .ok_or_else(|| asset.not_here(via, KeptWhat::Motion))?;
        reader_of(file, "video/mp4")
    }

    /// The live part of somebody else's photo as its file came, where that is kept here: for
    /// the owner of this machine, while nobody is there who has it as it plays.
    pub(crate) fn open_told_motion(
        &self,
        asset: &Asset,
    ) -> Result<Option<(CleanReader<File>, String)>, LibraryError> {
        let Some(via) = asset.via else {
            return Ok(None);
        };
        let told = self
            .catalog
            .read(|conn| told_parts_of(conn, via, asset.id))?;
        let Some(live) = told.into_iter().find(|told| told.part == Part::Live) else {
            return Ok(None);
        };
        match self.open_kept(via, asset.id, KeptWhat::Part(live.hash))? {
            Some(file) => reader_of(file, "video/quicktime").map(Some),
            None => Ok(None),
        }
    }

    /// What to tell the owner of a video, or of a live part, that is not yet
    /// converted: what keeps it from being so, if anything does.
    fn why_not_converted(&self, asset: &Asset, motion: Option<&Motion>) -> LibraryError {
        let at_hand = match motion {
            Some(motion) => self.open_motion(asset, motion).map(|_| ()),
            None => self.find_original(asset).map(|_| ()),
        };
        let able = at_hand.and_then(|()| Ok(self.decoder.reads_videos()?));
        match (able, &asset.unseen) {
            (Err(error), _) => error,
            (Ok(()), Some(code)) if motion.is_none() => LibraryError::Unseen(code.clone()),
            (Ok(()), _) => LibraryError::Converting,
        }
    }

    fn film_path(&self, asset: &Asset) -> PathBuf {
        self.derived_path(&asset.hash, "video", "mp4")
    }

    fn motion_path(&self, asset: &Asset, motion: &Motion) -> PathBuf {
        self.derived_path(&motion.hash.unwrap_or(asset.hash), "motion", "mp4")
    }
}

fn reader_of(file: File, mime: &str) -> Result<(CleanReader<File>, String), LibraryError> {
    let whole = Recipe::whole(file.metadata()?.len());
    Ok((CleanReader::new(file, whole)?, mime.to_owned()))
}

fn open_converted(path: &std::path::Path) -> Result<(File, u64), LibraryError> {
    match File::open(path) {
        Ok(file) => {
            let length = file.metadata()?.len();
            Ok((file, length))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(LibraryError::Converting),
        Err(error) => Err(error.into()),
    }
}
