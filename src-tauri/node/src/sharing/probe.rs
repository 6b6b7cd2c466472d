//! «Can my friend open it?» Asks the address that links begin with a question that only
//! this node's listener answers, and says what came of it and what to do.

use std::error::Error;
use std::net::IpAddr;
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, StatusCode, Url};
use serde::{Deserialize, Serialize};
use tokio::net::lookup_host;
use tokio::time::timeout;
use tokio_rustls::rustls::{self, CertificateError};
use ts_rs::TS;

use super::address::{self, Scope};
use super::{Mapping, MappingState};

/// How long the answer may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// From where links can be opened, as far as asking told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// From the network this computer is in.
    ThisNetwork,
    /// From the internet.
    Internet,
    /// From nowhere but perhaps this computer.
    Unreachable,
    /// It cannot be told from here.
    Unsure,
}

/// What was found at the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(rename = "ProbeFinding")]
pub enum Finding {
    /// This node, at an address of the internet.
    Open,
    /// This node, at an address of the internet that this computer itself has.
    OpenHere,
    /// This node, at an address of this network.
    Near,
    /// The same; a port of the router's is wanted, and there is none.
    NearUnmapped,
    /// The same; the router leads here, but has no address of the internet.
    NearShared,
    /// Nothing is served.
    Off,
    /// The listener takes this computer alone.
    Alone,
    /// The link is paused or has ended.
    Ended,
    /// The name is not known.
    NoName,
    /// Nothing answers at an address of this network.
    Silent,
    /// Nothing answers at the router's address, asked from within.
    SilentOutside,
    /// Something else answers.
    Elsewhere,
    /// A proxy does not say which host was asked for.
    WrongHost,
    /// A proxy does not find this node.
    ProxyAlone,
    /// The address leads on to another.
    LeadsOn,
    /// The certificate is for another name.
    CertificateName,
    /// The certificate's time is over, or has not begun.
    CertificateTime,
    /// Browsers do not know who gave out the certificate.
    CertificateUnknown,
    /// What answers speaks no HTTPS.
    NoHttps,
}

/// What asking the links' address told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Probe {
    /// From where links can be opened.
    pub outcome: Outcome,
    /// What was found.
    pub finding: Finding,
    /// The address that was asked.
    pub address: Option<String>,
    /// What that means and what to do, in sentences.
    pub says: String,
    /// When it was asked.
    pub at: String,
}

/// What is known before asking.
pub(crate) struct Asked {
    /// What links begin with.
    pub base: String,
    /// The port of the router's.
    pub mapping: Mapping,
    /// Whether the address is one the owner set.
    pub published: bool,
}

impl Finding {
    fn outcome(self) -> Outcome {
        match self {
            Finding::Open => Outcome::Internet,
            Finding::Near | Finding::NearUnmapped | Finding::NearShared => Outcome::ThisNetwork,
            Finding::OpenHere | Finding::SilentOutside => Outcome::Unsure,
            _ => Outcome::Unreachable,
        }
    }

    fn says(self, base: &str, mapping: &Mapping) -> String {
        let unmapped = mapping.problem.as_deref().unwrap_or_default();
        match self {
            Finding::Open => format!("{base} answers, and it is an address of the internet."),
            Finding::OpenHere => format!(
                "{base} answers. This computer has that address itself, so whether a firewall \
                 stands before it cannot be seen from here; have a friend try."
            ),
            Finding::Near => format!(
                "{base} answers, and it is an address of this network alone. For the internet, \
                 turn on port mapping, or set a public address that leads here."
            ),
            Finding::NearUnmapped | Finding::NearShared => {
                format!("{base} answers, and it is an address of this network alone. {unmapped}")
            }
            Finding::Off => "Sharing is off; turn it on.".to_owned(),
            Finding::Alone => format!(
                "{base} is an address of this computer alone; let Albumen listen at all addresses, \
                 which is its usual way."
            ),
            Finding::Ended => {
                "This link is paused or has ended; open it again, or make a new one.".to_owned()
            }
            Finding::NoName => format!(
                "The name in {base} is not known; set it at the provider of the name, to the \
                 address of your router or server."
            ),
            Finding::Silent => format!(
                "Nothing answers at {base}; a firewall of this computer may block it. Allow \
                 Albumen there."
            ),
            Finding::SilentOutside => format!(
                "Nothing answered at {base} when asked from within your own network. Many routers \
                 do not lead their own network back in (hairpin NAT), so a friend may open it all \
                 the same: try with a phone whose Wi-Fi is off. If that fails, lead the port to \
                 this computer in the router's settings."
            ),
            Finding::Elsewhere => format!(
                "Something else answers at {base}, such as the router itself; lead that port to \
                 this computer."
            ),
            Finding::WrongHost => format!(
                "The proxy at {base} passes visitors on under another host; let it pass on Host, \
                 or name it as a trusted proxy."
            ),
            Finding::ProxyAlone => format!(
                "The proxy at {base} answers, but does not find Albumen; lead it to the address \
                 and port that Albumen listens at."
            ),
            Finding::LeadsOn => {
                format!("{base} leads on to another address; set that one as the public address.")
            }
            Finding::CertificateName => format!(
                "The certificate at {base} is for another name; set the public address to the \
                 name in the certificate."
            ),
            Finding::CertificateTime => {
                format!("The certificate at {base} is not valid today; renew it.")
            }
            Finding::CertificateUnknown => format!(
                "Browsers do not trust the certificate at {base}, so visitors are warned; use one \
                 of a known authority, with its whole chain."
            ),
            Finding::NoHttps => format!(
                "What answers at {base} speaks no HTTPS; set a certificate, or write the public \
                 address with http."
            ),
        }
    }

