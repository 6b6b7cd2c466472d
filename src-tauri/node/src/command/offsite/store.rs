//! Where a store is and what it knows its user by, as commands are told it. The keys are never
//! on a command's line: they are read where it is typed, from a file or the environment.

use std::path::{Path, PathBuf};

use clap::Args;
use library::{OffsiteLogin, OffsitePlace};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::NodeError;

const ACCESS_KEY: &str = "ALBUMEN_S3_ACCESS_KEY";
const SECRET_KEY: &str = "ALBUMEN_S3_SECRET_KEY";

/// Where a store is, and what it knows its user by.
#[derive(Args, Serialize, Deserialize, TS)]
#[ts(optional_fields)]
pub struct OffsiteStore {
    /// The store's address: https://s3.example.org
    #[arg(long, value_name = "URL")]
    pub(super) endpoint: Option<String>,
    /// The bucket there
    #[arg(long)]
    pub(super) bucket: Option<String>,
    /// The region that the store says it is in; us-east-1 unless it is said
    #[arg(long)]
    pub(super) region: Option<String>,
    /// A folder in the bucket
    #[arg(long)]
    pub(super) prefix: Option<String>,
    /// A file, readable by you alone, with the access key in its first line and the secret key
    /// in its second; else they are read from ALBUMEN_S3_ACCESS_KEY and ALBUMEN_S3_SECRET_KEY
    #[arg(long, value_name = "FILE")]
    #[ts(as = "Option<String>")]
    keys: Option<PathBuf>,
    /// Read where the command is typed, never from its line.
    #[arg(skip)]
    pub(super) access_key: Option<String>,
    #[arg(skip)]
    pub(super) secret_key: Option<String>,
}

impl OffsiteStore {
    /// Reads the keys from their file or the environment.
    pub(super) fn with_keys(mut self) -> Result<Self, NodeError> {
        let given = match &self.keys {
            Some(file) => Some(keys_of(file)?),
            None => std::env::var(ACCESS_KEY)
                .ok()
                .zip(std::env::var(SECRET_KEY).ok()),
        };
        if let Some((access_key, secret_key)) = given {
            self.access_key = Some(access_key);
            self.secret_key = Some(secret_key);
        }
        self.keys = None;
        Ok(self)
    }

    /// All of it; what is not said is as it was before.
    pub(super) fn settle(
        self,
        before: Option<(OffsitePlace, OffsiteLogin)>,
    ) -> Result<(OffsitePlace, OffsiteLogin), NodeError> {
        let (place, login) = before.unzip();
        let lacks = |what: &str| NodeError::new("wrong", format!("Say the {what}."));
        let or = |said: Option<String>, before: Option<String>, what: &str| {
            let said = said.map(|said| said.trim().to_owned());
            said.or(before)
                .filter(|text| !text.is_empty())
                .ok_or_else(|| lacks(what))
        };
        let was = place.unwrap_or(OffsitePlace {
            endpoint: String::new(),
            bucket: String::new(),
            region: "us-east-1".to_owned(),
            prefix: String::new(),
        });
        let endpoint = or(
            self.endpoint,
            Some(was.endpoint),
            "store's address with --endpoint",
        )?;
        if !endpoint.starts_with("https://") && !endpoint.starts_with("http://") {
            return Err(NodeError::new(
                "wrong",
                "A store's address begins with https:// (or http:// in your own network).",
            ));
        }
        let place = OffsitePlace {
            endpoint,
            bucket: or(self.bucket, Some(was.bucket), "bucket with --bucket")?,
            region: or(self.region, Some(was.region), "region with --region")?,
            prefix: self
                .prefix
                .unwrap_or(was.prefix)
                .trim_matches('/')
                .to_owned(),
        };
        let keys = format!("keys: in a file by --keys, or as {ACCESS_KEY} and {SECRET_KEY}");
        let (access, secret) = login.map(|was| (was.access_key, was.secret_key)).unzip();
        let login = OffsiteLogin {
            access_key: or(self.access_key, access, &keys)?,
            secret_key: or(self.secret_key, secret, &keys)?,
        };
        Ok((place, login))
    }
}

/// The two keys in a file that nobody else can read.
fn keys_of(file: &Path) -> Result<(String, String), NodeError> {
    let failed = |error| NodeError::new("io", format!("{}: {error}.", file.display()));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(file)
            .map_err(failed)?
            .permissions()
            .mode();
        if mode & 0o077 != 0 {
            return Err(NodeError::new(
                "wrong",
                format!(
                    "Others can read {}; take that right from them (`chmod 600`) first.",
                    file.display()
                ),
            ));
        }
    }
    let text = std::fs::read_to_string(file).map_err(failed)?;
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    match (lines.next(), lines.next()) {
        (Some(access), Some(secret)) => Ok((access.to_owned(), secret.to_owned())),
        _ => Err(NodeError::new(
            "wrong",
            format!(
                "{} is to hold two lines: the access key and the secret key.",
                file.display()
            ),
        )),
    }
}
