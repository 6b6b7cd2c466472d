//! How the listener is wished, read from the settings and checked before it is set.

use std::net::SocketAddr;
use std::path::PathBuf;

use library::{Library, Setting};

use super::acme;
use crate::NodeError;
use crate::config::PORT;

/// A setting that says something.
pub(super) fn set(library: &Library, setting: Setting) -> Result<Option<String>, NodeError> {
    Ok(library.setting(setting)?.filter(|value| !value.is_empty()))
}

pub(crate) fn parsed(address: &str) -> Result<SocketAddr, NodeError> {
    address.parse().map_err(|_| {
        NodeError::new(
            "listen",
            format!(
                "«{address}» is no address to listen at; write an address of this machine and a \
                 port, like 0.0.0.0:{PORT}."
            ),
        )
    })
}

/// Fails for what cannot be listened at; nothing is the usual.
pub(crate) fn check_listen(address: &str) -> Result<(), NodeError> {
    match address.trim() {
        "" => Ok(()),
        address => parsed(address).map(|_| ()),
    }
}

/// Fails for what links cannot begin with; nothing is this machine's own.
pub(crate) fn check_public_url(url: &str) -> Result<(), NodeError> {
    match url.trim() {
        "" => Ok(()),
        url if web::publishable(url) => Ok(()),
        url => {
            let error = web::ListenError::PublicUrl(url.to_owned());
            Err(NodeError::new("public_url", error.to_string()))
        }
    }
}

pub(super) fn is_mapping_wanted(library: &Library) -> Result<bool, NodeError> {
    Ok(library.setting(Setting::PortMapping)?.as_deref() == Some("on"))
}

/// How links are served.
pub(super) fn scheme(library: &Library) -> Result<&'static str, NodeError> {
    let is_sealed = certificate(library)?.is_some() || acme::wish(library)?.is_some();
    Ok(if is_sealed { "https" } else { "http" })
}

/// Whether browsers are told to come by https alone; they are, unless that was turned off.
pub(super) fn is_strict(library: &Library) -> Result<bool, NodeError> {
    Ok(library.setting(Setting::Hsts)?.as_deref() != Some("off"))
}

/// Where plain HTTP is led to the listener.
pub(super) fn redirect(library: &Library) -> Result<Option<SocketAddr>, NodeError> {
    let set = set(library, Setting::RedirectListen)?;
    set.map(|address| parsed(&address)).transpose()
}

/// The certificate that was set.
pub(super) fn certificate(library: &Library) -> Result<Option<web::Certificate>, NodeError> {
    let chain = set(library, Setting::TlsCertificate)?.map(PathBuf::from);
    let key = set(library, Setting::TlsKey)?.map(PathBuf::from);
    Ok(chain
        .zip(key)
        .map(|(chain, key)| web::Certificate { chain, key }))
}

/// Fails for what links cannot be served with; both empty are none.
pub(crate) fn check_certificate(chain: &str, key: &str) -> Result<(), NodeError> {
    match (chain.is_empty(), key.is_empty()) {
        (true, true) => Ok(()),
        (false, false) => web::Certificate {
            chain: chain.into(),
            key: key.into(),
        }
        .check()
        .map_err(|error| NodeError::new("certificate", error.to_string())),
        _ => Err(NodeError::new(
            "certificate",
            "HTTPS needs both files, the certificate and its key; name both, or neither.",
        )),
    }
}

/// The networks of a list with commas or spaces between.
pub(crate) fn proxies(list: &str) -> Result<Vec<web::Network>, NodeError> {
    list.split([',', ' '])
        .filter(|text| !text.is_empty())
        .map(|text| {
            text.parse()
                .map_err(|error: web::NoNetwork| NodeError::new("proxy", error.to_string()))
        })
        .collect()
}
