//! What a page tells of its visitor's gestures, for the owner's numbers. It is always
//! answered alike, whether it was counted or not.

use std::time::Duration;

use axum::{
    Form,
    extract::{FromRequest, Request},
    http::{HeaderMap, StatusCode, header::USER_AGENT},
    response::{IntoResponse, Response},
};
use library::{Deed, from_hex};
use serde::Deserialize;
use tokio::time::timeout;

use crate::{
    notice::Refusal,
    sender::{self, Sender},
    visitor::{Visitor, blocking},
};

/// How long it may take to arrive.
const PATIENCE: Duration = Duration::from_secs(10);
/// What programs that fetch pages by themselves call themselves.
const BOTS: [&str; 14] = [
    "bot",
    "crawl",
    "spider",
    "preview",
    "fetch",
    "scan",
    "curl",
    "wget",
    "python",
    "httpclient",
    "facebookexternalhit",
    "whatsapp/",
    "headless",
    "lighthouse",
];

#[derive(Deserialize)]
struct Fields {
    visit: String,
    deed: String,
    #[serde(default)]
    count: Option<u32>,
}

impl Fields {
    fn deed(&self) -> Option<Deed> {
        match &*self.deed {
            "open" => Some(Deed::Opened),
            "photo" => Some(Deed::Photo),
            "download" => Some(Deed::Download(self.count.unwrap_or(1))),
            _ => None,
        }
    }

    /// The page's word: 32 hexadecimal digits.
    fn token(&self) -> Option<[u8; 16]> {
        from_hex(&self.visit)
    }
}

/// `POST …/note`
pub(crate) async fn note(visitor: Visitor, request: Request) -> Result<Response, Refusal> {
    let say = visitor.asked.say;
    let sender = sender::of(request.headers(), &visitor.asked.origin());
    if sender == Sender::Foreign {
        return Err(Refusal::foreign(say));
    }
    let agent = agent(request.headers());
    let form = timeout(PATIENCE, Form::<Fields>::from_request(request, &())).await;
    let told = match form {
        Ok(Ok(Form(fields))) => fields.token().zip(fields.deed()),
        _ => None,
    };
    // Where the browser does not say whose page it was, nothing is counted.
    let Some((token, deed)) = told.filter(|_| sender == Sender::Own && !is_bot(&agent)) else {
        return Ok(StatusCode::NO_CONTENT.into_response());
    };
    let access = visitor.access;
    blocking(say, move || access.note(token, &device(&agent), deed)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn agent(headers: &HeaderMap) -> String {
    let agent = headers
        .get(USER_AGENT)
        .and_then(|value| value.to_str().ok());
    agent.unwrap_or_default().to_ascii_lowercase()
}

fn is_bot(agent: &str) -> bool {
    agent.is_empty() || BOTS.iter().any(|bot| agent.contains(bot))
}

/// «Safari on an iPhone», of a browser's own name in small letters.
fn device(agent: &str) -> String {
    let first = |names: &[(&'static str, &'static str)]| {
        let mut names = names.iter();
        names
            .find(|(word, _)| agent.contains(word))
            .map(|(_, name)| *name)
    };
    // Most browsers name others too; the rarer name is the right one.
    let browser = first(&[
        ("instagram", "Instagram"),
        ("fban", "Facebook"),
        ("edg", "Edge"),
        ("opr/", "Opera"),
        ("samsungbrowser", "Samsung Internet"),
        ("firefox", "Firefox"),
        ("fxios", "Firefox"),
        ("crios", "Chrome"),
        ("chrome", "Chrome"),
        ("safari", "Safari"),
    ]);
    let system = first(&[
        ("iphone", "an iPhone"),
        ("ipad", "an iPad"),
        ("android", "Android"),
        ("windows", "Windows"),
        ("mac os", "a Mac"),
        ("cros", "ChromeOS"),
        ("linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => "A browser".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_told_by_their_own_names() {
        for (agent, name) in [
            (
                "mozilla/5.0 (iphone; cpu iphone os 18_0 like mac os x) applewebkit/605.1.15 \
                 (khtml, like gecko) version/18.0 mobile/15e148 safari/604.1",
                "Safari on an iPhone",
            ),
            (
                "mozilla/5.0 (windows nt 10.0; win64; x64) applewebkit/537.36 (khtml, like gecko) \
                 chrome/140.0 safari/537.36 edg/140.0",
                "Edge on Windows",
            ),
            (
                "mozilla/5.0 (x11; linux x86_64; rv:140.0) gecko/20100101 firefox/140.0",
                "Firefox on Linux",
            ),
            ("something", "A browser"),
        ] {
            assert_eq!(device(agent), name);
            assert!(!is_bot(agent), "{agent}");
        }
        for bot in [
            "",
            "whatsapp/2.23",
            "twitterbot/1.0",
            "curl/8.0",
            "googlebot",
        ] {
            assert!(is_bot(bot), "{bot}");
        }
    }

    #[test]
    fn a_visit_is_a_word_of_the_pages_own() {
        let token = |visit: &str| {
            Fields {
                visit: visit.to_owned(),
                deed: String::new(),
                count: None,
            }
            .token()
        };
        assert_eq!(token(&"0a".repeat(16)), Some([0x0a; 16]));
        for bad in [
            "",
            "0a",
            &"0a".repeat(17),
            &"zz".repeat(16),
            &format!("+{}", "a".repeat(31)),
        ] {
            assert_eq!(token(bad), None, "{bad}");
        }
    }
}
