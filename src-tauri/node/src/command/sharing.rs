//! Turning the listener on and off.

use std::sync::Arc;

use clap::Args;
use library::{LinkState, Setting};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Command, id};
use crate::event::{Event, Noun};
use crate::sharing::{Mapping, MappingState, Scope};
use crate::{Acme, Finding, Node, NodeError, Outcome, Probe, Sharing, operation, sharing};

/// Arguments of `sharing show`: none.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct ShowSharing {}

/// Arguments of `sharing set`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
#[ts(optional_fields)]
pub struct SetSharing {
    /// `on`: serve links to the local network; `off`: to no one
    #[arg(value_parser = on_or_off, action = clap::ArgAction::Set)]
    on: Option<bool>,
    /// The address and port to listen at, like 0.0.0.0:8477; empty: the usual
    #[arg(long, value_name = "ADDR:PORT")]
    listen: Option<String>,
    /// The address links are written with, like https://photos.example.org;
    /// empty: this machine's own
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// Ask the router for a port that leads here, by PCP, NAT-PMP or UPnP
    #[arg(long, value_name = "on|off", value_parser = on_or_off, action = clap::ArgAction::Set)]
    port_mapping: Option<bool>,
    /// The reverse proxies that are believed what they say of visitors, like
    /// 127.0.0.1,172.16.0.0/12; empty: none
    #[arg(long, value_name = "ADDR,…")]
    trusted_proxies: Option<String>,
    /// Serve HTTPS with this certificate, a PEM file with its whole chain; empty: none
    #[arg(long, value_name = "FILE")]
    certificate: Option<String>,
    /// The certificate's key, a PEM file; empty: none
    #[arg(long, value_name = "FILE")]
    key: Option<String>,
    /// The names by which visitors reach this machine, the one that links begin with
    /// first, like anna.example.org,ben.example.org; empty: none
    #[arg(long, value_name = "NAME,…")]
    names: Option<String>,
    /// Get a certificate for each of the names, and renew it, from an authority whose terms
    /// you accept hereby (Let's Encrypt: https://letsencrypt.org/repository/); `=off`: no more
    #[arg(long, value_name = "on|off", value_parser = on_or_off, action = clap::ArgAction::Set,
          num_args = 0..=1, require_equals = true, default_missing_value = "on")]
    accept_acme_terms: Option<bool>,
    /// The mail address that the authority is told; empty: none
    #[arg(long, value_name = "MAIL")]
    acme_contact: Option<String>,
    /// The directory of another authority that speaks ACME; empty: Let's Encrypt
    #[arg(long, value_name = "URL")]
    acme_directory: Option<String>,
    /// Lead plain HTTP to the listener at this address, like 0.0.0.0:80; empty: nowhere
    #[arg(long = "http", value_name = "ADDR:PORT")]
    redirect: Option<String>,
    /// Tell browsers to come by https alone for a month, where they come by a name (HSTS)
    #[arg(long, value_name = "on|off", value_parser = on_or_off, action = clap::ArgAction::Set)]
    hsts: Option<bool>,
    /// Tell how the node is at this address of this machine alone, like 127.0.0.1:8479:
    /// /healthz and /metrics; empty: nowhere
    #[arg(long, value_name = "ADDR:PORT")]
    metrics: Option<String>,
}

/// Arguments of `link probe`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
#[ts(optional_fields)]
pub struct ProbeLink {
    /// The link's id; without one, what holds for all of them
    id: Option<String>,
}

fn on_or_off(text: &str) -> Result<bool, String> {
    match text {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err("write on or off".to_owned()),
    }
}

impl Command for ShowSharing {
    const NAME: &'static str = "sharing.show";
    const ABOUT: &'static str = "Show whether and where links are served";
    type Reply = Sharing;

    fn run(self, node: &Arc<Node>) -> Result<Sharing, NodeError> {
        node.runtime.block_on(node.listener.show(&node.library))
    }

