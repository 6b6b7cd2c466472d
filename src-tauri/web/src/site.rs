//! What every request of one listener shares: the library, the names this
//! computer answers to, and the seal of its forms.

use std::{net::IpAddr, sync::Arc};

use axum::{
    extract::{FromRequestParts, Request},
    http::{HeaderValue, Uri, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use library::Library;

use crate::{
    Settings,
    connection::{Line, Peer},
    counts::Counts,
    gate::Gate,
    hosts::{Host, Hosts},
    notice::Refusal,
    pace::Pace,
    phrases::Language,
    proxy::{self, Network},
    pulse::Pulse,
    reach::Reach,
    routes::{Pieces, Rights},
    tls::Seal,
    upload::Arrivals,
};

/// One listener's shared state.
pub(crate) struct Site {
    /// What the links show.
    pub(crate) library: Arc<Library>,
    /// Lets few password checks run at once.
    pub(crate) gate: Gate,
    /// Keeps visitors from saying too much at once.
    pub(crate) pace: Pace,
    /// Keys the forms' tokens; new with each start.
    pub(crate) seal: [u8; 32],
    /// What visitors send now.
    pub(crate) arrivals: Arrivals,
    /// The way from outside to this listener.
    pub(crate) reach: Arc<Reach>,
    /// What was answered.
    pub(crate) counts: Arc<Counts>,
    hosts: Hosts,
    proxies: Vec<Network>,
    /// It has a certificate: what comes without is led to https.
    sealed: bool,
    /// The names that alone have a certificate; empty where one serves whatever is asked.
    names: Vec<String>,
    /// Whether browsers are told to come by https alone.
    strict: bool,
    published: Option<Published>,
}

/// The address by which the outside world knows this listener.
struct Published {
    scheme: &'static str,
    authority: String,
    host: Host,
}

/// What is known of a request once its host is allowed.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// The visitor's language.
    pub(crate) say: Language,
    /// Whether the visitor came by https: to this listener, or to a proxy before it.
    pub(crate) https: bool,
    /// Host and port as the visitor's browser sees them.
    authority: String,
    /// What its route asks of a visitor; `None` where no route is.
    pub(crate) needs: Option<Rights>,
    /// What stands for the `{…}` of its route.
    pub(crate) pieces: Pieces,
    /// Where the request came from, as far as configured proxies tell.
    pub(crate) from: IpAddr,
    /// The life signs of its connection, where it came by one.
    pub(crate) pulse: Option<Arc<Pulse>>,
}

impl Asked {
    /// Scheme, host and port as the visitor's browser sees them, no slash at the end.
    pub(crate) fn origin(&self) -> String {
        match self.https {
            true => format!("https://{}", self.authority),
            false => format!("http://{}", self.authority),
        }
    }
}

/// The first door puts it beside the request; who takes it out of there has been let in.
impl<S: Sync> FromRequestParts<S> for Asked {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        let asked = parts.extensions.remove::<Asked>();
        asked.ok_or_else(|| Refusal::malformed(Language::English))
    }
}

impl Site {
    pub(crate) fn new(library: Arc<Library>, settings: &Settings) -> Self {
        let published = settings.public_url.as_deref().and_then(Published::parse);
        let names = match &settings.seal {
            Some(Seal::Keyring(keyring)) => keyring.names().to_vec(),
            _ => Vec::new(),
        };
        let further = settings.hosts.iter().chain(&names).cloned().chain(
            published
                .as_ref()
                .map(|published| published.host.to_string()),
        );
        Self {
            library,
            gate: Gate::new(),
            pace: Pace::default(),
            seal: rand::random(),
            arrivals: Arrivals::new(),
            reach: Arc::default(),
            counts: Arc::default(),
            proxies: settings.proxies.clone(),
            sealed: settings.seal.is_some(),
            hosts: Hosts::new(settings.listen.ip(), further),
            names,
            strict: settings.strict,
            published,
        }
    }

