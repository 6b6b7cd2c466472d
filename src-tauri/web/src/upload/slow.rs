//! A test of uploads that come slowly.

use std::{
    convert::Infallible,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use axum::{
    body::Body,
    http::{Request, StatusCode, header::HOST},
    response::Response,
};
use hyper::body::Frame;
use library::{Clock, Download, Library, LinkOf, NewLink, UPLOAD_BYTES, UPLOAD_FILES, Uploads};
use tokio::time::{Duration, advance};

use super::*;
use crate::{
    Settings,
    connection::{Line, Peer},
    pages::door,
    pulse::{Limits, Pulse, Verdict},
};

/// Between two pieces: less than a body may rest.
const PAUSE: Duration = Duration::from_secs(20);

/// How a JPEG file begins.
const PHOTO: &[u8] = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01";

/// These bytes one by one, each after a pause, with a look whether the listener would end
/// the connection. The clock stands still meanwhile.
struct Dripping {
    left: &'static [u8],
    pause: Pin<Box<dyn Future<Output = ()> + Send>>,
    pulse: Arc<Pulse>,
}

impl hyper::body::Body for Dripping {
    type Data = axum::body::Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Infallible>>> {
        let Some((piece, left)) = self.left.split_at_checked(1) else {
            return Poll::Ready(None);
        };
        ready!(self.pause.as_mut().poll(context));
        assert_eq!(self.pulse.verdict(&Limits::PUBLIC), Verdict::Alive);
        self.left = left;
        self.pause = Box::pin(advance(PAUSE));
        Poll::Ready(Some(Ok(Frame::data(axum::body::Bytes::from_static(piece)))))
    }
}

#[tokio::test(start_paused = true)]
async fn an_upload_that_flows_is_alive_however_long_it_takes() {
    let folder = tempfile::tempdir().unwrap();
    let decoder = media::Decoder::new("no such program".into(), 1);
    let library = Library::open(&folder.path().join("library"), decoder, Clock::system());
    let library = Arc::new(library.unwrap());
    let album = library.create_album("Summer").unwrap().id;
    let link = library
        .create_link(NewLink {
            of: LinkOf::Album(album),
            label: String::new(),
            description: String::new(),
            password: None,
            expires_at: None,
            download: Download::None,
            show_metadata: false,
            name: None,
            guessable: false,
            upload: Uploads::Add,
            auto_accept: false,
            upload_files: UPLOAD_FILES,
            upload_bytes: UPLOAD_BYTES,
            comments: false,
            people: None,
        })
        .unwrap();
    let settings = Settings::at(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
    let site = Arc::new(Site::new(library, &settings));
    let base = format!("/share/{}", link.key.unwrap());
    let pulse = Pulse::new(Arc::default());
    let ask = async |request: Request<Body>| -> Response {
        let line = Line {
            peer: Peer {
                address: IpAddr::V4(Ipv4Addr::LOCALHOST),
                sealed: false,
                self_made: false,
            },
            pulse: Arc::clone(&pulse),
        };
        let _answering = pulse.answer(false);
        door(Arc::clone(&site), request, Some(line)).await
    };

    assert!(PAUSE * PHOTO.len() as u32 > Limits::PUBLIC.stall * 3);
    let name = STANDARD.encode("IMG_1.jpg");
    let announced = Request::post(format!("{base}/upload"))
        .header(HOST, "localhost")
        .header(RESUMABLE, VERSION)
        .header(LENGTH, PHOTO.len())
        .header(METADATA, format!("filename {name}"))
        .body(Body::empty())
        .unwrap();
    let announced = ask(announced).await;
    assert_eq!(announced.status(), StatusCode::CREATED);
    let at = announced.headers()[LOCATION].to_str().unwrap();
    let body = Dripping {
        left: PHOTO,
        pause: Box::pin(advance(PAUSE)),
        pulse: Arc::clone(&pulse),
    };
    let sent = Request::patch(at)
        .header(HOST, "localhost")
        .header(RESUMABLE, VERSION)
        .header(CONTENT_TYPE, "application/offset+octet-stream")
        .header(OFFSET, 0)
        .body(Body::new(body))
        .unwrap();
    let sent = ask(sent).await;
    assert_eq!(sent.status(), StatusCode::NO_CONTENT);
    assert_eq!(sent.headers()[OFFSET], PHOTO.len().to_string());
}
