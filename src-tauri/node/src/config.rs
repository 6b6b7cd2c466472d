//! Where a node finds things: the library, its own program, its name.

use std::net::SocketAddr;
use std::path::PathBuf;

/// The port of the listener, unless another is set.
pub const PORT: u16 = 8477;

/// How a node is opened.
#[derive(Clone, Debug)]
pub struct Config {
    /// The library's folder.
    pub library: PathBuf,
    /// The program that is started as a decode worker: this one.
    pub program: PathBuf,
    /// The listener's address, when not the one in the settings.
    pub listen: Option<SocketAddr>,
    /// The address that links are written with.
    pub public_url: Option<String>,
    /// Where an operator's programs look at the node, when not as it is set; of this
    /// machine alone.
    pub metrics: Option<SocketAddr>,
    /// The port that other machines call; 0 for any.
    pub peer_port: u16,
}

impl Config {
    /// A node on this library, or on the platform's usual one. The environment
    /// may name the listener's address, `ALBUMEN_LISTEN=127.0.0.1:0`, and the port
    /// that other machines call, `ALBUMEN_PEER_PORT`.
    pub fn new(library: Option<PathBuf>) -> Result<Config, crate::NodeError> {
        let library = library
            .or_else(|| std::env::var_os("ALBUMEN_LIBRARY").map(PathBuf::from))
            .or_else(|| {
                directories::ProjectDirs::from("org", "Albumen", "Albumen")
                    .map(|folders| folders.data_dir().to_owned())
            })
            .ok_or_else(|| {
                crate::NodeError::new(
                    "library",
                    "This system names no folder for data; say where the library is with \
                     --library.",
                )
            })?;
        let listen = std::env::var("ALBUMEN_LISTEN")
            .ok()
            .map(|text| {
                text.parse().map_err(|_| {
                    crate::NodeError::new(
                        "listen",
                        format!("ALBUMEN_LISTEN is «{text}»; it must be like 127.0.0.1:{PORT}."),
                    )
                })
            })
            .transpose()?;
        let peer_port = std::env::var("ALBUMEN_PEER_PORT")
            .ok()
            .map(|text| {
                text.parse().map_err(|_| {
                    crate::NodeError::new(
                        "listen",
                        format!(
                            "ALBUMEN_PEER_PORT is «{text}»; it must be a port, like {}.",
                            sync::PORT
                        ),
                    )
                })
            })
            .transpose()?
            .unwrap_or(sync::PORT);
        Ok(Config {
            library: std::path::absolute(library)?,
            program: std::env::current_exe()?,
            listen,
            public_url: None,
            metrics: None,
            peer_port,
        })
    }
}

/// What this machine is called.
pub fn device_name() -> String {
    #[cfg(unix)]
    let name = rustix::system::uname()
        .nodename()
        .to_string_lossy()
        .into_owned();
    #[cfg(not(unix))]
    let name = std::env::var("COMPUTERNAME").unwrap_or_default();
    if name.trim().is_empty() {
        "This computer".to_owned()
    } else {
        name.chars().take(60).collect()
    }
}
