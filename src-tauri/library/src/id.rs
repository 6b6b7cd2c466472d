//! Ids of the domain, a type each so that none is taken for another. They are
//! UUID version 7 (RFC 9562): random, and ordered by the time they were made.

use std::fmt;
use std::str::FromStr;

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use uuid::Uuid;

use crate::LibraryError;

macro_rules! id {
    ($name:ident, $noun:literal) => {
        #[doc = concat!("Names one ", $noun, ".")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Uuid);

        impl $name {
            /// A new id; `now_ms` is the time, in milliseconds since 1970.
            pub(crate) fn new(now_ms: i64) -> $name {
                let millis = u64::try_from(now_ms).unwrap_or(0);
                let random = rand::random();
                $name(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
            }
        }

        #[allow(dead_code, reason = "not every kind of id is sealed into a link")]
        impl $name {
            /// The sixteen bytes of the id.
            pub fn bytes(self) -> [u8; 16] {
                self.0.into_bytes()
            }

            /// When it was made, milliseconds since 1970.
            pub fn made_at(self) -> i64 {
                self.0.get_timestamp().map_or(0, |time| {
                    let (seconds, nanos) = time.to_unix();
                    let millis = seconds.saturating_mul(1_000) + u64::from(nanos / 1_000_000);
                    i64::try_from(millis).unwrap_or(0)
                })
            }

            /// The id of these sixteen bytes, whatever they are.
            pub fn from_bytes(bytes: [u8; 16]) -> $name {
                $name(Uuid::from_bytes(bytes))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = LibraryError;

            fn from_str(text: &str) -> Result<$name, LibraryError> {
                Uuid::try_parse(text)
                    .map($name)
                    .map_err(|_| LibraryError::Unknown {
                        noun: $noun,
                        id: text.to_owned(),
                    })
            }
        }

        impl ToSql for $name {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                Ok(ToSqlOutput::Borrowed(ValueRef::Blob(self.0.as_bytes())))
            }
        }

        impl FromSql for $name {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<$name> {
                Uuid::from_slice(value.as_blob()?)
                    .map($name)
                    .map_err(|error| FromSqlError::Other(Box::new(error)))
            }
        }
    };
}

id!(LibraryId, "library");
id!(PersonId, "person");
id!(WatchId, "watched folder");
id!(DeviceId, "device");
id!(AssetId, "photo");
id!(MotionId, "live part");
id!(AlbumId, "album");
id!(LinkId, "link");
id!(ImportId, "import");
id!(UploadId, "upload");
id!(ActivityId, "comment");
id!(RequestId, "request");
