//! A small listener for this machine alone, by which an operator's programs look at the
//! node: whether it is well, and its figures. It shares nothing with the public one but how
//! connections are held.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    extract::Request,
    http::{Method, StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use tokio::task::spawn_blocking;

use crate::{
    headers,
    hosts::Hosts,
    pulse::Limits,
    serve::{ListenError, Listening, start},
    site,
};

/// What is told at an address of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Whether all is well: 200, else 503.
    pub well: bool,
    /// The media type of the text.
    pub kind: &'static str,
    /// The text.
    pub text: String,
}

/// Answers at `address`, which must be of this machine alone, by what `tell` says of a path;
/// it may block, and says nothing of a path that is none.
///
/// # Errors
/// [`ListenError`] when the address is one that others reach, or cannot be had.
pub async fn look_out(
    address: SocketAddr,
    tell: impl Fn(&str) -> Option<Told> + Send + Sync + 'static,
) -> Result<Listening, ListenError> {
    if !address.ip().is_loopback() {
        return Err(ListenError::NotAlone(address));
    }
    let hosts = Arc::new(Hosts::new(address.ip(), std::iter::empty()));
    let tell = Arc::new(tell);
    let face = move |request, _| {
        let (hosts, tell) = (Arc::clone(&hosts), Arc::clone(&tell));
        async move { headers::finished(answer(&hosts, tell, request).await, None) }
    };
    let limits = Limits {
        connections: 16,
        ..Limits::PUBLIC
    };
    start(face, address, limits, Arc::default(), None).await
}

async fn answer(
    hosts: &Hosts,
    tell: Arc<impl Fn(&str) -> Option<Told> + Send + Sync + 'static>,
    request: Request,
) -> Response {
    // A page in a browser of this machine may have a name that leads here.
    let host = site::authority(&request).and_then(|host| hosts.allowed(&host, None));
    if host.is_none() {
        return StatusCode::MISDIRECTED_REQUEST.into_response();
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let path = request.uri().path().to_owned();
    match spawn_blocking(move || tell(&path)).await {
        Ok(Some(told)) => {
            let status = match told.well {
                true => StatusCode::OK,
                false => StatusCode::SERVICE_UNAVAILABLE,
            };
            (status, [(CONTENT_TYPE, told.kind)], told.text).into_response()
        }
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
