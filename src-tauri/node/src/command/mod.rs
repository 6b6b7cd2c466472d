//! The commands of a node, declared once. The dispatcher, the TypeScript types,
//! the command line and the window all come from [`COMMANDS`].

mod album;
mod asset;
mod backup;
mod comment;
mod duplicate;
mod editor;
mod grid;
mod health;
mod import;
mod inbox;
mod inspect;
mod job;
mod library;
mod link;
mod lock;
mod moving;
mod notice;
mod offer;
mod offsite;
mod partner;
mod peer;
mod place;
mod remote;
mod safety;
mod search;
mod share;
mod sharing;
mod shelf;
mod storage;
mod watch;

use std::path::Path;
use std::sync::Arc;

use clap::ArgMatches;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use ts_rs::TS;

use crate::config::Config;
use crate::{Job, Node, NodeError};

pub use grid::chunk;
pub use lock::pins_on_stdin;

/// One command: its arguments are its fields.
pub trait Command: clap::Args + Serialize + DeserializeOwned + TS + 'static {
    /// Its name: words joined by dots, as the command line writes them apart.
    const NAME: &'static str;
    /// What it does, in a sentence.
    const ABOUT: &'static str;
    /// What it answers.
    type Reply: Serialize + DeserializeOwned + TS + 'static;

    /// Does it. Blocks.
    fn run(self, node: &Arc<Node>) -> Result<Self::Reply, NodeError>;

    /// The answer as a person reads it in a terminal.
    fn text(reply: &Self::Reply) -> String;

    /// Completes arguments where they were typed: another process has another
    /// folder and another standard input.
    fn prepare(self) -> Result<Self, NodeError> {
        Ok(self)
    }

    /// Does it on the library's folder alone, where the library cannot be open or
    /// cannot be opened; `None` when it is for a node to do. Blocks.
    fn without_node(
        self,
        _config: &Config,
        _watch: &dyn Fn(&Job),
    ) -> Result<Option<Self::Reply>, NodeError> {
        Ok(None)
    }

    /// How well it went.
    fn outcome(_reply: &Self::Reply) -> Outcome {
        Outcome::Done
    }
}

/// How well a command went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All of it.
    Done,
    /// Some of it.
    InPart,
    /// None of it.
    Failed,
}

/// As [`Command::without_node`].
type WithoutNode = fn(&Config, Value, &dyn Fn(&Job)) -> Result<Option<Value>, NodeError>;

/// A command with its types put away, as the list holds it.
pub struct Declared {
    /// Its name.
    pub name: &'static str,
    /// What it does.
    pub about: &'static str,
    /// Adds its arguments to a command line.
    pub arguments: fn(clap::Command) -> clap::Command,
    /// Reads its arguments from a command line, as its payload.
    pub payload: fn(&ArgMatches) -> Result<Value, NodeError>,
    /// Its answer as text, and how well it went.
    pub show: fn(Value) -> Result<(String, Outcome), NodeError>,
    /// Does it without a node, where it is one that needs none.
    pub without_node: WithoutNode,
    run: fn(&Arc<Node>, Value) -> Result<Value, NodeError>,
    types: fn(&ts_rs::Config) -> Result<(String, String), ts_rs::ExportError>,
}

