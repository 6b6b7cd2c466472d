//! The listener on a real socket: a page comes, a stream is cut when its link is
//! closed, and nothing is left when it stops.

use std::net::SocketAddr;

use library::{Address, Download, LibraryError, Link, LinkEdit, LinkId, NewUpload, Uploads, Visit};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use web::{ListenError, ROUTES, Settings, listen};

use crate::house::{House, items, path};

crate::cases![
    a_page_comes_over_the_wire,
    a_stream_is_cut_when_its_link_changes,
    what_messengers_and_crawlers_fetch_counts_nothing,
    an_upload_is_stopped_when_its_link_is_revoked,
    who_comes_back_takes_over_from_a_dead_connection,
    stopping_ends_every_connection,
    what_cannot_be_listened_at_is_said,
];

async fn asked(address: SocketAddr, path: &str) -> TcpStream {
    asked_with(address, "GET", path, "").await
}

async fn asked_with(address: SocketAddr, method: &str, path: &str, headers: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\n{headers}\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

/// The head of the answer, and the first bytes of its body.
async fn head(stream: &mut TcpStream) -> (String, Vec<u8>) {
    let mut seen = Vec::new();
    loop {
        if let Some(end) = seen.windows(4).position(|four| four == b"\r\n\r\n") {
            let body = seen.split_off(end + 4);
            return (String::from_utf8(seen).unwrap().to_lowercase(), body);
        }
        assert!(
            stream.read_buf(&mut seen).await.unwrap() > 0,
            "ended within the head"
        );
    }
}

fn a_page_comes_over_the_wire() {
    let house = House::with(1);
    let link = house.open_link();
    Runtime::new().unwrap().block_on(async {
        let listening = listen(house.library.clone(), House::settings())
            .await
            .unwrap();
        let mut stream = asked(listening.address(), &link).await;
        let (head, _) = head(&mut stream).await;
        assert!(head.starts_with("http/1.1 200 ok"), "{head}");
        assert!(!head.contains("server:"));
        assert_eq!(listening.connections(), 1);
        listening.stop().await;
    });
}

fn a_stream_is_cut_when_its_link_changes() {
    // Larger than what two sockets hold, so that it cannot have left already.
    let pictures = tempfile::tempdir().unwrap();
    let mut state = 1_u32;
    image::RgbImage::from_fn(3_000, 2_600, |_, _| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let [a, b, c, _] = state.to_be_bytes();
        image::Rgb([a, b, c])
    })
    .save(pictures.path().join("noise.png"))
    .unwrap();
    let house = House::of(pictures.path());
    let library = &house.library;
    let paused = |id| {
        let edit = LinkEdit {
            paused: Some(true),
            ..LinkEdit::default()
        };
        library.edit_link(id, edit)
    };
    cut_by(&house, |id| library.revoke_link(id));
    cut_by(&house, paused);
    cut_by(&house, |id| library.renew_link(id));
    cut_by(&house, |id| library.free_seats(id));
}

/// A stream of the house's one photo ends when its link is changed so.
fn cut_by(house: &House, change: impl Fn(LinkId) -> Result<Link, LibraryError>) {
    let link = house.link(|link| {
        link.download = Download::Original;
        link.show_metadata = true;
        link.people = Some(1);
    });
    let browser = house.browser();
    let cookie = browser.seat(&path(&link));
    let item = items(&browser.get_as(&path(&link), &cookie).text()).remove(0);
    Runtime::new().unwrap().block_on(async {
        let listening = listen(house.library.clone(), House::settings())
            .await
            .unwrap();
        let address = format!("{}/photo/{item}/download", path(&link));
        let mut stream = asked_with(
            listening.address(),
            "GET",
            &address,
            &format!("Cookie: {cookie}\r\n"),
        )
        .await;
        let (head, mut body) = head(&mut stream).await;
        let length: usize = head
            .split("content-length: ")
            .nth(1)
            .and_then(|rest| rest.split("\r\n").next())
            .unwrap()
            .parse()
            .unwrap();
        assert!(length > 16_000_000);
        change(link.id).unwrap();
        // The visitor does not even read: the connection ends all the same.
        while listening.connections() > 0 {
            tokio::task::yield_now().await;
        }
        let ended = stream.read_to_end(&mut body).await;
        assert!(ended.is_err() || body.len() < length, "visibly cut");
        listening.stop().await;
    });
}

