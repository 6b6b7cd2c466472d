//! A second address, usually port 80, that leads to the listener and answers nothing else.

use std::sync::Arc;

use axum::{Router, extract::Request, response::Response};

use crate::{headers, site::Site};

/// Leads whatever is asked to the listener of `site`, which is at `port`.
pub(crate) fn router(site: Arc<Site>, port: u16) -> Router {
    Router::new().fallback(move |request: Request| {
        let site = Arc::clone(&site);
        async move { answer(&site, &request, port) }
    })
}

fn answer(site: &Site, request: &Request, port: u16) -> Response {
    headers::finished(site.led(request, port), None)
}