/// Every command there is.
pub const COMMANDS: &[Declared] = &[
    declare::<library::ShowStatus>(),
    declare::<library::Init>(),
    declare::<storage::ShowStorage>(),
    declare::<import::Import>(),
    declare::<import::ImportTemplate>(),
    declare::<import::Sources>(),
    declare::<job::Jobs>(),
    declare::<job::PauseJob>(),
    declare::<job::ResumeJob>(),
    declare::<job::CancelJob>(),
    declare::<search::ListAssets>(),
    declare::<search::Search>(),
    declare::<search::Suggest>(),
    declare::<asset::ShowAsset>(),
    declare::<asset::EditAsset>(),
    declare::<asset::WriteAsset>(),
    declare::<place::ShowMap>(),
    declare::<place::FindTowns>(),
    declare::<place::MapTiles>(),
    declare::<grid::ShowGrid>(),
    declare::<grid::ShowTimeline>(),
    declare::<album::CreateAlbum>(),
    declare::<album::ListAlbums>(),
    declare::<album::ShowAlbum>(),
    declare::<album::EditAlbum>(),
    declare::<album::DeleteAlbum>(),
    declare::<album::AddToAlbum>(),
    declare::<album::RemoveFromAlbum>(),
    declare::<share::ShareAlbum>(),
    declare::<share::AlbumMembers>(),
    declare::<share::SetRole>(),
    declare::<share::UnshareAlbum>(),
    declare::<share::EditSharing>(),
    declare::<offer::LeaveAlbum>(),
    declare::<offer::HandOver>(),
    declare::<offer::TakeOver>(),
    declare::<offer::MoveAlbum>(),
    declare::<editor::MakeAlbumLink>(),
    declare::<editor::AlbumLinks>(),
    declare::<editor::EndAlbumLink>(),
    declare::<offer::ListOffers>(),
    declare::<offer::AcceptAlbum>(),
    declare::<offer::DeclineAlbum>(),
    declare::<offer::SaveCopies>(),
    declare::<offer::SetPicture>(),
    declare::<partner::ListPartners>(),
    declare::<partner::OfferLibrary>(),
    declare::<partner::EditPartner>(),
    declare::<partner::EndPartner>(),
    declare::<partner::ForgetPartner>(),
    declare::<partner::AcceptLibrary>(),
    declare::<partner::DeclineLibrary>(),
    declare::<partner::ShowLibrary>(),
    declare::<partner::KeepLibrary>(),
    declare::<partner::PartnerAlbums>(),
    declare::<notice::ListNotices>(),
    declare::<notice::ReadNotices>(),
    declare::<shelf::MoveToTrash>(),
    declare::<shelf::RestoreFromTrash>(),
    declare::<shelf::EmptyTrash>(),
    declare::<shelf::Archive>(),
    declare::<shelf::Unarchive>(),
    declare::<shelf::UndoLast>(),
    declare::<shelf::ListUndo>(),
    declare::<lock::ShowLock>(),
    declare::<lock::SetPin>(),
    declare::<lock::OpenLocked>(),
    declare::<lock::CloseLocked>(),
    declare::<lock::Lock>(),
    declare::<lock::Unlock>(),
    declare::<duplicate::ListDuplicates>(),
    declare::<duplicate::MergeDuplicates>(),
    declare::<duplicate::DismissDuplicates>(),
    declare::<watch::WatchFolder>(),
    declare::<watch::ListWatched>(),
    declare::<watch::ShowWatched>(),
    declare::<watch::LookThrough>(),
    declare::<watch::ConfirmGone>(),
    declare::<watch::UnwatchFolder>(),
    declare::<inbox::ListInbox>(),
    declare::<inbox::AcceptUploads>(),
    declare::<inbox::RejectUploads>(),
    declare::<inbox::WriteUpload>(),
    declare::<link::CreateLink>(),
    declare::<link::CreateLinks>(),
    declare::<link::ListLinks>(),
    declare::<link::ShowLink>(),
    declare::<link::EditLink>(),
    declare::<link::AddToLink>(),
    declare::<link::RemoveFromLink>(),
    declare::<link::RenewLink>(),
    declare::<link::FreeSeats>(),
    declare::<link::RevokeLink>(),
    declare::<link::RevokeAllLinks>(),
    declare::<link::DefaultTerms>(),
    declare::<link::LinkNumbers>(),
    declare::<link::LinkQr>(),
    declare::<comment::ListComments>(),
    declare::<comment::AddComment>(),
    declare::<comment::Like>(),
    declare::<comment::EditComment>(),
    declare::<comment::RemoveComments>(),
    declare::<comment::ReadComments>(),
    declare::<inspect::CheckLink>(),
    declare::<inspect::LinkConcerns>(),
    declare::<sharing::ProbeLink>(),
    declare::<sharing::ShowSharing>(),
    declare::<sharing::SetSharing>(),
    declare::<peer::ListPeers>(),
    declare::<peer::InvitePeer>(),
    declare::<peer::UninvitePeer>(),
    declare::<peer::JoinPeer>(),
    declare::<peer::ConfirmPairing>(),
    declare::<peer::DeclinePairing>(),
    declare::<peer::RemovePeer>(),
    declare::<peer::KeepOfPeer>(),
    declare::<peer::ShowMachine>(),
    declare::<peer::ServeByPeer>(),
    declare::<peer::HostPeer>(),
    declare::<peer::AddressPeer>(),
    declare::<peer::SetPeers>(),
    declare::<remote::ListRemote>(),
    declare::<remote::WriteRemote>(),
    declare::<remote::EditRemote>(),
    declare::<remote::TrashRemote>(),
    declare::<remote::ArchiveRemote>(),
    declare::<remote::ListRemoteAlbums>(),
    declare::<remote::CreateRemoteAlbum>(),
    declare::<remote::EditRemoteAlbum>(),
    declare::<remote::DeleteRemoteAlbum>(),
    declare::<remote::AddToRemoteAlbum>(),
    declare::<remote::RemoveFromRemoteAlbum>(),
    declare::<remote::ShowOutbox>(),
    declare::<remote::WithdrawRequest>(),
    declare::<safety::ShowSafety>(),
    declare::<safety::ListAlone>(),
    declare::<safety::PromiseTwo>(),
    declare::<safety::AdoptMachine>(),
    declare::<safety::FetchMissing>(),
    declare::<moving::ShowMove>(),
    declare::<moving::MoveOut>(),
    declare::<moving::Stay>(),
    declare::<moving::MoveIn>(),
    declare::<backup::CreateBackup>(),
    declare::<backup::ListBackups>(),
    declare::<backup::PlaceBackups>(),
    declare::<backup::RestoreBackup>(),
    declare::<offsite::SetOffsite>(),
    declare::<offsite::ShowOffsite>(),
    declare::<offsite::RunOffsite>(),
    declare::<offsite::KeepLocal>(),
    declare::<offsite::VerifyOffsite>(),
    declare::<offsite::ShowRecoveryKey>(),
    declare::<offsite::EndOffsite>(),
    declare::<offsite::RestoreOffsite>(),
    declare::<health::VerifyLibrary>(),
    declare::<health::Doctor>(),
];

