//! A link's pages as its visitors see them, for the owner to look at:
//! `page://localhost/share/<key>…`, answered by what answers visitors. Nothing runs in
//! them here, and nothing but looking is possible: they stand in a frame of the window,
//! which may do what visitors may not.

use std::sync::Arc;

use node::Node;
use tauri::http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, Response,
    header::{ACCEPT_LANGUAGE, CONTENT_SECURITY_POLICY, RANGE},
};
use tauri::{Runtime, UriSchemeContext, UriSchemeResponder, async_runtime};

use crate::protocol::{PAGE, nothing};
use crate::window;

/// Of their addresses.
pub const SCHEME: &str = "page";
/// What is told to the pages of what the window asks.
const PASSED: [HeaderName; 2] = [ACCEPT_LANGUAGE, RANGE];

/// Where they and what is on them come from, for their rules.
const OWN: &str = if cfg!(windows) {
    "http://page.localhost"
} else {
    "page:"
};

/// Answers the window's wish for a page, or for what is on one.
pub fn answer<R: Runtime>(
    context: UriSchemeContext<'_, R>,
    request: Request<Vec<u8>>,
    responder: UriSchemeResponder,
) {
    let node = window::node_of(context.app_handle());
    async_runtime::spawn(async move {
        let page = match node {
            Some(node) if *request.method() == Method::GET => seen(&node, &request).await,
            _ => None,
        };
        responder.respond(page.map_or_else(nothing, framed));
    });
}

async fn seen(node: &Arc<Node>, request: &Request<Vec<u8>>) -> Option<Response<Vec<u8>>> {
    let address = request.uri().path_and_query()?.as_str();
    let mut headers = HeaderMap::new();
    for name in PASSED {
        if let Some(value) = request.headers().get(&name) {
            headers.insert(name, value.clone());
        }
    }
    node.page(address, headers).await
}

/// A page as the window may frame it: its own rules, but that no other page may have it in
/// a frame; and nothing of it runs, wherever it comes to stand.
fn framed(mut page: Response<Vec<u8>>) -> Response<Vec<u8>> {
    let headers = page.headers_mut();
    let rules = headers
        .get(CONTENT_SECURITY_POLICY)
        .and_then(|rules| rules.to_str().ok())
        .unwrap_or("default-src 'none'");
    // In a sandbox a page has no origin, so that nothing is its own.
    let rules = rules
        .replace("frame-ancestors 'none'", &format!("frame-ancestors {PAGE}"))
        .replace("'self'", OWN);
    if let Ok(rules) = HeaderValue::try_from(format!("{rules}; sandbox")) {
        headers.insert(CONTENT_SECURITY_POLICY, rules);
    }
    headers.remove("cross-origin-resource-policy");
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_keeps_its_rules_and_runs_nothing() {
        let mut page = Response::new(Vec::new());
        page.headers_mut().insert(
            CONTENT_SECURITY_POLICY,
            HeaderValue::from_static("img-src 'self' blob:; frame-ancestors 'none'"),
        );
        let framed = framed(page);
        assert_eq!(
            framed.headers()[CONTENT_SECURITY_POLICY],
            format!("img-src {OWN} blob:; frame-ancestors {PAGE}; sandbox")
        );
    }
}