    fn text(reply: &Sharing) -> String {
        let mut lines = vec![headline(reply)];
        let further = reply.addresses.iter().map(|one| {
            let scope = match one.scope {
                Scope::Machine => "this computer",
                Scope::Network => "this network",
                Scope::Internet => "internet",
            };
            format!("  {}  ({scope})", one.url)
        });
        lines.extend(further);
        // What is wrong with a certificate is said beside its name.
        let told = |problem: &String| {
            let mut all = reply.acme.certificates.iter();
            all.any(|one| one.problem.as_ref() == Some(problem))
        };
        let problem = reply.problem.clone();
        lines.extend(problem.filter(|problem| reply.on && !told(problem)));
        lines.extend(certificates(&reply.acme));
        let mapping = &reply.mapping;
        if let (Some(by), Some(outside)) = (&mapping.by, &mapping.outside) {
            lines.push(format!("The router leads {outside} here (by {by})."));
        }
        if mapping.state == MappingState::Asking {
            lines.push("The router is being asked for a port.".to_owned());
        }
        lines.extend(mapping.problem.clone());
        lines.extend(reply.probe.as_ref().map(ProbeLink::text));
        lines.join("\n")
    }
}

/// How it stands with the certificates of the names, a line each.
fn certificates(acme: &Acme) -> Vec<String> {
    let unaccepted = !acme.names.is_empty() && !acme.accepted;
    let terms = acme.terms.as_ref().unwrap_or(&acme.directory);
    let hint = unaccepted.then(|| {
        format!(
            "HTTPS by a certificate that Albumen gets itself: read the authority's terms \
             ({terms}), and accept them by `albumen sharing set --accept-acme-terms`."
        )
    });
    let lines = acme.certificates.iter().map(|one| {
        let has = match &one.until {
            Some(until) => format!("has a certificate until {until}"),
            None => "has no certificate yet".to_owned(),
        };
        let next = match (&one.next, &one.until) {
            (None, _) => "it is being asked for".to_owned(),
            (Some(next), Some(_)) => format!("renewed {next}"),
            (Some(next), None) => format!("asked for again {next}"),
        };
        let problem = one.problem.as_deref();
        let problem = problem
            .map(|problem| format!(" {problem}"))
            .unwrap_or_default();
        format!("{} {has}; {next}.{problem}", one.name)
    });
    lines.chain(hint).collect()
}

fn headline(reply: &Sharing) -> String {
    match (&reply.address, &reply.problem) {
        (Some(address), _) => {
            let visitors = match reply.visitors {
                0 => String::new(),
                1 => " One visitor is connected.".to_owned(),
                several => format!(" {several} visitors are connected."),
            };
            format!("Sharing is on, at {address}.{visitors}")
        }
        (None, Some(problem)) => format!("Sharing is off: {problem}"),
        (None, None) if reply.wanted => {
            "Sharing begins when Albumen runs: open the window, or `albumen serve`.".to_owned()
        }
        (None, None) => "Sharing is off.".to_owned(),
    }
}

impl Command for SetSharing {
    const NAME: &'static str = "sharing.set";
    const ABOUT: &'static str =
        "Serve links to the local network, or stop, and say at which address";
    type Reply = Sharing;

    fn prepare(mut self) -> Result<Self, NodeError> {
        let files = [&mut self.certificate, &mut self.key];
        for file in files.into_iter().flatten().filter(|file| !file.is_empty()) {
            *file = std::path::absolute(&*file)?.to_string_lossy().into_owned();
        }
        Ok(self)
    }

