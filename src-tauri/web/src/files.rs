//! The files of the page itself: style, script, icons. Their names carry a hash
//! of their bytes, so a browser may keep them for ever and never holds a stale one.

use std::sync::LazyLock;

use axum::{
    body::Bytes,
    http::{
        HeaderValue,
        header::{CACHE_CONTROL, CONTENT_TYPE},
    },
    response::{IntoResponse, Response},
};

use crate::{notice::Refusal, shape, site::Asked};

/// One file under `/static/`.
#[derive(Debug)]
pub(crate) struct File {
    /// Its address.
    pub(crate) path: String,
    mime: &'static str,
    bytes: Bytes,
}

/// All of them, made once.
#[derive(Debug)]
pub(crate) struct Files {
    /// The stylesheet.
    pub(crate) style: File,
    /// The script.
    pub(crate) script: File,
    /// The stylesheet of comments, where there may be any.
    pub(crate) talk_style: File,
    /// The script of comments.
    pub(crate) talk_script: File,
    /// The icon.
    pub(crate) icon: File,
    /// The world's outline.
    pub(crate) world: File,
    /// What the stylesheet lacks of the pages to add photos.
    pub(crate) add_style: File,
    /// The uploader.
    pub(crate) add_script: File,
    /// The transport it stands on: tus-js-client, as it is published.
    pub(crate) tus: File,
    /// What the uploader's worker does.
    pub(crate) hash: File,
}

/// The files of this build.
pub(crate) static FILES: LazyLock<Files> = LazyLock::new(|| {
    let style = tightened(concat!(
        include_str!("../static/page.css"),
        include_str!("../static/photo.css")
    )) + &shape::rules();
    let page = concat!(
        include_str!("../static/page.js"),
        include_str!("../static/album.js"),
        include_str!("../static/photo.js"),
        include_str!("../static/note.js")
    );
    let icon = include_str!("../static/icon.svg").to_owned();
    Files {
        style: File::new("page", "css", "text/css; charset=utf-8", style),
        script: script("page", page),
        talk_style: File::new(
            "talk",
            "css",
            "text/css; charset=utf-8",
            tightened(include_str!("../static/talk.css")),
        ),
        talk_script: script("talk", include_str!("../static/talk.js")),
        icon: File::new("icon", "svg", "image/svg+xml", icon),
        world: File::new(
            "world",
            "svg",
            "image/svg+xml",
            include_str!("../static/world.svg").to_owned(),
        ),
        add_style: File::new(
            "add",
            "css",
            "text/css; charset=utf-8",
            tightened(include_str!("../static/add.css")),
        ),
        add_script: script(
            "add",
            concat!(
                include_str!("../static/send.js"),
                include_str!("../static/pick.js"),
                include_str!("../static/add.js")
            ),
        ),
        tus: script("tus", include_str!("../static/tus.min.js")),
        hash: script("hash", include_str!("../static/hash.js")),
    }
});

const FAVICON: &[u8] = include_bytes!("../static/favicon.ico");

impl File {
    fn new(name: &str, ending: &str, mime: &'static str, text: String) -> Self {
        let hash = blake3::hash(text.as_bytes()).to_hex();
        let hash: String = hash.chars().take(16).collect();
        Self {
            path: format!("/static/{name}-{hash}.{ending}"),
            mime,
            bytes: Bytes::from(text),
        }
    }

    fn answer(&self) -> Response {
        let kept = HeaderValue::from_static("public, max-age=31536000, immutable");
        let mime = HeaderValue::from_static(self.mime);
        (
            [(CONTENT_TYPE, mime), (CACHE_CONTROL, kept)],
            self.bytes.clone(),
        )
            .into_response()
    }
}

/// `/static/{file}`
pub(crate) async fn file(asked: Asked) -> Result<Response, Refusal> {
    let name = asked.pieces.get("file");
    let Files {
        style,
        script,
        talk_style,
        talk_script,
        icon,
        world,
        add_style,
        add_script,
        tus,
        hash,
    } = &*FILES;
    [
        style,
        script,
        talk_style,
        talk_script,
        icon,
        world,
        add_style,
        add_script,
        tus,
        hash,
    ]
    .into_iter()
    .find(|file| file.path.strip_prefix("/static/") == Some(name))
    .map(File::answer)
    .ok_or(Refusal::nothing(asked.say))
}

/// `/favicon.ico`
pub(crate) async fn favicon() -> Response {
    let mime = HeaderValue::from_static("image/x-icon");
    let kept = HeaderValue::from_static("public, max-age=86400");
    ([(CONTENT_TYPE, mime), (CACHE_CONTROL, kept)], FAVICON).into_response()
}

/// `/robots.txt`: nothing here is for search engines.
pub(crate) async fn robots() -> Response {
    let mime = HeaderValue::from_static("text/plain; charset=utf-8");
    ([(CONTENT_TYPE, mime)], "User-agent: *\nDisallow: /\n").into_response()
}

fn script(name: &str, text: &str) -> File {
    File::new(
        name,
        "js",
        "text/javascript; charset=utf-8",
        shortened(text),
    )
}

/// The stylesheet without comments and needless space. Good for the plain CSS of
/// this crate: no strings with runs of spaces, no comments within strings.
fn tightened(css: &str) -> String {
    let mut text = String::with_capacity(css.len());
    let mut rest = css;
    while let Some((before, after)) = rest.split_once("/*") {
        text.push_str(before);
        rest = after.split_once("*/").map_or("", |(_, after)| after);
    }
    text.push_str(rest);
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut text = words.join(" ");
    for mark in ["{", "}", ";", ",", ">"] {
        text = text
            .replace(&format!("{mark} "), mark)
            .replace(&format!(" {mark}"), mark);
    }
    text.replace(": ", ":").replace(";}", "}")
}

/// The script without indentation and lines of comment. Good for the scripts of this
/// crate: every comment is a line of its own, no text runs over a line.
fn shortened(script: &str) -> String {
    let lines = script.lines().map(str::trim);
    let mut text = String::with_capacity(script.len());
    for line in lines.filter(|line| !line.is_empty() && !line.starts_with("//")) {
        text.push_str(line);
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tightening_keeps_the_rules() {
        let css = "/* a */ a > b,\n c { color: red;\n  margin: calc(1rem * 2); }\n/* z */";
        assert_eq!(
            tightened(css).trim(),
            "a>b,c{color:red;margin:calc(1rem * 2)}"
        );
    }

    #[test]
    fn the_scripts_stay_small() {
        let (page, add) = (FILES.script.bytes.len(), FILES.add_script.bytes.len());
        assert!(page <= 16 * 1024, "{page} bytes");
        assert!(add <= 24 * 1024, "{add} bytes");
    }
}
