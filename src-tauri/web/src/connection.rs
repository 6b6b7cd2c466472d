//! One connection, from its first byte to its end.

use std::{net::IpAddr, sync::Arc, time::Duration};

use axum::{
    body::Body,
    extract::Request,
    http::{
        HeaderValue, Method, Version,
        header::{CONNECTION, TRANSFER_ENCODING},
    },
    response::Response,
};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto::Builder,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    time::interval,
};
use tokio_util::sync::CancellationToken;

use crate::{
    pulse::{Carried, Limits, Pulse, Verdict, Wire},
    socket::Discard,
};

/// The other end of a connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer {
    /// Where it is.
    pub(crate) address: IpAddr,
    /// Whether it came by https to this listener.
    pub(crate) sealed: bool,
    /// Whether that was by a certificate which no browser believes.
    pub(crate) self_made: bool,
}

/// What a request tells of the connection that it came by.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    /// The other end.
    pub(crate) peer: Peer,
    /// Its life signs.
    pub(crate) pulse: Arc<Pulse>,
}

/// What answers the requests of a listener.
pub(crate) trait Face: Clone + Send + Sync + 'static {
    fn answer(&self, request: Request, line: Line) -> impl Future<Output = Response> + Send;
}

impl<F, A> Face for F
where
    F: Fn(Request, Line) -> A + Clone + Send + Sync + 'static,
    A: Future<Output = Response> + Send,
{
    fn answer(&self, request: Request, line: Line) -> impl Future<Output = Response> + Send {
        self(request, line)
    }
}

/// Serves it, however slow it is, within the limits.
pub(crate) async fn converse(
    stream: impl AsyncRead + AsyncWrite + Discard + Unpin + Send + 'static,
    peer: Peer,
    pulse: Arc<Pulse>,
    face: impl Face,
    limits: Limits,
    stop: CancellationToken,
) {
    let service = service_fn({
        let line = Line {
            peer,
            pulse: Arc::clone(&pulse),
        };
        move |request| answer(request, line.clone(), face.clone())
    });
    let builder = builder(&limits);
    let wire = TokioIo::new(Wire::new(stream, Arc::clone(&pulse)));
    let mut connection = std::pin::pin!(builder.serve_connection(wire, service));
    let mut looks = interval(limits.look);
    let mut leaving = false;
    loop {
        tokio::select! {
            _ = connection.as_mut() => return,
            () = pulse.is_cut() => return,
            () = stop.cancelled(), if !leaving => {
                leaving = true;
                connection.as_mut().graceful_shutdown();
            }
            _ = looks.tick() => match pulse.verdict(&limits) {
                Verdict::Alive => {}
                // Told once to go, and still there at the next look: gone.
                Verdict::Idle if !leaving => {
                    leaving = true;
                    connection.as_mut().graceful_shutdown();
                }
                Verdict::Idle | Verdict::Dead => return,
            },
        }
    }
}

fn builder(limits: &Limits) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.first)
        .max_buf_size(32 * 1024);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(64)
        .max_header_list_size(16 * 1024)
        .max_pending_accept_reset_streams(20)
        .max_local_error_reset_streams(64)
        .max_send_buf_size(256 * 1024)
        .keep_alive_interval(Duration::from_secs(20))
        .keep_alive_timeout(Duration::from_secs(20));
    builder
}

async fn answer(
    request: Request<Incoming>,
    line: Line,
    face: impl Face,
) -> Result<hyper::Response<Carried>, std::convert::Infallible> {
    let answering = line.pulse.answer(request.version() == Version::HTTP_2);
    // Where such a body ends is what others may read in another way; what stands behind
    // it is no request then. Browsers send no form so.
    let is_last = request.headers().contains_key(TRANSFER_ENCODING);
    let is_head = *request.method() == Method::HEAD;
    let mut response = face.answer(request.map(Body::new), line).await;
    if is_head {
        *response.body_mut() = Body::empty();
    }
    if is_last {
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(CONNECTION, close);
    }
    Ok(response.map(|body| answering.carry(body)))
}
