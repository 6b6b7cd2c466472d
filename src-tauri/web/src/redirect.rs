//! A second address, usually port 80, that leads to the listener and answers nothing else.

use std::sync::Arc;

use axum::{extract::Request, response::Response};

use crate::{connection::Face, headers, site::Site};

/// Leads whatever is asked to the listener of `site`, which is at `port`.
pub(crate) fn face(site: Arc<Site>, port: u16) -> impl Face {
    move |request, _| {
        let site = Arc::clone(&site);
        async move { answer(&site, &request, port) }
    }
}

fn answer(site: &Site, request: &Request, port: u16) -> Response {
    headers::finished(site.led(request, port), None)
}
