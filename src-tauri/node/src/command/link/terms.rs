//! What links allow, and what new ones allow unless it is said.

use std::sync::Arc;

use clap::Args;
use library::{LinkEdit, LinkOf, NewLink, Setting};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::command::Command;
use crate::{Node, NodeError};

/// How long a link lives until the owner says otherwise.
const EXPIRY: &str = "30d";

/// What visitors may download.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Download {
    /// Nothing.
    None,
    /// A copy at screen size.
    Screen,
    /// The original; while metadata is hidden, without its metadata.
    Original,
}

/// Whether visitors may add photos.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Uploads {
    /// No.
    None,
    /// Yes; they come into your inbox.
    Add,
    /// That is all they may: a drop box, in which they see nothing.
    Only,
}

/// What a link allows: the options of `link create` and `link edit`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
#[ts(optional_fields)]
pub struct LinkOptions {
    /// For whom it is; only you see this
    #[arg(long)]
    pub(super) label: Option<String>,
    /// A few words to the visitors
    #[arg(long)]
    description: Option<String>,
    /// Ask visitors for this password; empty for none
    #[arg(long, conflicts_with = "password_stdin")]
    password: Option<String>,
    /// Read the password from standard input
    #[arg(long)]
    #[serde(skip)]
    #[ts(skip)]
    password_stdin: bool,
    /// When it ends: 30d, 12h, a time, or never
    #[arg(long)]
    expires: Option<String>,
    /// What visitors may download
    #[arg(long)]
    download: Option<Download>,
    /// Show names, times, places and cameras, or not
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    show_metadata: Option<bool>,
    /// Let visitors comment and like, under a name they give, or not
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    comments: Option<bool>,
    /// A readable address, /s/NAME, which asks for a password; empty for none
    #[arg(long)]
    name: Option<String>,
    /// Let that address go without a password, though it can be guessed
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    guessable: Option<bool>,
    /// Let visitors add photos, or that alone
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "add")]
    upload: Option<Uploads>,
    /// Take in what they send without asking, or not
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    auto_accept: Option<bool>,
    /// The most files they may send; 2000 unless said otherwise
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    upload_files: Option<u32>,
    /// The most bytes of them together; 10 GB unless said otherwise
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=1 << 50))]
    upload_bytes: Option<u64>,
    /// For so many people, each of whom takes a seat when they open it; 0 for any number
    #[arg(long = "people", value_name = "NUMBER")]
    people_at_most: Option<u32>,
}

/// Arguments of `link defaults`: what is absent stays as it is.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
#[ts(optional_fields)]
pub struct DefaultTerms {
    /// When new links end: 30d, 12h, or never
    #[arg(long)]
    expires: Option<String>,
    /// What visitors of new links may download
    #[arg(long)]
    download: Option<Download>,
    /// New links show names, times, places and cameras, or not
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    show_metadata: Option<bool>,
    /// Visitors of new links may comment and like, or not
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    comments: Option<bool>,
}

/// Answer to `link defaults`: what new links allow unless it is said.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct LinkDefaults {
    /// `30d`, `12h`, or `never`.
    expires: String,
    download: Download,
    show_metadata: bool,
    comments: bool,
}

impl From<Download> for library::Download {
    fn from(download: Download) -> library::Download {
        match download {
            Download::None => library::Download::None,
            Download::Screen => library::Download::Screen,
            Download::Original => library::Download::Original,
        }
    }
}

impl From<library::Download> for Download {
    fn from(download: library::Download) -> Download {
        match download {
            library::Download::None => Download::None,
            library::Download::Screen => Download::Screen,
            library::Download::Original => Download::Original,
        }
    }
}

impl From<Uploads> for library::Uploads {
    fn from(uploads: Uploads) -> library::Uploads {
        match uploads {
            Uploads::None => library::Uploads::None,
            Uploads::Add => library::Uploads::Add,
            Uploads::Only => library::Uploads::Only,
        }
    }
}

impl From<library::Uploads> for Uploads {
    fn from(uploads: library::Uploads) -> Uploads {
        match uploads {
            library::Uploads::None => Uploads::None,
            library::Uploads::Add => Uploads::Add,
            library::Uploads::Only => Uploads::Only,
        }
    }
}

impl LinkOptions {
    /// Takes one line of standard input as the password, where that was asked.
    pub(super) fn read_password(&mut self) -> Result<(), NodeError> {
        if self.password_stdin {
            let mut line = String::new();
            std::io::stdin().read_line(&mut line)?;
            let password = line.trim_end_matches(['\r', '\n']);
            if password.is_empty() {
                return Err(NodeError::new(
                    "usage",
                    "No password came on standard input; nothing was changed.",
                ));
            }
            self.password = Some(password.to_owned());
        }
        Ok(())
    }