/// The head of a request that sends a file.
fn request(address: SocketAddr, method: &str, path: &str, headers: &str) -> String {
    format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\nTus-Resumable: 1.0.0\r\n{headers}\r\n")
}

/// A link that takes uploads, and where one was announced.
fn begun(house: &House, bytes: &[u8]) -> (Link, String) {
    let link = house.link(|link| link.upload = Uploads::Add);
    let key = link.key.clone().unwrap();
    let visit = house.library.visit(Address::Key(&key), None).unwrap();
    let Visit::Open(access) = visit else {
        panic!("it stands open")
    };
    let new = NewUpload {
        name: "a.jpg".into(),
        bytes: bytes.len() as u64,
        visitor: [1; 16],
        visitor_name: String::new(),
        sha256: None,
    };
    let item = access.begin_upload(new).unwrap().item;
    let at = format!("{}/upload/{item}", path(&link));
    (link, at)
}

/// Begins to send a file and stops in the middle.
async fn half_sent(address: SocketAddr, at: &str, bytes: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let length = bytes.len();
    let headers = format!(
        "Upload-Offset: 0\r\nContent-Length: {length}\r\n\
         Content-Type: application/offset+octet-stream\r\n"
    );
    let patch = request(address, "PATCH", at, &headers);
    stream.write_all(patch.as_bytes()).await.unwrap();
    stream.write_all(&bytes[..length / 2]).await.unwrap();
    stream
}

fn an_upload_is_stopped_when_its_link_is_revoked() {
    let house = House::with(1);
    let bytes = [&[0xff, 0xd8, 0xff, 0xe0][..], &[7; 2_000_000]].concat();
    let (link, at) = begun(&house, &bytes);
    Runtime::new().unwrap().block_on(async {
        let listening = listen(house.library.clone(), House::settings())
            .await
            .unwrap();
        let mut stream = half_sent(listening.address(), &at, &bytes).await;
        house.library.revoke_link(link.id).unwrap();
        // The visitor sends no more and hangs on; they are told all the same.
        let (head, _) = head(&mut stream).await;
        assert!(head.starts_with("http/1.1 404"), "{head}");
        assert!(head.contains("content-type: text/plain"), "{head}");
        drop(stream);
        listening.stop().await;
    });
    assert_eq!(house.library.reap_uploads().unwrap(), 1);
    let inbox = std::fs::read_dir(house.library.folder().join("inbox"));
    assert_eq!(inbox.unwrap().count(), 0, "no orphan is left");
}

/// How many bytes of an upload are in quarantine.
fn arrived(house: &House) -> u64 {
    let files = std::fs::read_dir(house.library.folder().join("inbox"));
    let files = files.into_iter().flatten().flatten();
    files.map(|file| file.metadata().unwrap().len()).sum()
}

/// Asks how far an upload is, and sends the rest; answers with what it is told.
async fn go_on(address: SocketAddr, at: &str, bytes: &[u8]) -> String {
    let mut asking = TcpStream::connect(address).await.unwrap();
    let ask = request(address, "HEAD", at, "");
    asking.write_all(ask.as_bytes()).await.unwrap();
    let (told, _) = head(&mut asking).await;
    let offset = told.split("upload-offset: ").nth(1).unwrap();
    let offset: usize = offset.split("\r\n").next().unwrap().parse().unwrap();
    assert_eq!(offset, bytes.len() / 2);
    let rest = &bytes[offset..];
    let headers = format!(
        "Upload-Offset: {offset}\r\nContent-Length: {}\r\n\
         Content-Type: application/offset+octet-stream\r\n",
        rest.len()
    );
    let mut sending = TcpStream::connect(address).await.unwrap();
    let patch = request(address, "PATCH", at, &headers);
    sending.write_all(patch.as_bytes()).await.unwrap();
    sending.write_all(rest).await.unwrap();
    head(&mut sending).await.0
}