const fn declare<C: Command>() -> Declared {
    Declared {
        name: C::NAME,
        about: C::ABOUT,
        arguments: |command| C::augment_args(command),
        payload: |matches| {
            let command = C::from_arg_matches(matches)
                .map_err(|error| NodeError::new("usage", error.to_string()))?;
            to_value(&command.prepare()?)
        },
        show: |reply| {
            let reply: C::Reply = serde_json::from_value(reply)
                .map_err(|error| NodeError::new("reply", format!("{error}.")))?;
            Ok((C::text(&reply), C::outcome(&reply)))
        },
        without_node: |config, payload, watch| {
            let reply = read::<C>(payload)?.without_node(config, watch)?;
            reply.as_ref().map(to_value).transpose()
        },
        run: |node, payload| to_value(&read::<C>(payload)?.run(node)?),
        types: |config| {
            C::export_all(config)?;
            C::Reply::export_all(config)?;
            Ok((C::name(config), C::Reply::name(config)))
        },
    }
}

fn read<C: Command>(payload: Value) -> Result<C, NodeError> {
    serde_json::from_value(payload)
        .map_err(|error| NodeError::new("usage", format!("{}: {error}.", C::NAME)))
}

/// `1 file`, `2 files`.
fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

fn to_value(value: &impl Serialize) -> Result<Value, NodeError> {
    serde_json::to_value(value).map_err(|error| NodeError::new("reply", format!("{error}.")))
}

/// Runs a command by its name. Blocks.
///
/// # Errors
/// The command's own; `unknown_command` and `usage` for what is none.
pub fn run(node: &Arc<Node>, name: &str, payload: Value) -> Result<Value, NodeError> {
    let declared = COMMANDS
        .iter()
        .find(|declared| declared.name == name)
        .ok_or_else(|| {
            NodeError::new(
                "unknown_command",
                format!("There is no command «{name}»; both programs must be of one version."),
            )
        })?;
    (declared.run)(node, payload)
}

/// Writes the TypeScript types of all commands and events into a folder, and
/// `commands.ts`, which maps each name to its payload and reply.
pub fn write_bindings(folder: &Path) -> Result<(), NodeError> {
    let failed = |error: ts_rs::ExportError| NodeError::new("bindings", error.to_string());
    let config = ts_rs::Config::new()
        .with_out_dir(folder)
        .with_large_int("number");
    std::fs::create_dir_all(folder)?;
    crate::Event::export_all(&config).map_err(failed)?;
    grid::ShowChunk::export_all(&config).map_err(failed)?;
    let mut names = Vec::new();
    let mut rows = String::new();
    for declared in COMMANDS {
        let (payload, reply) = (declared.types)(&config).map_err(failed)?;
        rows.push_str(&format!(
            "  '{}': {{ payload: {payload}; reply: {reply} }};\n",
            declared.name
        ));
        names.extend([payload, reply]);
    }
    names.sort();
    names.dedup();
    let mut text = String::from("// Generated by `cargo xtask bindings`. Do not edit.\n");
    for name in names {
        text.push_str(&format!("import type {{ {name} }} from './{name}';\n"));
    }
    text.push_str("\n/** Every command of the node, with what it takes and answers. */\n");
    text.push_str(&format!("export type Commands = {{\n{rows}}};\n"));
    std::fs::write(folder.join("commands.ts"), text)?;
    Ok(())
}

/// Reads an id or says that there is no such noun.
fn id<T: std::str::FromStr<Err = ::library::LibraryError>>(text: &str) -> Result<T, NodeError> {
    Ok(text.parse()?)
}

/// Reads several ids.
fn ids<T: std::str::FromStr<Err = ::library::LibraryError>>(
    texts: &[String],
) -> Result<Vec<T>, NodeError> {
    texts.iter().map(|text| id(text)).collect()
}

/// Nothing to say but that it is done.
#[derive(Clone, Copy, Debug, Serialize, serde::Deserialize, TS)]
pub struct Done {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_a_name_of_its_own_and_a_sentence() {
        for (index, declared) in COMMANDS.iter().enumerate() {
            assert!(declared.about.len() > 10, "{}", declared.name);
            assert!(
                COMMANDS[..index]
                    .iter()
                    .all(|other| other.name != declared.name),
                "{} is declared twice",
                declared.name
            );
        }
    }

    #[test]
    fn the_types_of_every_command_are_written() {
        let folder = tempfile::tempdir().unwrap();
        write_bindings(folder.path()).unwrap();
        let text = std::fs::read_to_string(folder.path().join("commands.ts")).unwrap();
        for declared in COMMANDS {
            assert!(text.contains(&format!("'{}'", declared.name)));
        }
        assert!(folder.path().join("Asset.ts").exists());
    }
}