    /// A new link by these options, and by the defaults where they say nothing.
    pub(super) fn new_link(self, node: &Node, of: LinkOf) -> Result<NewLink, NodeError> {
        let defaults = defaults(node)?;
        let expires = self.expires.as_deref().unwrap_or(&defaults.expires);
        Ok(NewLink {
            of,
            label: self.label.unwrap_or_default(),
            description: self.description.unwrap_or_default(),
            password: self.password.filter(|password| !password.is_empty()),
            expires_at: node.library.expiry(expires)?,
            download: self.download.unwrap_or(defaults.download).into(),
            show_metadata: self.show_metadata.unwrap_or(defaults.show_metadata),
            comments: self.comments.unwrap_or(defaults.comments),
            name: self.name.filter(|name| !name.is_empty()),
            guessable: self.guessable.unwrap_or(false),
            upload: self.upload.unwrap_or(Uploads::None).into(),
            auto_accept: self.auto_accept.unwrap_or(false),
            upload_files: self.upload_files.map_or(library::UPLOAD_FILES, u64::from),
            upload_bytes: self.upload_bytes.unwrap_or(library::UPLOAD_BYTES),
            people: self.people_at_most.filter(|people| *people > 0),
        })
    }

    /// What is to change of a link; what is not named stays.
    pub(super) fn edit(self, node: &Node) -> Result<LinkEdit, NodeError> {
        let expires = self.expires.as_deref();
        Ok(LinkEdit {
            label: self.label,
            description: self.description,
            password: self.password,
            expires_at: expires.map(|text| node.library.expiry(text)).transpose()?,
            download: self.download.map(Into::into),
            show_metadata: self.show_metadata,
            comments: self.comments,
            name: self
                .name
                .map(|name| Some(name).filter(|name| !name.is_empty())),
            guessable: self.guessable,
            people: self
                .people_at_most
                .map(|people| Some(people).filter(|people| *people > 0)),
            paused: None,
            upload: self.upload.map(Into::into),
            auto_accept: self.auto_accept,
            upload_files: self.upload_files.map(u64::from),
            upload_bytes: self.upload_bytes,
        })
    }
}

fn defaults(node: &Node) -> Result<LinkDefaults, NodeError> {
    let setting = |setting| node.library.setting(setting);
    let download = setting(Setting::LinkDownload)?;
    let download = download.and_then(|name| library::Download::from_name(&name));
    Ok(LinkDefaults {
        expires: setting(Setting::LinkExpiry)?.unwrap_or_else(|| EXPIRY.to_owned()),
        download: download.map_or(Download::Screen, Into::into),
        show_metadata: setting(Setting::LinkMetadata)?.as_deref() == Some("on"),
        comments: setting(Setting::LinkComments)?.as_deref() == Some("on"),
    })
}

impl Command for DefaultTerms {
    const NAME: &'static str = "link.defaults";
    const ABOUT: &'static str = "Show or set what new links allow unless it is said";
    type Reply = LinkDefaults;

    fn run(self, node: &Arc<Node>) -> Result<LinkDefaults, NodeError> {
        let keep = |setting, value: &str| node.library.set_setting(setting, value);
        if let Some(expires) = &self.expires {
            let expires = expires.trim();
            let is_length = expires == "never" || expires.ends_with(['d', 'h']);
            if !is_length {
                return Err(NodeError::new(
                    "usage",
                    "New links can end after a while, like 30d or 12h, or never.",
                ));
            }
            node.library.expiry(expires)?;
            keep(Setting::LinkExpiry, expires)?;
        }
        if let Some(download) = self.download {
            keep(
                Setting::LinkDownload,
                library::Download::from(download).name(),
            )?;
        }
        if let Some(shows) = self.show_metadata {
            keep(Setting::LinkMetadata, if shows { "on" } else { "off" })?;
        }
        if let Some(comments) = self.comments {
            keep(Setting::LinkComments, if comments { "on" } else { "off" })?;
        }
        defaults(node)
    }

    fn text(reply: &LinkDefaults) -> String {
        format!(
            "New links end {}, let visitors {}{}, and {} names, times, places and cameras.",
            match reply.expires.as_str() {
                "never" => "never".to_owned(),
                after => format!("after {after}"),
            },
            match reply.download {
                Download::None => "look only",
                Download::Screen => "download at screen size",
                Download::Original => "download originals",
            },
            if reply.comments { " and comment" } else { "" },
            if reply.show_metadata { "show" } else { "hide" },
        )
    }
}
