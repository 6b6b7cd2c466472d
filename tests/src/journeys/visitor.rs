//! A visitor of a link: plain HTTP, one request at a time, with the cookie they
//! were given and nothing else remembered.

use std::collections::BTreeSet;
use std::time::Duration;
use ureq::http::Request;

pub struct Visitor {
    agent: ureq::Agent,
    base: String,
    cookie: Option<String>,
}

/// Everything a visitor received for one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    pub status: u16,
    /// Name in lower case, and value; sorted.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// What must be the same for links that open nothing; only the clock differs.
    pub fn without_date(mut self) -> Self {
        self.headers.retain(|(name, _)| name != "date");
        self
    }

    /// Status, headers and body in one, to look for words in.
    pub fn everything(&self) -> Vec<u8> {
        let mut bytes = self.status.to_string().into_bytes();
        for (name, value) in &self.headers {
            bytes.extend(format!("\n{name}: {value}").bytes());
        }
        bytes.extend(b"\n\n");
        bytes.extend(&self.body);
        bytes
    }

    /// Whether it is what stands at such an address: a page, a ZIP, or a picture.
    pub fn suits(&self, route: &str) -> bool {
        match route.contains("/archive") {
            true => self.body.starts_with(b"PK"),
            false => self.is_picture() != is_page(route),
        }
    }

    pub fn is_picture(&self) -> bool {
        self.status == 200
            && self
                .header("content-type")
                .is_some_and(|kind| kind.starts_with("image/"))
            && image::load_from_memory(&self.body).is_ok()
    }
}

impl Visitor {
    pub fn new(base: &str) -> Self {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_global(Some(Duration::from_secs(60)))
            .build()
            .new_agent();
        Self {
            agent,
            base: base.to_owned(),
            cookie: None,
        }
    }

    pub fn get(&self, path: &str) -> Reply {
        self.send("GET", path, &[], &[])
    }

    /// Any request; `path` starts with a slash.
    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie);
        }
        let answer = if ["POST", "PATCH"].contains(&method) {
            self.agent.run(request.body(body.to_vec()).unwrap())
        } else {
            self.agent.run(request.body(()).unwrap())
        };
        let mut answer = answer.unwrap_or_else(|error| panic!("{method} {path}: {error}"));
        let mut headers: Vec<(String, String)> = answer
            .headers()
            .iter()
            .map(|(name, value)| {
                let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                (name.as_str().to_owned(), value)
            })
            .collect();
        headers.sort();
        Reply {
            status: answer.status().as_u16(),
            headers,
            body: answer
                .body_mut()
                .with_config()
                .limit(1 << 30)
                .read_to_vec()
                .unwrap(),
        }
    }

    /// Gives a password as the page's form does, and keeps the cookie.
    pub fn unlock(&mut self, link: &str, password: &str) -> Reply {
        let reply = self.send(
            "POST",
            &format!("{link}/unlock"),
            &[
                ("content-type", "application/x-www-form-urlencoded"),
                ("origin", &self.base.clone()),
                ("sec-fetch-site", "same-origin"),
            ],
            format!("password={}", escaped(password)).as_bytes(),
        );
        if let Some(cookie) = reply.header("set-cookie") {
            self.cookie = cookie.split(';').next().map(str::to_owned);
        }
        reply
    }

    /// Every address below the link that its pages lead to, with and without
    /// the pictures' other sizes: a picture of all its routes.
    pub fn routes(&self, link: &str) -> BTreeSet<String> {
        let mut routes = BTreeSet::from([link.to_owned(), format!("{link}/card")]);
        let mut pages = vec![link.to_owned()];
        while let Some(page) = pages.pop() {
            let reply = self.get(&page);
            assert_eq!(reply.status, 200, "{page}");
            for found in addresses(&reply.text()) {
                let found = found.split('#').next().unwrap_or_default().to_owned();
                let found = found.strip_prefix(&self.base).unwrap_or(&found).to_owned();
                if !found.starts_with(link) || found.ends_with("/unlock") {
                    continue;
                }
                if routes.insert(found.clone()) && is_page(&found) {
                    pages.push(found);
                }
            }
        }
        let photos: Vec<String> = routes.iter().filter_map(|route| photo(route)).collect();
        for photo in photos {
            for size in ["", "/thumbnail", "/preview", "/download"] {
                routes.insert(format!("{photo}{size}"));
            }
        }
        routes
    }

    /// Every address below the link that answers to GET, by the listener's own table:
    /// its pages and what they lead to, and what no page leads to as well.
    pub fn every_route(&self, link: &str) -> BTreeSet<String> {
        let mut routes = self.routes(link);
        let photos: BTreeSet<String> = routes.iter().filter_map(|route| photo(route)).collect();
        assert!(!photos.is_empty());
        for route in web::ROUTES.iter().filter(|route| route.method == "GET") {
            let Some(tail) = route.path.strip_prefix("/share/{key}") else {
                continue;
            };
            match tail.strip_prefix("/photo/{item}") {
                Some(tail) => routes.extend(photos.iter().map(|photo| format!("{photo}{tail}"))),
                None => {
                    routes.insert(format!("{link}{tail}"));
                }
            }
        }
        for size in ["screen", "original"] {
            for of in ["archive", "manifest.json"] {
                assert!(routes.contains(&format!("{link}/{of}")));
                routes.insert(format!("{link}/{of}?size={size}"));
            }
        }
        routes
    }
}

/// The photo's own page that an address belongs to.
fn photo(route: &str) -> Option<String> {
    let (link, rest) = route.split_once("/photo/")?;
    let item = rest.split(['/', '?']).next()?;
    Some(format!("{link}/photo/{item}"))
}

/// Whether an address is a page with further addresses in it.
pub fn is_page(route: &str) -> bool {
    let last = route.rsplit('/').next().unwrap_or_default();
    let last = last.split('?').next().unwrap_or_default();
    let files = [
        "thumbnail",
        "preview",
        "video",
        "download",
        "card",
        "archive",
        "manifest.json",
    ];
    !files.contains(&last)
}

/// What a page's attributes point to.
fn addresses(page: &str) -> Vec<String> {
    let mut found = Vec::new();
    for attribute in ["href=\"", "src=\"", "srcset=\"", "content=\""] {
        for rest in page.split(attribute).skip(1) {
            let value = rest.split('"').next().unwrap_or_default();
            for part in value.split(", ") {
                let address = part.split(' ').next().unwrap_or_default();
                found.push(address.replace("&amp;", "&"));
            }
        }
    }
    found
}

fn escaped(text: &str) -> String {
    text.bytes()
        .map(|byte| {
            if byte.is_ascii_alphanumeric() {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}
