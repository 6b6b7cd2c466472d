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
    /// Whether the router is asked for a port that leads here: `on` or `off`.
    PortMapping,
    /// The proxies that are believed what they say of visitors, with commas between.
    TrustedProxies,
    /// The file of the certificate that links are served with.
    TlsCertificate,
    /// The file of its key.
    TlsKey,
    /// The host names by which visitors reach this machine, with commas between.
    Names,
    /// The directory of the authority that gives certificates for them; empty: the usual.
    AcmeDirectory,
    /// The mail address that it is told.
    AcmeContact,
    /// The directory of the authority whose terms were accepted.
    AcmeTerms,
    /// The address and port at which plain HTTP is led to the listener: `0.0.0.0:80`.
    RedirectListen,
    /// Whether browsers are told to come by https alone: `on` or `off`.
    Hsts,
    /// The address and port, of this machine alone, that answer how the node is.
    MetricsListen,
    /// A folder, on another drive say, that gets a copy of each backup; empty:
    /// none.
    BackupFolder,
    /// When a part of the originals was last read through: milliseconds since
    /// 1970.
    VerifiedAt,
    /// Which thirtieth of the originals is read next.
    VerifyNext,
    /// Where copies go below `originals/`, as a [`crate::Template`].
    ImportTemplate,
    /// The address of map tiles; empty: none are asked for.
    MapTiles,
    /// Whom those tiles are by, as the map says.
    MapAttribution,
    /// Whether this machine tells of itself on its network, and looks for others:
    /// `on` or `off`.
    PeerLan,
    /// The address of a relay of one's own; empty: none.
    PeerRelay,
    /// Where this machine serves a relay for those it knows: `0.0.0.0:3340`; empty: it
    /// does not.
    PeerServeRelay,
    /// Whether every original is to be on two of one's own machines: `on` or `off`.
    TwoCopies,
    /// The machine that the library moves to, and what it consists of.
    MovingTo,
    /// The name of the machine that the library has moved to.
    MovedTo,
    /// The machine whose library moves here.
    MovingFrom,
    /// The machine that this one was while the library moved in.
    MovedIn,
    /// When new links end: `30d`, `12h` or `never`.
    LinkExpiry,
    /// What visitors of new links may download, by its name.
    LinkDownload,
    /// Whether new links show metadata: `on` or `off`.
    LinkMetadata,
    /// Whether visitors of new links may comment: `on` or `off`.
    LinkComments,
    /// What the addresses of links began with, last.
    LinkBase,
    /// The address of the store that the off-site copy is kept at.
    OffsiteEndpoint,
    /// The bucket there.
    OffsiteBucket,
    /// The region that the store says it is in.
    OffsiteRegion,
    /// A folder in the bucket; empty: none.
    OffsitePrefix,
    /// The recovery key and the store's two keys, sealed; empty: there is no off-site
    /// copy.
    OffsiteKeys,
    /// Minutes between two copies of a catalog that changes.
    OffsiteMinutes,
    /// Whether the recovery key is written down: `on`.
    OffsiteNoted,
    /// When the catalog was last copied off site: milliseconds since 1970.
    OffsiteCatalogAt,
    /// How many bytes of originals stay on this machine once the off-site store has them;
    /// empty: all.
    OffsiteKeepLocal,
}

impl Setting {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Setting::Sharing => "sharing",
            Setting::Listen => "listen",
            Setting::PublicUrl => "public_url",
            Setting::PortMapping => "port_mapping",
            Setting::TrustedProxies => "trusted_proxies",
            Setting::TlsCertificate => "tls_certificate",
            Setting::TlsKey => "tls_key",
            Setting::Names => "names",
            Setting::AcmeDirectory => "acme_directory",
            Setting::AcmeContact => "acme_contact",
            Setting::AcmeTerms => "acme_terms",
            Setting::RedirectListen => "redirect_listen",
            Setting::Hsts => "hsts",
            Setting::MetricsListen => "metrics_listen",
            Setting::BackupFolder => "backup_folder",
            Setting::VerifiedAt => "verified_at",
            Setting::VerifyNext => "verify_next",
            Setting::ImportTemplate => "import_template",
            Setting::MapTiles => "map_tiles",
            Setting::MapAttribution => "map_attribution",
            Setting::PeerLan => "peer_lan",
            Setting::PeerRelay => "peer_relay",
            Setting::PeerServeRelay => "peer_serve_relay",
            Setting::TwoCopies => "two_copies",
            Setting::MovingTo => "moving_to",
            Setting::MovedTo => "moved_to",
            Setting::MovingFrom => "moving_from",
            Setting::MovedIn => "moved_in",
            Setting::LinkExpiry => "link_expiry",
            Setting::LinkDownload => "link_download",
            Setting::LinkMetadata => "link_metadata",
            Setting::LinkComments => "link_comments",
            Setting::LinkBase => "link_base",
            Setting::OffsiteEndpoint => "offsite_endpoint",
            Setting::OffsiteBucket => "offsite_bucket",
            Setting::OffsiteRegion => "offsite_region",
            Setting::OffsitePrefix => "offsite_prefix",
            Setting::OffsiteKeys => "offsite_keys",
            Setting::OffsiteMinutes => "offsite_minutes",
            Setting::OffsiteNoted => "offsite_noted",
            Setting::OffsiteCatalogAt => "offsite_catalog_at",
            Setting::OffsiteKeepLocal => "offsite_keep_local",
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
