//! A library on a temporary folder with a clock of its own, pictures of its own, and
//! a browser that speaks to the pages directly.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::body::{Body, Bytes};
use axum::http::header::{COOKIE, HOST, SET_COOKIE};
use axum::http::{HeaderMap, Method, Request, StatusCode};
use image::{Rgb, RgbImage};
use library::{
    AlbumId, Clock, Download, Library, Link, LinkOf, NewLink, Order, UPLOAD_BYTES, UPLOAD_FILES,
    Uploads,
};
use tempfile::TempDir;
use web::{Pages, Settings};

/// 22 November 2026, noon UTC.
pub const NOON: i64 = 1_795_348_800_000;
pub const PASSWORD: &str = "correct horse";

pub struct House {
    pub library: Arc<Library>,
    pub clock: Arc<AtomicI64>,
    _folder: TempDir,
    pub album: AlbumId,
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// The `name=value` of the cookie it sets.
    pub fn cookie(&self) -> String {
        let cookie = self.headers[SET_COOKIE].to_str().unwrap();
        cookie.split(';').next().unwrap().to_owned()
    }
}

impl House {
    /// A library with an album of `count` pictures.
    pub fn with(count: u32) -> Self {
        let pictures = tempfile::tempdir().unwrap();
        for number in 0..count {
            let (width, height) = [(60, 40), (40, 60), (48, 48), (80, 45)][number as usize % 4];
            paint(
                &pictures.path().join(format!("IMG_{number:04}.png")),
                width,
                height,
                number,
            );
        }
        Self::of(pictures.path())
    }

    /// A library with an album of the pictures in `folder`.
    pub fn of(pictures: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(AtomicI64::new(NOON));
        let library = Library::open(
            &folder.path().join("library"),
            media::Decoder::new(std::env::current_exe().unwrap(), 2),
            Clock::new({
                let clock = Arc::clone(&clock);
                move || clock.load(Ordering::SeqCst)
            }),
        )
        .unwrap();
        library.rename(Some("Anna".into()), None).unwrap();
        let album = library.create_album("Summer at the lake").unwrap().id;
        let order = Order {
            paths: vec![pictures.to_owned()],
            in_place: false,
            album: Some(album),
            without_renditions: false,
            ..Order::default()
        };
        let report = library.import(&order, &|_| true).unwrap();
        assert_eq!(report.failures, []);
        Self {
            library: Arc::new(library),
            clock,
            _folder: folder,
            album,
        }
    }

    /// What a link to the album begins with.
    pub fn new_link(&self) -> NewLink {
        NewLink {
            of: LinkOf::Album(self.album),
            label: String::new(),
            description: String::new(),
            password: None,
            expires_at: None,
            download: Download::Screen,
            show_metadata: false,
            name: None,
            guessable: false,
            upload: Uploads::None,
            auto_accept: false,
            upload_files: UPLOAD_FILES,
            upload_bytes: UPLOAD_BYTES,
            comments: false,
            people: None,
        }
    }

    /// A link to the album as the closure wishes it.
    pub fn link(&self, wish: impl FnOnce(&mut NewLink)) -> Link {
        let mut new = self.new_link();
        wish(&mut new);
        self.library.create_link(new).unwrap()
    }

    pub fn open_link(&self) -> String {
        path(&self.link(|_| ()))
    }

    pub fn locked_link(&self) -> String {
        path(&self.link(|link| link.password = Some(PASSWORD.into())))
    }

    pub fn settings() -> Settings {
        Settings::at("127.0.0.1:0".parse().unwrap())
    }

    /// A browser at this library's listener.
    pub fn browser(&self) -> Browser {
        self.browser_at(&Self::settings())
    }

    pub fn browser_at(&self, settings: &Settings) -> Browser {
        Browser {
            pages: Pages::new(Arc::clone(&self.library), settings),
            runtime: tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap(),
        }
    }

    /// The items of the album's first page, in their order.
    pub fn items(&self, browser: &Browser, path: &str) -> Vec<String> {
        items(&browser.get(path).text())
    }

    pub fn sleep(&self, milliseconds: i64) {
        self.clock.fetch_add(milliseconds, Ordering::SeqCst);
    }
}

/// Where a link stands.
pub fn path(link: &Link) -> String {
    format!("/share/{}", link.key.as_deref().unwrap())
}

/// The photos' ids in a page, in their order.
pub fn items(html: &str) -> Vec<String> {
    html.split("id=\"p-")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap().to_owned())
        .collect()
}

pub struct Browser {
    pub pages: Pages,
    pub runtime: tokio::runtime::Runtime,
}