    /// As the answer to a probe.
    pub(crate) fn told(self, base: Option<&str>, mapping: &Mapping) -> Probe {
        Probe {
            outcome: self.outcome(),
            finding: self,
            says: self.says(base.unwrap_or("the address"), mapping),
            address: base.map(str::to_owned),
            at: library::rfc3339(library::Clock::system().now_ms()),
        }
    }
}

/// Asks `question` at the address.
pub(crate) async fn ask(asked: &Asked, question: &web::Question) -> Finding {
    let Some(url) = Url::parse(&asked.base)
        .ok()
        .and_then(|base| base.join(&question.path).ok())
    else {
        return Finding::NoName;
    };
    let Some(scope) = scope_of(&url).await else {
        return Finding::NoName;
    };
    if scope.far == Scope::Machine && !asked.published {
        return Finding::Alone;
    }
    let client = Client::builder()
        .redirect(Policy::none())
        .no_proxy()
        .timeout(PATIENCE)
        .build();
    let Ok(client) = client else {
        return Finding::Silent;
    };
    let answer = match client.get(url).send().await {
        Ok(answer) => answer,
        Err(error) => return scope.silence(&error),
    };
    match answer.status() {
        StatusCode::OK => match answer.text().await {
            Ok(text) if text == question.answer => scope.reached(asked),
            _ => Finding::Elsewhere,
        },
        StatusCode::MISDIRECTED_REQUEST => Finding::WrongHost,
        StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT => {
            Finding::ProxyAlone
        }
        status if status.is_redirection() => Finding::LeadsOn,
        _ => Finding::Elsewhere,
    }
}

/// How far the address of a probe reaches.
struct Reached {
    far: Scope,
    /// Whether this computer has it itself.
    own: bool,
}

/// That of the address's host; `None` when its name is not known.
async fn scope_of(url: &Url) -> Option<Reached> {
    let host = url.host_str()?;
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let found: Vec<IpAddr> = match bare.parse::<IpAddr>() {
        Ok(ip) => vec![ip],
        Err(_) => {
            let asked = timeout(PATIENCE, lookup_host((host, 0))).await;
            asked.ok()?.ok()?.map(|address| address.ip()).collect()
        }
    };
    let own = address::own();
    let mut all = found.iter().map(|ip| (Scope::of(*ip), own.contains(ip)));
    let first = all.next()?;
    // One of the internet among them would be tried by whoever is outside.
    let best = [first]
        .into_iter()
        .chain(all)
        .reduce(|best, one| match (best.0, one.0) {
            (Scope::Internet, _) => best,
            (_, Scope::Internet) => one,
            (Scope::Machine, Scope::Network) => one,
            _ => best,
        })?;
    Some(Reached {
        far: best.0,
        own: best.1,
    })
}

impl Reached {
    /// The listener answered.
    fn reached(&self, asked: &Asked) -> Finding {
        match (self.far, self.own) {
            (Scope::Internet, true) => Finding::OpenHere,
            (Scope::Internet, false) => Finding::Open,
            (Scope::Machine, _) => Finding::Alone,
            (Scope::Network, _) => match asked.mapping.state {
                MappingState::Shared => Finding::NearShared,
                MappingState::Refused | MappingState::Absent => Finding::NearUnmapped,
                _ => Finding::Near,
            },
        }
    }

    /// Nothing answered, or not in HTTP.
    fn silence(&self, error: &reqwest::Error) -> Finding {
        if let Some(fault) = in_tls(error) {
            return match fault {
                rustls::Error::InvalidCertificate(fault) => match fault {
                    CertificateError::NotValidForName
                    | CertificateError::NotValidForNameContext { .. } => Finding::CertificateName,
                    CertificateError::Expired
                    | CertificateError::ExpiredContext { .. }
                    | CertificateError::NotValidYet
                    | CertificateError::NotValidYetContext { .. } => Finding::CertificateTime,
                    _ => Finding::CertificateUnknown,
                },
                _ => Finding::NoHttps,
            };
        }
        match (self.far, self.own) {
            (Scope::Internet, false) => Finding::SilentOutside,
            _ => Finding::Silent,
        }
    }
}

/// What TLS complains of, somewhere below an error.
fn in_tls(error: &reqwest::Error) -> Option<&rustls::Error> {
    let mut cause: Option<&(dyn Error + 'static)> = error.source();
    while let Some(now) = cause {
        if let Some(found) = now.downcast_ref() {
            return Some(found);
        }
        // An error of the system's carries another without naming it as its source.
        cause = match now.downcast_ref::<std::io::Error>() {
            Some(error) => error.get_ref().map(|inner| inner as &(dyn Error + 'static)),
            None => now.source(),
        };
    }
    None
}

#[cfg(test)]
mod tests;
