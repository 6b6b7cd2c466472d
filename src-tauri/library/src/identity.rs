//! Who a library belongs to and which machine it lives on.

use std::sync::Arc;

use rusqlite::OptionalExtension;

use crate::card::sign;
use crate::{Change, DeviceId, Library, LibraryError, LibraryId, PersonId};

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