impl Browser {
    pub fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, &[], "")
    }

    pub fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.ask(Method::GET, path, headers, "")
    }

    /// Posts the password form of the link at `path`.
    pub fn unlock(&self, path: &str, password: &str) -> Answer {
        let form = format!("password={}", password.replace(' ', "+"));
        let kind = ("content-type", "application/x-www-form-urlencoded");
        self.ask(Method::POST, &format!("{path}/unlock"), &[kind], &form)
    }

    /// The cookie that the right password gives.
    pub fn pass(&self, path: &str) -> String {
        self.unlock(path, PASSWORD).cookie()
    }

    /// The cookie that pressing the button at the door of a link for so many gives.
    pub fn seat(&self, path: &str) -> String {
        let headers = [
            ("content-type", "application/x-www-form-urlencoded"),
            ("sec-fetch-site", "same-origin"),
            (COOKIE.as_str(), "albumen=-"),
        ];
        self.ask(Method::POST, &format!("{path}/unlock"), &headers, "")
            .cookie()
    }

    pub fn get_as(&self, path: &str, cookie: &str) -> Answer {
        self.get_with(path, &[(COOKIE.as_str(), cookie)])
    }

    pub fn ask(&self, method: Method, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if !headers.iter().any(|(name, _)| *name == HOST.as_str()) {
            request = request.header(HOST, "localhost:2455");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body.to_owned())).unwrap();
        self.runtime.block_on(async {
            let response = self.pages.answer(request).await;
            let (head, body) = response.into_parts();
            let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
            Answer {
                status: head.status,
                headers: head.headers,
                body,
            }
        })
    }
}

/// A picture that differs from every other by its `seed`.
pub fn paint(file: &Path, width: u32, height: u32, seed: u32) {
    let [red, green, blue, _] = seed.wrapping_mul(2_654_435_761).to_be_bytes();
    RgbImage::from_fn(width, height, |x, y| {
        let shade = u8::try_from((x + y) % 64).unwrap();
        Rgb([red.wrapping_add(shade), green, blue.wrapping_sub(shade)])
    })
    .save(file)
    .unwrap();
}

/// What phones record: H.264 in an MP4, with a place and a title in its metadata.
pub const PHONE: &[&str] = &[
    "-c:v",
    "libx264",
    "-preset",
    "ultrafast",
    "-pix_fmt",
    "yuv420p",
    "-metadata",
    "title=Tulum with Ben",
    "-metadata",
    "location=+20.2114-087.4654/",
];
/// What browsers do not play.
pub const OLD_CAMERA: &[&str] = &["-c:v", "mpeg4"];

/// Films two seconds into `file`; false, and said, where the programs are missing.
pub fn record(file: &Path, codecs: &[&str], test: &str) -> bool {
    let scene = "testsrc2=size=320x180:rate=25:duration=2";
    let asked = Command::new("ffmpeg")
        .args(["-nostdin", "-v", "error", "-f", "lavfi", "-i", scene])
        .args(codecs)
        .arg(file)
        .output();
    let Ok(output) = asked else {
        eprintln!("skipped: {test} needs ffmpeg");
        return false;
    };
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{complaint}");
    true
}

/// The ids of the videos in a page, in their order.
pub fn films(html: &str) -> Vec<String> {
    html.split("<li ")
        .filter(|tile| tile.contains(" data-length="))
        .flat_map(items)
        .collect()
}

/// A motion photo: a JPEG that says in XMP how far before its end the film begins.
pub fn live(file: &Path, film: &Path) {
    let film = std::fs::read(film).unwrap();
    let mut picture = std::io::Cursor::new(Vec::new());
    RgbImage::from_pixel(64, 48, Rgb([90, 120, 150]))
        .write_to(&mut picture, image::ImageFormat::Jpeg)
        .unwrap();
    let xmp = format!(
        "http://ns.adobe.com/xap/1.0/\0<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF \
         xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"><rdf:Description \
         xmlns:GCamera=\"http://ns.google.com/photos/1.0/camera/\" GCamera:MicroVideo=\"1\" \
         GCamera:MicroVideoOffset=\"{}\"/></rdf:RDF></x:xmpmeta>",
        film.len()
    );
    let length = u16::try_from(xmp.len() + 2).unwrap();
    let (start, rest) = picture.get_ref().split_at(2);
    let segment = [&[0xff, 0xe1][..], &length.to_be_bytes(), xmp.as_bytes()].concat();
    std::fs::write(file, [start, &segment, rest, &film].concat()).unwrap();
}

/// The photos of a page that move, as their own pages offer it.
pub fn moving(browser: &Browser, path: &str, cookie: &str) -> Vec<String> {
    let page = browser.get_as(path, cookie).text();
    items(&page)
        .into_iter()
        .filter(|item| {
            let photo = browser.get_as(&format!("{path}/photo/{item}"), cookie);
            photo.text().contains("/motion\"")
        })
        .collect()
}