    /// What is known of a request by this line to a route, or what it gets instead of an
    /// answer.
    pub(crate) fn asked(
        &self,
        request: &Request,
        line: Option<Line>,
        route: Option<(Rights, Pieces)>,
    ) -> Result<Asked, Box<Response>> {
        let say = Language::of(request.headers());
        let peer = line.as_ref().map(|line| line.peer).unwrap_or(Peer {
            address: IpAddr::from([0, 0, 0, 0]),
            sealed: false,
            self_made: false,
        });
        let address = peer.address.to_canonical();
        let forwarded = proxy::forwarded(&self.proxies, address, request.headers());
        let said = forwarded.as_ref().and_then(|said| said.host.clone());
        let Some(authority) = said.or_else(|| authority(request)) else {
            return Err(Box::new(Refusal::malformed(say).into_response()));
        };
        let Some(host) = self.hosts.allowed(&authority, self.reach.outside()) else {
            return Err(Box::new(Refusal::misdirected(say).into_response()));
        };
        if self.sealed && !peer.sealed && forwarded.is_none() {
            return Err(Box::new(to_https(
                request,
                self.certified(&host, &authority),
                say,
            )));
        }
        let https = forwarded.as_ref().and_then(|said| said.https);
        let published = self.published.as_ref().filter(|known| known.host == host);
        let (https, authority) = match published {
            Some(known) => (known.scheme == "https", known.authority.clone()),
            None => (https.unwrap_or(peer.sealed), authority),
        };
        let (needs, pieces) =
            route.map_or_else(Default::default, |(needs, pieces)| (Some(needs), pieces));
        Ok(Asked {
            say,
            https,
            authority,
            needs,
            pieces,
            from: forwarded.map_or(address, |said| said.from),
            pulse: line.map(|line| line.pulse),
        })
    }

    /// Where a visitor who asked `authority` in plain HTTP is served by https: there, unless
    /// only other names have a certificate.
    fn certified<'a>(&'a self, host: &Host, authority: &'a str) -> &'a str {
        let is_certified = self.names.is_empty() || self.has_name(host);
        match (is_certified, &self.published, self.names.first()) {
            (true, ..) => authority,
            (false, Some(known), _) => &known.authority,
            (false, None, Some(name)) => name,
            (false, None, None) => authority,
        }
    }

    /// Whether a host is one of the names that have a certificate.
    fn has_name(&self, host: &Host) -> bool {
        matches!(host, Host::Name(name) if self.names.contains(name))
    }

    /// Where a request that came to another port is to go, scheme and authority, or what it
    /// gets instead; `port` is the listener's.
    pub(crate) fn led(&self, request: &Request, port: u16) -> Response {
        let say = Language::of(request.headers());
        let Some(authority) = authority(request) else {
            return Refusal::malformed(say).into_response();
        };
        let Some(host) = self.hosts.allowed(&authority, self.reach.outside()) else {
            return Refusal::misdirected(say).into_response();
        };
        let published = self.published.as_ref().filter(|known| known.host == host);
        let scheme = match published {
            _ if self.sealed => "https",
            Some(known) => known.scheme,
            None => "http",
        };
        let usual = match scheme {
            "https" => 443,
            _ => 80,
        };
        let at = match published {
            Some(known) => known.authority.clone(),
            // A name with a certificate leads to the usual port, or it would have none.
            None if self.has_name(&host) || port == usual => host.to_string(),
            None => format!("{host}:{port}"),
        };
        to(scheme, request, &at, say)
    }

    /// Whether the browser that asked is told to come by https alone, or to forget that; of
    /// an answer without a certificate that it believes, nothing is said.
    pub(crate) fn strictness(&self, request: &Request, peer: Peer) -> Option<bool> {
        if !peer.sealed || peer.self_made {
            return None;
        }
        let host = self.hosts.allowed(&authority(request)?, None)?;
        host.is_lasting().then_some(self.strict)
    }
}

/// The same address by https, for now: a browser must not remember it for good.
fn to_https(request: &Request, authority: &str, say: Language) -> Response {
    to("https", request, authority, say)
}

/// The same address at another place, for now.
fn to(scheme: &str, request: &Request, authority: &str, say: Language) -> Response {
    let path = request.uri().path_and_query();
    let target = format!(
        "{scheme}://{authority}{}",
        path.map_or("/", |path| path.as_str())
    );
    match HeaderValue::from_str(&target) {
        Ok(_) => Redirect::temporary(&target).into_response(),
        Err(_) => Refusal::malformed(say).into_response(),
    }
}

impl Published {
    fn parse(address: &str) -> Option<Self> {
        let address: Uri = address.parse().ok()?;
        let authority = address.authority()?;
        // The page's addresses begin at the root.
        if !matches!(address.path(), "" | "/") || address.query().is_some() {
            return None;
        }
        Some(Self {
            scheme: match address.scheme_str()? {
                "https" => "https",
                "http" => "http",
                _ => return None,
            },
            authority: authority.as_str().to_ascii_lowercase(),
            host: Host::of(authority.as_str())?,
        })
    }
}

/// Whether `listen` can publish this address: `http(s)://host[:port]`.
pub fn publishable(address: &str) -> bool {
    Published::parse(address).is_some()
}

/// `Host`, or `:authority` of HTTP/2 and of an absolute request target.
pub(crate) fn authority(request: &Request) -> Option<String> {
    if let Some(authority) = request.uri().authority() {
        return Some(authority.as_str().to_owned());
    }
    let mut hosts = request.headers().get_all(axum::http::header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        (Some(host), None) => host.to_str().ok().map(str::to_owned),
        _ => None,
    }
}
