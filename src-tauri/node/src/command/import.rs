//! Bringing photos in: from folders, and from what is connected.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use library::{AlbumId, Failure, Order, Refused, Report, Shelf, Source, SourceKind, Template};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Command, Outcome, counted, id};
use crate::{Node, NodeError};

/// Arguments of `import`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
#[ts(optional_fields)]
pub struct Import {
    /// Files and folders
    #[arg(required = true)]
    #[ts(as = "Vec<String>")]
    paths: Vec<PathBuf>,
    /// Refer to the files where they are instead of copying them
    #[arg(long)]
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    in_place: bool,
    /// Put the photos into this album
    #[arg(long)]
    album: Option<String>,
    /// Return once catalogued; thumbnails and previews are made later
    #[arg(long)]
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    no_wait: bool,
    /// Where copies go below originals/, as `import template` has it
    #[arg(long)]
    template: Option<String>,
    /// Wait for room when the disk is full, as the window does, instead of ending
    #[arg(long)]
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    wait_for_room: bool,
}

/// Arguments of `import template`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
#[ts(optional_fields)]
pub struct ImportTemplate {
    /// Folders with {year}, {month}, {day}, {camera}, {make} and {model}; the present
    /// one is told when none is given
    template: Option<String>,
}

/// Arguments of `sources`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
#[ts(optional_fields)]
pub struct Sources {
    /// Look in these folders of mounts, instead of where this system mounts
    #[arg(long, num_args = 1..)]
    #[serde(default)]
    #[ts(as = "Option<Vec<String>>", optional)]
    under: Vec<PathBuf>,
}

/// A file that was not imported, and why.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ImportFailure {
    pub(super) path: String,
    /// A stable word.
    pub(super) code: String,
    /// A sentence.
    pub(super) message: String,
}

impl From<Failure> for ImportFailure {
    fn from(failure: Failure) -> ImportFailure {
        ImportFailure {
            path: failure.path.display().to_string(),
            code: failure.code.to_owned(),
            message: failure.message,
        }
    }
}

impl From<Refused> for ImportFailure {
    fn from(refused: Refused) -> ImportFailure {
        ImportFailure {
            path: refused.path.display().to_string(),
            code: refused.code,
            message: refused.message,
        }
    }
}

impl ImportFailure {
    /// Its path, and below it why.
    pub(super) fn text(&self) -> String {
        format!("  {}\n    {}", self.path, self.message)
    }
}

/// Answer to `import`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ImportReport {
    /// Files taken in; the two of a live photo are one asset.
    imported: u64,
    /// Files whose bytes the library already had.
    duplicates: u64,
    /// Sidecars, which are read with their photos, hidden files and links.
    skipped: u64,
    failed: Vec<ImportFailure>,
    /// The new assets.
    assets: Vec<String>,
    /// The assets of duplicates, without locked ones.
    known: Vec<String>,
    /// Files that had to be read; the rest was known from an earlier import.
    read: u64,
    /// It was stopped before its end.
    cancelled: bool,
}

impl From<Report> for ImportReport {
    fn from(report: Report) -> ImportReport {
        ImportReport {
            imported: report.progress.imported,
            duplicates: report.progress.duplicates,
            skipped: report.progress.skipped,
            failed: report
                .failures
                .into_iter()
                .map(ImportFailure::from)
                .collect(),
            assets: report.assets.iter().map(ToString::to_string).collect(),
            known: report.known.iter().map(ToString::to_string).collect(),
            read: report.progress.read,
            cancelled: report.cancelled,
        }
    }
}

/// Answer to `import template`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ImportTemplateNow {
    /// Where copies go below originals/.
    template: String,
}

/// A card, a camera or a phone with photos.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ImportSource {
    name: String,
    kind: SourceKindName,
    /// Its folder of photos, to import.
    path: String,
}

