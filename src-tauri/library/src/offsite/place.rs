//! Where the off-site copy is kept and what opens that. The keys are sealed with the
//! library's secret, so that the catalog file alone opens nothing.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD as STANDARD;

use super::RecoveryKey;
use crate::{Change, Library, LibraryError, Setting};

/// A place at a store that speaks S3.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OffsitePlace {
    /// The address of the store: `https://s3.example.org`.
    pub endpoint: String,
    /// The bucket at it.
    pub bucket: String,
    /// The region that the store says it is in.
    pub region: String,
    /// A folder in the bucket; empty for none.
    pub prefix: String,
}

/// What the store knows its user by.
#[derive(Clone, PartialEq, Eq)]
pub struct OffsiteLogin {
    /// The access key: a name.
    pub access_key: String,
    /// The secret key: a password.
    pub secret_key: String,
}

impl std::fmt::Debug for OffsiteLogin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OffsiteLogin")
    }
}

/// The off-site copy of a library, as it is set.
#[derive(Clone, Debug)]
pub struct Offsite {
    /// Where it is.
    pub place: OffsitePlace,
    /// What opens the place.
    pub login: OffsiteLogin,
    /// What opens the copy.
    pub key: RecoveryKey,
    /// How many minutes pass at least between two copies of a catalog that changes.
    pub every: u64,
    /// Whether the owner said that the recovery key is written down.
    pub noted: bool,
}

/// Minutes between two copies of the catalog, unless it is set otherwise.
const EVERY: u64 = 15;

impl Library {
    /// The off-site copy, where one is set.
    ///
    /// # Errors
    /// [`LibraryError::Wrong`] when its keys were sealed with another secret.
    pub fn offsite(&self) -> Result<Option<Offsite>, LibraryError> {
        let read = |setting| -> Result<String, LibraryError> {
            Ok(self.setting(setting)?.unwrap_or_default())
        };
        let sealed = read(Setting::OffsiteKeys)?;
        if sealed.is_empty() {
            return Ok(None);
        }
        let place = OffsitePlace {
            endpoint: read(Setting::OffsiteEndpoint)?,
            bucket: read(Setting::OffsiteBucket)?,
            region: read(Setting::OffsiteRegion)?,
            prefix: read(Setting::OffsitePrefix)?,
        };
        let (key, login) = self.unseal_keys(&sealed).ok_or_else(|| {
            LibraryError::wrong(
                "The keys of the off-site copy do not open with this library's secret; set it \
                 anew with `albumen offsite set`.",
            )
        })?;
        Ok(Some(Offsite {
            place,
            login,
            key,
            every: read(Setting::OffsiteMinutes)?.parse().unwrap_or(EVERY),
            noted: read(Setting::OffsiteNoted)? == "on",
        }))
    }

    /// Sets where the off-site copy is kept. The recovery key stays what it was, if there is
    /// one. What was copied to another place does not count at this one.
    ///
    /// # Errors
    /// For another place while the one before alone has originals.
    pub fn set_offsite(
        &self,
        place: &OffsitePlace,
        login: &OffsiteLogin,
        every: Option<u64>,
    ) -> Result<Offsite, LibraryError> {
        let before = self.offsite()?;
        let key = before
            .as_ref()
            .map_or_else(RecoveryKey::make, |before| before.key.clone());
        let keys = [
            key.bytes().as_slice(),
            login.access_key.as_bytes(),
            b"\n",
            login.secret_key.as_bytes(),
        ]
        .concat();
        let sealed = STANDARD.encode(self.secret.seal(&keys)?);
        let elsewhere = before.as_ref().is_none_or(|before| before.place != *place);
        if before.is_some() && elsewhere {
            self.check_none_away()?;
        }
        let mut settings = vec![
            (Setting::OffsiteEndpoint, place.endpoint.clone()),
            (Setting::OffsiteBucket, place.bucket.clone()),
            (Setting::OffsiteRegion, place.region.clone()),
            (Setting::OffsitePrefix, place.prefix.clone()),
            (Setting::OffsiteKeys, sealed),
        ];
        settings.extend(every.map(|every| (Setting::OffsiteMinutes, every.to_string())));
        self.write_offsite(settings, elsewhere)?;
        self.offsite()?
            .ok_or_else(|| LibraryError::wrong("The off-site copy was ended meanwhile."))
    }

    /// Notes that the owner has written the recovery key down.
    pub fn note_recovery_key(&self) -> Result<(), LibraryError> {
        self.write_offsite(vec![(Setting::OffsiteNoted, "on".to_owned())], false)
    }

    /// Forgets the off-site copy and its keys. What is at the store stays there, and only the
    /// recovery key that was written down opens it.
    ///
    /// # Errors
    /// While the store alone has originals.
    pub fn end_offsite(&self) -> Result<(), LibraryError> {
        self.check_none_away()?;
        let all = [
            Setting::OffsiteKeys,
            Setting::OffsiteEndpoint,
            Setting::OffsiteBucket,
            Setting::OffsiteRegion,
            Setting::OffsitePrefix,
            Setting::OffsiteNoted,
            Setting::OffsiteCatalogAt,
            Setting::OffsiteKeepLocal,
        ];
        self.write_offsite(all.map(|setting| (setting, String::new())).to_vec(), true)
    }

    /// When the catalog was last copied, milliseconds since 1970.
    pub fn offsite_catalog_at(&self) -> Result<Option<i64>, LibraryError> {
        let at = self.setting(Setting::OffsiteCatalogAt)?;
        Ok(at.and_then(|at| at.parse().ok()))
    }

    /// Notes that the catalog was copied, as it was at this moment, in milliseconds since
    /// 1970.
    pub fn note_offsite_catalog(&self, at: i64) -> Result<(), LibraryError> {
        self.write_offsite(vec![(Setting::OffsiteCatalogAt, at.to_string())], false)
    }

    fn write_offsite(
        &self,
        settings: Vec<(Setting, String)>,
        forget: bool,
    ) -> Result<(), LibraryError> {
        self.catalog.write(move |write| {
            let conn = write.conn();
            for (setting, value) in settings {
                conn.prepare_cached(
                    "INSERT OR REPLACE INTO setting (name, value) VALUES (?1, ?2)",
                )?
                .execute((setting.name(), value))?;
            }
            if forget {
                conn.execute_batch("DELETE FROM offsite_copy; DELETE FROM offsite_begun;")?;
                conn.execute(
                    "DELETE FROM setting WHERE name = ?1",
                    [Setting::OffsiteCatalogAt.name()],
                )?;
            }
            write.announce(Change::Offsite);
            Ok(())
        })
    }

    fn unseal_keys(&self, sealed: &str) -> Option<(RecoveryKey, OffsiteLogin)> {
        let opened = self.secret.unseal(&STANDARD.decode(sealed).ok()?)?;
        let (key, login) = opened.split_first_chunk()?;
        let (access_key, secret_key) = std::str::from_utf8(login).ok()?.split_once('\n')?;
        let login = OffsiteLogin {
            access_key: access_key.to_owned(),
            secret_key: secret_key.to_owned(),
        };
        Some((RecoveryKey::from_bytes(*key), login))
    }
}
