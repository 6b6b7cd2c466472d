//! Settings of this machine. They live in the catalog and never leave it.

use rusqlite::OptionalExtension;

use crate::{Library, LibraryError};

/// The settings there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setting {
    /// Whether links are served to the network: `on` or `off`.
    Sharing,
    /// The address and port the listener takes: `0.0.0.0:8477`.
    Listen,
    /// The address links are written with, when it is not the machine's own.
    PublicUrl,
}

impl Setting {
    fn name(self) -> &'static str {
        match self {
            Setting::Sharing => "sharing",
            Setting::Listen => "listen",
            Setting::PublicUrl => "public_url",
        }
    }
}

impl Library {
    /// The setting's value, if it was ever set.
    pub fn setting(&self, setting: Setting) -> Result<Option<String>, LibraryError> {
        self.catalog.read(|conn| {
            Ok(conn
                .prepare_cached("SELECT value FROM setting WHERE name = ?1")?
                .query_row([setting.name()], |row| row.get(0))
                .optional()?)
        })
    }

    /// Keeps a setting.
    pub fn set_setting(&self, setting: Setting, value: &str) -> Result<(), LibraryError> {
        let value = value.to_owned();
        self.catalog.write(move |write| {
            write.conn().execute(
                "INSERT INTO setting (name, value) VALUES (?1, ?2)
                 ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                (setting.name(), value),
            )?;
            Ok(())
        })
    }
}