/// What a source is.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SourceKindName {
    /// A card or a drive.
    Card,
    /// A camera on a cable.
    Camera,
    /// A phone or a tablet on a cable.
    Phone,
}

impl From<Source> for ImportSource {
    fn from(source: Source) -> ImportSource {
        ImportSource {
            name: source.name,
            kind: match source.kind {
                SourceKind::Card => SourceKindName::Card,
                SourceKind::Camera => SourceKindName::Camera,
                SourceKind::Phone => SourceKindName::Phone,
            },
            path: source.path.display().to_string(),
        }
    }
}

/// Answer to `sources`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct SourceList {
    sources: Vec<ImportSource>,
}

impl Command for Import {
    const NAME: &'static str = "import";
    const ABOUT: &'static str = "Bring photos into the library";
    type Reply = ImportReport;

    fn prepare(mut self) -> Result<Self, NodeError> {
        for path in &mut self.paths {
            *path = std::path::absolute(&*path)?;
        }
        Ok(self)
    }

    fn run(self, node: &Arc<Node>) -> Result<ImportReport, NodeError> {
        let template = self.template.as_deref().map(str::parse::<Template>);
        let order = Order {
            paths: self.paths,
            in_place: self.in_place,
            album: self.album.as_deref().map(id::<AlbumId>).transpose()?,
            shelf: Shelf::Timeline,
            without_renditions: self.no_wait,
            template: template.transpose()?,
            waits_for_room: node.stays() || self.wait_for_room,
        };
        Ok(node.import(&order)?.into())
    }

    fn text(reply: &ImportReport) -> String {
        let mut lines = vec![format!(
            "{} imported, {} already there, {} could not be imported.",
            reply.imported,
            reply.duplicates,
            reply.failed.len(),
        )];
        if reply.skipped > 0 {
            lines.push(format!(
                "{} passed over, as a sidecar, hidden file or link.",
                counted(reply.skipped, "file was", "files were")
            ));
        }
        if reply.cancelled {
            lines.push("It was stopped; importing again does the rest.".to_owned());
        }
        for failure in &reply.failed {
            lines.push(failure.text());
        }
        lines.join("\n")
    }

    fn outcome(reply: &ImportReport) -> Outcome {
        if reply.failed.is_empty() && !reply.cancelled {
            Outcome::Done
        } else if reply.imported + reply.duplicates > 0 {
            Outcome::InPart
        } else {
            Outcome::Failed
        }
    }
}

impl Command for ImportTemplate {
    const NAME: &'static str = "import.template";
    const ABOUT: &'static str = "Say or set where copies go below originals/";
    type Reply = ImportTemplateNow;

    fn run(self, node: &Arc<Node>) -> Result<ImportTemplateNow, NodeError> {
        if let Some(text) = self.template {
            node.library.set_template(&text.parse()?)?;
        }
        Ok(ImportTemplateNow {
            template: node.library.template()?.to_string(),
        })
    }

    fn text(reply: &ImportTemplateNow) -> String {
        reply.template.clone()
    }
}

impl Command for Sources {
    const NAME: &'static str = "sources";
    const ABOUT: &'static str = "List the cards, cameras and phones that photos can come from";
    type Reply = SourceList;

    fn run(self, _: &Arc<Node>) -> Result<SourceList, NodeError> {
        let found = if self.under.is_empty() {
            library::sources()
        } else {
            library::sources_under(&self.under)
        };
        Ok(SourceList {
            sources: found.into_iter().map(ImportSource::from).collect(),
        })
    }

    fn text(reply: &SourceList) -> String {
        if reply.sources.is_empty() {
            return "No card, camera or phone is connected. Connect one, unlock it, and on a \
                    phone allow file transfer."
                .to_owned();
        }
        let row = |source: &ImportSource| format!("{}  {}", source.name, source.path);
        let rows: Vec<String> = reply.sources.iter().map(row).collect();
        rows.join("\n")
    }
}
