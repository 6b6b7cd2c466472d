//! Bringing a library back from its off-site copy, on a machine that has nothing of it.

use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use library::{RecoveryKey, rfc3339, size};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::local::bytes_of;
use super::named;
use super::store::OffsiteStore;
use crate::command::{Command, Outcome};
use crate::config::Config;
use crate::offsite::{BroughtBack, bring, store_at};
use crate::{Job, Node, NodeError};

const RECOVERY_KEY: &str = "ALBUMEN_RECOVERY_KEY";

/// Arguments of `offsite restore`.
#[derive(Args, Serialize, Deserialize, TS)]
#[ts(optional_fields)]
pub struct RestoreOffsite {
    /// The new folder of the library; one that was begun is gone on with
    #[arg(long, value_name = "FOLDER")]
    #[ts(as = "String")]
    into: PathBuf,
    #[command(flatten)]
    #[serde(flatten)]
    store: OffsiteStore,
    /// A file with the twelve words of the recovery key, or - for standard input; else they are
    /// read from ALBUMEN_RECOVERY_KEY
    #[arg(long, value_name = "FILE")]
    #[ts(as = "Option<String>")]
    recovery_key: Option<PathBuf>,
    /// The catalog to restore, as it was at this moment (2026-05-03T12-00-00Z); else the newest
    #[arg(long, value_name = "MOMENT")]
    at: Option<String>,
    /// How much of this machine's disk originals may take: 20GB; the others stay at the store
    #[arg(long, value_name = "SIZE")]
    keep_local: Option<String>,
    /// Read where the command is typed.
    #[arg(skip)]
    words: Option<String>,
}

/// Answer to `offsite restore`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct OffsiteRestored {
    /// The library's folder.
    library: String,
    /// When its catalog was copied (RFC 3339).
    made_at: Option<String>,
    /// Files of photos that are here.
    files: u64,
    /// Those of them that were here from an earlier try.
    before: u64,
    /// Bytes that were fetched.
    bytes: u64,
    /// Photos whose files the store does not hold: they were not copied before the catalog was.
    missing: Vec<String>,
    /// Photos whose files are not what was given to the store.
    damaged: Vec<String>,
}

impl Command for RestoreOffsite {
    const NAME: &'static str = "offsite.restore";
    const ABOUT: &'static str = "Bring a library back from its off-site copy, by its recovery key";
    type Reply = OffsiteRestored;

    fn prepare(mut self) -> Result<Self, NodeError> {
        self.into = std::path::absolute(self.into)?;
        self.store = self.store.with_keys()?;
        let words =
            match &self.recovery_key {
                Some(file) if file.as_os_str() == "-" => {
                    let mut words = String::new();
                    std::io::stdin().read_to_string(&mut words)?;
                    Some(words)
                }
                Some(file) => Some(std::fs::read_to_string(file).map_err(|error| {
                    NodeError::new("io", format!("{}: {error}.", file.display()))
                })?),
                None => std::env::var(RECOVERY_KEY).ok(),
            };
        self.words = words.or(self.words);
        self.recovery_key = None;
        Ok(self)
    }

    fn run(self, node: &Arc<Node>) -> Result<OffsiteRestored, NodeError> {
        let job = node.jobs.begin("restore");
        let restored = self.restore(&node.runtime, &|progress| job.go_on(progress));
        node.jobs.finish(&job, None);
        restored
    }

    fn without_node(
        self,
        _config: &Config,
        watch: &dyn Fn(&Job),
    ) -> Result<Option<OffsiteRestored>, NodeError> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()?;
        let told = Job::telling("restore", watch);
        self.restore(runtime.handle(), &told).map(Some)
    }

    fn text(reply: &OffsiteRestored) -> String {
        let mut lines = vec![format!("The library is restored in {}.", reply.library)];
        if let Some(at) = &reply.made_at {
            lines.push(format!("It is as it was at {at}."));
        }
        lines.push(format!(
            "{} files of photos are here; {} were fetched.",
            reply.files,
            size(reply.bytes)
        ));
        if !reply.missing.is_empty() {
            lines.push(format!(
                "The store did not hold {}: {}. They stay in the library, and importing copies of \
                 them brings them back.",
                reply.missing.len(),
                named(reply.missing.iter().cloned())
            ));
        }
        if !reply.damaged.is_empty() {
            lines.push(format!(
                "{} were not what was given to the store, and are left out: {}.",
                reply.damaged.len(),
                named(reply.damaged.iter().cloned())
            ));
        }
        lines.push(
            "It is the same library as before, and goes on with its off-site copy; the old \
             machine must not run any more."
                .to_owned(),
        );
        lines.join("\n")
    }

    fn outcome(reply: &OffsiteRestored) -> Outcome {
        match reply.missing.is_empty() && reply.damaged.is_empty() {
            true => Outcome::Done,
            false => Outcome::InPart,
        }
    }
}

impl RestoreOffsite {
    fn restore(
        self,
        runtime: &tokio::runtime::Handle,
        watch: &dyn Fn(&library::Progress) -> bool,
    ) -> Result<OffsiteRestored, NodeError> {
        let words = self.words.ok_or_else(|| {
            NodeError::new(
                "wrong",
                format!(
                    "Give the recovery key: its twelve words in a file by --recovery-key, or as \
                     {RECOVERY_KEY}."
                ),
            )
        })?;
        let keys = RecoveryKey::parse(&words)?.keys();
        let keep_local = self.keep_local.as_deref().map(bytes_of).transpose()?;
        let keep_local = keep_local.flatten();
        let (place, login) = self.store.settle(None)?;
        let store = store_at(&place, &login, keys.folder(), runtime)?;
        let BroughtBack {
            folder,
            made_at,
            files,
            before,
            bytes,
            missing,
            damaged,
        } = bring(
            &store,
            &keys,
            &self.into,
            (self.at.as_deref(), keep_local),
            watch,
        )?;
        Ok(OffsiteRestored {
            library: folder.display().to_string(),
            made_at: made_at.map(rfc3339),
            files,
            before,
            bytes,
            missing,
            damaged,
        })
    }
}
