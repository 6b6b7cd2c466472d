//! A visitor's receipt: what arrived whole and with which checksum, what has not, and
//! the way to take it back. Its address is the visitor's secret.

use std::{fmt::Write as _, sync::Arc, time::Duration};

use askama::Template;
use axum::{
    body::to_bytes,
    extract::{Query, Request, State, rejection::QueryRejection},
    http::{
        HeaderValue, StatusCode,
        header::{CONTENT_DISPOSITION, CONTENT_TYPE, LOCATION},
    },
    response::{Html, IntoResponse, Response},
};
use library::{LibraryError, Onward, Upload, UploadError, from_hex, hex};
use serde::Deserialize;
use tokio::time::timeout;

use crate::{
    album::title_of,
    files::{FILES, Files},
    notice::Refusal,
    phrases::Language,
    sender::{self, Sender},
    site::Site,
    visitor::{Visitor, blocking},
};

/// The largest form of files to withdraw, in bytes: two thousand items and some.
const FORM: usize = 96 * 1024;
/// How long it may take to arrive.
const PATIENCE: Duration = Duration::from_secs(30);

/// One file of the receipt.
struct Line {
    item: String,
    name: String,
    size: String,
    /// SHA-256 in hexadecimal; `None` while it is not whole.
    sum: Option<String>,
    /// When it arrived, or until when the rest may.
    when: String,
    withdrawable: bool,
}

#[derive(Template)]
#[template(path = "receipt.html", whitespace = "minimize")]
struct ReceiptPage<'a> {
    say: Language,
    files: &'a Files,
    heading: &'a str,
    title: String,
    base: &'a str,
    visitor: &'a str,
    token: String,
    /// What was just withdrawn, or why not.
    problem: Option<String>,
    sum: String,
    lines: Vec<Line>,
}

impl ReceiptPage<'_> {
    fn may_withdraw(&self) -> bool {
        self.lines.iter().any(|line| line.withdrawable)
    }
}

/// The query of a receipt's address.
#[derive(Deserialize)]
pub(crate) struct Asking {
    withdrawn: Option<u64>,
    late: Option<u64>,
    stale: Option<String>,
}

/// What a visitor calls themselves: 32 hexadecimal digits, in their address.
fn named(visitor: &Visitor) -> Result<(&str, [u8; 16]), Refusal> {
    let name = visitor.asked.pieces.get("visitor");
    let bytes = from_hex(name).ok_or(Refusal::nothing(visitor.asked.say))?;
    Ok((name, bytes))
}

async fn uploads(visitor: &Visitor, of: [u8; 16]) -> Result<Vec<Upload>, Refusal> {
    let access = visitor.access.clone();
    blocking(visitor.asked.say, move || access.uploads_of(of)).await
}

/// `…/receipt/{visitor}`
pub(crate) async fn receipt(
    State(site): State<Arc<Site>>,
    visitor: Visitor,
    asking: Result<Query<Asking>, QueryRejection>,
) -> Result<Response, Refusal> {
    let say = visitor.asked.say;
    let (name, of) = named(&visitor)?;
    let uploads = uploads(&visitor, of).await?;
    let base = &visitor.place.base();
    let problem = asking
        .ok()
        .and_then(|Query(asking)| match asking.withdrawn {
            Some(done) => Some(say.withdrawn(done, asking.late.unwrap_or(0))),
            None => asking.stale.map(|_| say.stale_receipt().to_owned()),
        });
    let page = ReceiptPage {
        say,
        files: &FILES,
        heading: say.receipt(),
        title: title_of(visitor.access.terms(), say),
        base,
        visitor: name,
        token: sender::token(&site.seal, base, visitor.asked.from, sender::now()),
        problem,
        sum: sum(&uploads, say),
        lines: uploads
            .into_iter()
            .map(|upload| Line::of(upload, say))
            .collect(),
    };
    let html = page.render().map_err(|_| Refusal::failed(say))?;
    Ok(Html(html).into_response())
}

/// `…/receipt/{visitor}/receipt.txt`: what `sha256sum --check` reads, too.
pub(crate) async fn text(visitor: Visitor) -> Result<Response, Refusal> {
    let say = visitor.asked.say;
    let (_, of) = named(&visitor)?;
    let uploads = uploads(&visitor, of).await?;
    let terms = visitor.access.terms();
    let from = match &*terms.from {
        "" => String::new(),
        from => say.from(from),
    };
    let title = title_of(terms, say);
    let mut text = format!(
        "# {}\n# {}\n",
        plain(&say.receipt_of(&title, &from)),
        sum(&uploads, say)
    );
    for line in uploads.into_iter().map(|upload| Line::of(upload, say)) {
        // Writing to a string cannot fail.
        let _ = match &line.sum {
            Some(sum) => writeln!(text, "{sum}  {}", plain(&line.name)),
            None => writeln!(text, "# {}: {}", plain(&line.name), line.when),
        };
    }
    let mime = HeaderValue::from_static("text/plain; charset=utf-8");
    let kept = HeaderValue::from_static("attachment; filename=\"receipt.txt\"");
    Ok(([(CONTENT_TYPE, mime), (CONTENT_DISPOSITION, kept)], text).into_response())
}

