//! Who a library belongs to and which machine it lives on.

use std::io::Read;
use std::sync::Arc;

use media::Rendition;
use rusqlite::OptionalExtension;

use crate::asset::check_own;
use crate::card::{LARGEST_PICTURE, sign};
use crate::{AssetId, Change, DeviceId, Library, LibraryError, LibraryId, PersonId};

/// The library, its person and its device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The library's own id.
    pub library: LibraryId,
    /// Whose it is.
    pub person: PersonId,
    /// That person's name; empty until given.
    pub person_name: String,
    /// The machine it lives on.
    pub device: DeviceId,
    /// That machine's name; empty until given.
    pub device_name: String,
}

impl Library {
    /// Who and what this library is.
    pub fn identity(&self) -> Result<Identity, LibraryError> {
        self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached(
                    "SELECT library.id, person.id, person.name, device.id, device.name
                       FROM library
                       JOIN person ON person.id = library.person
                       JOIN device ON device.id = library.device",
                )?
                .query_row([], |row| {
                    Ok(Identity {
                        library: row.get(0)?,
                        person: row.get(1)?,
                        person_name: row.get(2)?,
                        device: row.get(3)?,
                        device_name: row.get(4)?,
                    })
                })?)
        })
    }

    /// Names the person and the device; what is absent stays as it is.
    pub fn rename(
        &self,
        person: Option<String>,
        device: Option<String>,
    ) -> Result<Identity, LibraryError> {
        let person = person.map(|name| checked_name(&name)).transpose()?;
        let device = device.map(|name| checked_name(&name)).transpose()?;
        let secret = Arc::clone(&self.secret);
        self.catalog.write(move |write| {
            if let Some(name) = person {
                write.conn().execute(
                    "UPDATE person SET name = ?1 WHERE id = (SELECT person FROM library)",
                    [name],
                )?;
            }
            if let Some(name) = device {
                write.conn().execute(
                    "UPDATE device SET name = ?1 WHERE id = (SELECT device FROM library)",
                    [name],
                )?;
            }
            sign(write, &secret)?;
            write.announce(Change::Identity);
            Ok(())
        })?;
        self.identity()
    }

    /// Makes one of the library's photos the person's picture, which everyone who knows
    /// them sees; `None` takes it away.
    pub fn set_picture(&self, asset: Option<AssetId>) -> Result<(), LibraryError> {
        let picture = asset.map(|asset| self.small_picture(asset)).transpose()?;
        let secret = Arc::clone(&self.secret);
        self.catalog.write(move |write| {
            write.conn().execute(
                "UPDATE person SET picture = ?1 WHERE id = (SELECT person FROM library)",
                [picture],
            )?;
            sign(write, &secret)?;
            write.announce(Change::Identity);
            Ok(())
        })
    }

    fn small_picture(&self, asset: AssetId) -> Result<Vec<u8>, LibraryError> {
        self.catalog.read(|conn| check_own(conn, asset))?;
        let asset = self.asset(asset)?;
        let (file, length) = self.open_rendition(&asset, Rendition::Thumbnail)?;
        if length > LARGEST_PICTURE as u64 {
            return Err(LibraryError::wrong(
                "That photo is too wide or too full of detail for a small picture; choose another.",
            ));
        }
        let mut picture = Vec::new();
        file.take(length).read_to_end(&mut picture)?;
        Ok(picture)
    }

    /// A person's picture, WebP; `None` where there is none.
    pub fn picture_of(&self, person: PersonId) -> Result<Option<Vec<u8>>, LibraryError> {
        self.catalog.read(|conn| {
            let picture: Option<Option<Vec<u8>>> = conn
                .prepare_cached("SELECT picture FROM person WHERE id = ?1")?
                .query_row([person], |row| row.get(0))
                .optional()?;
            Ok(picture.flatten())
        })
    }

    /// Gives a new library its ids.
    pub(crate) fn ensure_identity(&self) -> Result<(), LibraryError> {
        let known = self.catalog.read(|conn| {
            Ok(conn
                .query_row("SELECT 1 FROM library", [], |_| Ok(()))
                .optional()?)
        })?;
        if known.is_some() {
            return Ok(());
        }
        self.catalog.write(|write| {
            let now = write.now_ms;
            let (person, device) = (PersonId::new(now), DeviceId::new(now));
            let conn = write.conn();
            conn.execute("INSERT INTO person (id, name) VALUES (?1, '')", [person])?;
            conn.execute(
                "INSERT INTO device (id, person, name) VALUES (?1, ?2, '')",
                (device, person),
            )?;
            conn.execute(
                "INSERT INTO library (only, id, person, device, created_at)
                 VALUES (1, ?1, ?2, ?3, ?4)",
                (LibraryId::new(now), person, device, now),
            )?;
            Ok(())
        })
    }
}

/// A name a person typed: trimmed, not empty, at most 255 bytes.
fn checked_name(name: &str) -> Result<String, LibraryError> {
    let name = name.trim();
    if name.is_empty() || name.len() > 255 {
        return Err(LibraryError::wrong(
            "A name has between 1 and 255 letters; choose another.",
        ));
    }
    Ok(name.to_owned())
}