    fn run(self, node: &Arc<Node>) -> Result<Sharing, NodeError> {
        if let Some(address) = &self.listen {
            sharing::check_listen(address)?;
        }
        if let Some(url) = &self.public_url {
            sharing::check_public_url(url)?;
        }
        if let Some(list) = &self.trusted_proxies {
            sharing::proxies(list)?;
        }
        if self.certificate.is_some() || self.key.is_some() {
            let kept = |setting| node.library.setting(setting).map(Option::unwrap_or_default);
            let chain = self
                .certificate
                .clone()
                .map_or_else(|| kept(Setting::TlsCertificate), Ok);
            let key = self.key.clone().map_or_else(|| kept(Setting::TlsKey), Ok);
            sharing::check_certificate(chain?.trim(), key?.trim())?;
        }
        if let Some(address) = &self.redirect {
            sharing::check_listen(address)?;
        }
        if let Some(names) = &self.names {
            sharing::read_names(names)?;
        }
        if let Some(url) = &self.acme_directory {
            sharing::check_directory(url)?;
        }
        if let Some(mail) = &self.acme_contact {
            sharing::check_contact(mail)?;
        }
        if let Some(address) = &self.metrics {
            operation::check_listen(address)?;
        }
        let only_mapping = self.is_only_of_mapping();
        let other_lookout = self.metrics.is_some();
        let other_certificate = self.is_of_certificates();
        let accepts = self.accept_acme_terms;
        let wishes = [
            (
                Setting::Sharing,
                self.on.map(|on| if on { "on" } else { "off" }.to_owned()),
            ),
            (Setting::Listen, self.listen),
            (Setting::PublicUrl, self.public_url),
            (
                Setting::PortMapping,
                self.port_mapping
                    .map(|on| if on { "on" } else { "off" }.to_owned()),
            ),
            (Setting::TrustedProxies, self.trusted_proxies),
            (Setting::TlsCertificate, self.certificate),
            (Setting::TlsKey, self.key),
            (Setting::Names, self.names),
            (Setting::AcmeContact, self.acme_contact),
            (Setting::AcmeDirectory, self.acme_directory),
            (Setting::RedirectListen, self.redirect),
            (Setting::MetricsListen, self.metrics),
            (
                Setting::Hsts,
                self.hsts.map(|on| if on { "on" } else { "off" }.to_owned()),
            ),
        ];
        for (setting, wish) in wishes {
            if let Some(value) = wish {
                node.library.set_setting(setting, value.trim())?;
            }
        }
        // Of one authority, and of none that is set later.
        if let Some(accepts) = accepts {
            let directory = sharing::directory(&node.library)?;
            let accepted = if accepts { directory.as_str() } else { "" };
            node.library.set_setting(Setting::AcmeTerms, accepted)?;
        }
        // A command on its own ends at once, and a listener with it.
        let listens =
            node.stays() && node.library.setting(Setting::Sharing)?.as_deref() == Some("on");
        let begun = node.runtime.block_on(async {
            if only_mapping {
                return node.listener.map(&node.library).await;
            }
            node.listener.stop().await;
            if listens {
                node.listener.listen(&node.library).await.map(|_| ())
            } else {
                Ok(())
            }
        });
        node.tell(Event::of(Noun::Sharing));
        begun?;
        if other_lookout && node.stays() {
            node.runtime.block_on(node.look_out())?;
        }
        if other_certificate {
            node.runtime.block_on(node.serve_relay())?;
        }
        ShowSharing {}.run(node)
    }

    fn text(reply: &Sharing) -> String {
        ShowSharing::text(reply)
    }
}

impl SetSharing {
    /// Whether visitors need not be sent away for it.
    fn is_only_of_mapping(&self) -> bool {
        let others = [
            &self.listen,
            &self.public_url,
            &self.trusted_proxies,
            &self.redirect,
        ];
        self.on.is_none()
            && self.hsts.is_none()
            && !self.is_of_certificates()
            && others.into_iter().all(Option::is_none)
    }

    /// Whether connections may be sealed otherwise by it.
    fn is_of_certificates(&self) -> bool {
        let texts = [
            &self.certificate,
            &self.key,
            &self.names,
            &self.acme_contact,
            &self.acme_directory,
        ];
        self.accept_acme_terms.is_some() || texts.into_iter().any(Option::is_some)
    }
}

impl Command for ProbeLink {
    const NAME: &'static str = "link.probe";
    const ABOUT: &'static str = "Ask the address of links whether it leads here, and from how far";
    type Reply = Probe;

    fn run(self, node: &Arc<Node>) -> Result<Probe, NodeError> {
        let id = self.id.as_deref().map(id).transpose()?;
        if let Some(id) = id
            && node.library.link(id)?.state != LinkState::Open
        {
            return Ok(Finding::Ended.told(None, &Mapping::default()));
        }
        let told = node.runtime.block_on(node.listener.probe(&node.library))?;
        node.tell(Event::of(Noun::Sharing));
        Ok(told)
    }

    fn text(reply: &Probe) -> String {
        let outcome = match reply.outcome {
            Outcome::ThisNetwork => "This network only",
            Outcome::Internet => "Internet",
            Outcome::Unreachable => "Not reachable",
            Outcome::Unsure => "Not sure",
        };
        format!("{outcome}: {}", reply.says)
    }
}
