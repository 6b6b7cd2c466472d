//! What every request of one listener shares: the library, the names this
//! computer answers to, and the seal of its forms.

use std::{net::IpAddr, sync::Arc};

use axum::{extract::Request, extract::State, http::Uri, middleware::Next, response::Response};
use library::Library;

use crate::{
    Settings, gate::Gate, headers, hosts::Hosts, notice::Refusal, phrases::Language, serve::Peer,
};

/// One listener's shared state.
pub(crate) struct Site {
    /// What the links show.
    pub(crate) library: Arc<Library>,
    /// Lets few password checks run at once.
    pub(crate) gate: Gate,
    /// Keys the forms' tokens; new with each start.
    pub(crate) seal: [u8; 32],
    hosts: Hosts,
    published: Option<Published>,
}

/// The address by which the outside world knows this listener.
struct Published {
    scheme: &'static str,
    authority: String,
    host: String,
}

/// What is known of a request once its host is allowed.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// The visitor's language.
    pub(crate) say: Language,
    /// Scheme, host and port as the visitor's browser sees them, no slash at the end.
    pub(crate) origin: String,
    /// Whether the visitor came by https (through the published address).
    pub(crate) https: bool,
    /// Where the request came from. `X-Forwarded-For` is not believed.
    pub(crate) from: IpAddr,
}

impl Site {
    pub(crate) fn new(library: Arc<Library>, settings: &Settings) -> Self {
        let published = settings.public_url.as_deref().and_then(Published::parse);
        let further = settings
            .hosts
            .iter()
            .cloned()
            .chain(published.as_ref().map(|published| published.host.clone()));
        Self {
            library,
            gate: Gate::new(),
            seal: rand::random(),
            hosts: Hosts::new(settings.listen.ip(), further),
            published,
        }
    }

    fn asked(&self, request: &Request) -> Result<Asked, Refusal> {
        let say = Language::of(request.headers());
        let Some(authority) = authority(request) else {
            return Err(Refusal::malformed(say));
        };
        let Some(host) = self.hosts.allowed(&authority) else {
            return Err(Refusal::misdirected(say));
        };
        let published = self.published.as_ref().filter(|known| known.host == host);
        let origin = match published {
            Some(known) => format!("{}://{}", known.scheme, known.authority),
            None => format!("http://{authority}"),
        };
        let peer = request.extensions().get::<Peer>();
        Ok(Asked {
            say,
            https: origin.starts_with("https:"),
            origin,
            from: peer.map_or(IpAddr::from([0, 0, 0, 0]), |peer| peer.0.to_canonical()),
        })
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
            host: authority.host().to_ascii_lowercase(),
        })
    }
}

/// Whether `listen` can publish this address: `http(s)://host[:port]`.
pub fn publishable(address: &str) -> bool {
    Published::parse(address).is_some()
}

/// The first door: lets only allowed hosts through, and sends no answer off
/// without the headers of `trust.md`.
pub(crate) async fn door(
    State(site): State<Arc<Site>>,
    mut request: Request,
    next: Next,
) -> Response {
    let response = match site.asked(&request) {
        Ok(asked) => {
            request.extensions_mut().insert(asked);
            next.run(request).await
        }
        Err(refusal) => axum::response::IntoResponse::into_response(refusal),
    };
    headers::finished(response)
}

/// `Host`, or `:authority` of HTTP/2 and of an absolute request target.
fn authority(request: &Request) -> Option<String> {
    if let Some(authority) = request.uri().authority() {
        return Some(authority.as_str().to_owned());
    }
    let mut hosts = request.headers().get_all(axum::http::header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        (Some(host), None) => host.to_str().ok().map(str::to_owned),
        _ => None,
    }
}