fn who_comes_back_takes_over_from_a_dead_connection() {
    let house = House::with(1);
    let bytes = [&[0xff, 0xd8, 0xff, 0xe0][..], &[7; 2_000_000]].concat();
    let (_, at) = begun(&house, &bytes);
    Runtime::new().unwrap().block_on(async {
        let listening = listen(house.library.clone(), House::settings())
            .await
            .unwrap();
        let address = listening.address();
        // The first connection hangs; what it brought is kept.
        let dead = half_sent(address, &at, &bytes).await;
        while arrived(&house) < bytes.len() as u64 / 2 {
            tokio::task::yield_now().await;
        }
        let told = go_on(address, &at, &bytes).await;
        assert!(told.starts_with("http/1.1 204"), "{told}");
        assert!(told.contains("repr-digest: sha-256=:"), "{told}");
        drop(dead);
        listening.stop().await;
    });
    let groups = house.library.inbox(None).unwrap();
    assert_eq!(groups[0].uploads[0].bytes, bytes.len() as u64);
    let file = std::fs::read_dir(house.library.folder().join("inbox"))
        .unwrap()
        .next();
    assert!(
        std::fs::read(file.unwrap().unwrap().path()).unwrap() == bytes,
        "bit by bit"
    );
}

/// Every address of a link, fetched as messengers, crawlers and programs do.
fn what_messengers_and_crawlers_fetch_counts_nothing() {
    let house = House::with(1);
    let open = house.link(|link| link.download = Download::Original);
    let few = house.link(|link| link.people = Some(1));
    let item = house.items(&house.browser(), &path(&open)).remove(0);
    Runtime::new().unwrap().block_on(async {
        let listening = listen(house.library.clone(), House::settings())
            .await
            .unwrap();
        for agent in [
            "WhatsApp/2.23.20.0",
            "TelegramBot (like TwitterBot)",
            "facebookexternalhit/1.1",
            "Mozilla/5.0 (compatible; Googlebot/2.1)",
            "curl/8.5.0",
        ] {
            let agent = format!("User-Agent: {agent}\r\nConnection: close\r\n");
            let routes = ROUTES.iter().filter(|route| route.method == "GET");
            for route in routes.filter(|route| route.path.starts_with("/share/")) {
                for link in [&open, &few] {
                    let key = link.key.as_deref().unwrap();
                    let address = route.path.replace("{key}", key).replace("{item}", &item);
                    for method in ["GET", "HEAD"] {
                        let at = listening.address();
                        let mut stream = asked_with(at, method, &address, &agent).await;
                        let mut all = Vec::new();
                        stream.read_to_end(&mut all).await.unwrap();
                        assert!(all.starts_with(b"HTTP/1.1 "), "{method} {address}");
                    }
                }
            }
        }
        listening.stop().await;
    });
    for link in [open, few] {
        let now = house.library.link(link.id).unwrap();
        assert_eq!((now.visits, now.downloads, now.seats), (0, 0, 0));
        assert!(house.library.tally(link.id).unwrap().days.is_empty());
    }
}

fn stopping_ends_every_connection() {
    let house = House::with(1);
    let link = house.open_link();
    Runtime::new().unwrap().block_on(async {
        let listening = listen(house.library.clone(), House::settings())
            .await
            .unwrap();
        let address = listening.address();
        let mut stream = asked(address, &link).await;
        head(&mut stream).await;
        listening.stop().await;
        let mut rest = Vec::new();
        // An orderly end or a reset: both are an end.
        let _ = stream.read_to_end(&mut rest).await;
        assert!(
            TcpStream::connect(address).await.is_err(),
            "nothing listens any more"
        );

        let settings = Settings {
            listen: address,
            ..House::settings()
        };
        let listening = listen(house.library.clone(), settings).await.unwrap();
        let mut stream = asked(address, &link).await;
        head(&mut stream).await;
        drop(listening);
        let _ = stream.read_to_end(&mut rest).await;
    });
}

fn what_cannot_be_listened_at_is_said() {
    let house = House::with(1);
    Runtime::new().unwrap().block_on(async {
        let first = listen(house.library.clone(), House::settings())
            .await
            .unwrap();
        let settings = Settings {
            listen: first.address(),
            ..House::settings()
        };
        let taken = listen(house.library.clone(), settings).await.unwrap_err();
        assert!(matches!(taken, ListenError::Address { .. }));
        assert!(taken.to_string().contains("Choose another address or port"));
        for bad in ["photos.example.org", "ftp://x", "https://"] {
            let settings = Settings {
                public_url: Some(bad.into()),
                ..House::settings()
            };
            let refused = listen(house.library.clone(), settings).await.unwrap_err();
            assert!(matches!(refused, ListenError::PublicUrl(_)), "{bad}");
        }
    });
}