/// `POST …/receipt/{visitor}/withdraw`: takes back the files that a form names, or all.
pub(crate) async fn withdraw(
    State(site): State<Arc<Site>>,
    visitor: Visitor,
    request: Request,
) -> Result<Response, Refusal> {
    let (say, base) = (visitor.asked.say, &visitor.place.base());
    let (name, of) = named(&visitor)?;
    let sender = sender::of(request.headers(), &visitor.asked.origin());
    if sender == Sender::Foreign {
        return Err(Refusal::foreign(say));
    }
    let back = |query: String| {
        let target = format!("{base}/receipt/{name}?{query}");
        (StatusCode::SEE_OTHER, [(LOCATION, target)]).into_response()
    };
    let form = match timeout(PATIENCE, to_bytes(request.into_body(), FORM)).await {
        Ok(Ok(form)) => form,
        _ => return Ok(back("stale=1".into())),
    };
    let form = Form::of(&form);
    let from = visitor.asked.from;
    let held = sender::token_holds(form.token, &site.seal, base, from, sender::now());
    if sender == Sender::Unsure && !held {
        return Ok(back("stale=1".into()));
    }
    let mut wanted = uploads(&visitor, of).await?;
    wanted.retain(|upload| match form.all {
        true => upload.withdrawable,
        false => form.items.contains(&&*upload.item),
    });
    let access = visitor.access.clone();
    let (done, late) = blocking(say, move || {
        let (mut done, mut late) = (0, 0);
        for upload in wanted {
            match access.withdraw(&upload.item) {
                Ok(()) => done += 1,
                Err(LibraryError::Upload(UploadError::TooLate)) => late += 1,
                Err(error) => return Err(error),
            }
        }
        Ok((done, late))
    })
    .await?;
    Ok(back(format!("withdrawn={done}&late={late}")))
}

/// What a form of files to withdraw says. All values that matter are bare in it.
#[derive(Default)]
struct Form<'a> {
    token: &'a str,
    all: bool,
    items: Vec<&'a str>,
}

impl<'a> Form<'a> {
    fn of(form: &'a [u8]) -> Self {
        let mut told = Self::default();
        let pairs = std::str::from_utf8(form).unwrap_or_default().trim();
        for (name, value) in pairs.split('&').filter_map(|pair| pair.split_once('=')) {
            match name {
                "token" => told.token = value,
                "all" => told.all = true,
                "item" => told.items.push(value),
                _ => {}
            }
        }
        told
    }
}

impl Line {
    fn of(upload: Upload, say: Language) -> Self {
        let time = |at| say.time_of_instant(at).unwrap_or_default();
        let when = match upload.received_at {
            Some(at) => {
                let received = say.received_at(&time(at));
                match upload.onward {
                    Some(Onward::Waits) => format!("{received}; {}", say.waits_for_home()),
                    Some(Onward::Refused) => format!("{received}; {}", say.not_taken()),
                    Some(Onward::Taken) | None => received,
                }
            }
            None => say.unfinished(&say.size(upload.received), &time(upload.expires_at)),
        };
        Self {
            size: say.size(upload.bytes),
            sum: upload.sha256.map(|sum| hex(&sum)),
            when,
            withdrawable: upload.withdrawable,
            item: upload.item,
            name: upload.name,
        }
    }
}

/// `87 of 87 received and verified, 312 MB`
fn sum(uploads: &[Upload], say: Language) -> String {
    let whole = || uploads.iter().filter(|upload| upload.sha256.is_some());
    let bytes = whole().map(|upload| upload.bytes).sum();
    let (done, all) = (whole().count() as u64, uploads.len() as u64);
    format!("{}, {}", say.received(done, all), say.size(bytes))
}

/// One line, whatever is in it.
fn plain(name: &str) -> String {
    let plain = |letter: char| match letter.is_control() || letter == '\\' {
        true => '_',
        false => letter,
    };
    name.chars().map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_names_files_or_all() {
        let form = Form::of(b"token=0a&item=A-_1&item=B&other=1");
        assert_eq!((form.token, form.all), ("0a", false));
        assert_eq!(form.items, ["A-_1", "B"]);
        assert!(Form::of(b"all=1").all);
        assert!(Form::of(b"\xff").items.is_empty());
    }

    #[test]
    fn a_name_stays_on_its_line() {
        assert_eq!(plain("a\nb\\c\r.jpg"), "a_b_c_.jpg");
    }
}
