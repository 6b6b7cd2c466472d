//! The way of every request: through the first door, to its route in the table, and out with
//! the headers that no answer leaves without.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderValue, Method, header::ALLOW},
    response::{IntoResponse, Response},
};
use library::Library;

use crate::{
    Settings,
    connection::Line,
    headers, notice,
    notice::Refusal,
    routes::{self, Found, ROUTES},
    site::Site,
    upload,
};

/// The whole public face of a library.
#[derive(Clone)]
pub struct Pages(Arc<Site>);

impl Pages {
    /// That of `library`, as a listener with these settings would have it.
    pub fn new(library: Arc<Library>, settings: &Settings) -> Self {
        Self(Arc::new(Site::new(library, settings)))
    }

    /// Answers a request that came by no connection.
    pub async fn answer(&self, request: Request) -> Response {
        let is_head = *request.method() == Method::HEAD;
        let mut response = door(Arc::clone(&self.0), request, None).await;
        if is_head {
            *response.body_mut() = Body::empty();
        }
        response
    }
}

/// The first door: lets only allowed hosts through, and sends no answer off
/// without the headers of `trust.md`.
pub(crate) async fn door(site: Arc<Site>, mut request: Request, line: Option<Line>) -> Response {
    let peer = line.as_ref().map(|line| line.peer);
    let strict = peer.and_then(|peer| site.strictness(&request, peer));
    let mut found = routes::find(request.method(), request.uri().path());
    let place = found.as_ref().map(|found| found.place);
    let route = found.as_mut().and_then(|found| {
        let route = found.route.or_else(|| ROUTES.get(found.place))?;
        let needs = route.needs;
        Some((needs, std::mem::take(&mut found.pieces)))
    });
    let is_tus = request.headers().contains_key(upload::RESUMABLE);
    let mut response = match site.asked(&request, line, route) {
        Ok(asked) => match found {
            None => Refusal::nothing(asked.say).into_response(),
            Some(Found {
                route: Some(route), ..
            }) => {
                request.extensions_mut().insert(asked);
                route.serve(request, Arc::clone(&site)).await
            }
            Some(found) => {
                let mut response = Refusal::not_a_way(asked.say).into_response();
                if let Ok(methods) = HeaderValue::try_from(found.allowed()) {
                    response.headers_mut().insert(ALLOW, methods);
                }
                response
            }
        },
        Err(instead) => *instead,
    };
    if is_tus {
        response = notice::as_sentence(response);
        response
            .headers_mut()
            .insert(upload::RESUMABLE, upload::VERSION);
    }
    site.counts.answered(place, response.status());
    headers::finished(response, strict)
}
