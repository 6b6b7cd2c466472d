//! The door of a link, from outside: the form that asks for the password, takes a seat,
//! or both, and the answer to it. Nothing of the album is on it, neither name nor count
//! nor picture; and to fetch it takes nothing.

use std::{sync::Arc, time::Duration};

use askama::Template;
use axum::{
    Form,
    extract::{FromRequest, Request, State},
    http::{
        HeaderValue, StatusCode,
        header::{LOCATION, RETRY_AFTER, SET_COOKIE},
    },
    response::{Html, IntoResponse, Response},
};
use library::{LockedLink, Pass, Unlock};
use serde::Deserialize;
use tokio::time::timeout;

use crate::{
    card::Card,
    files::{FILES, Files},
    notice::Refusal,
    phrases::Language,
    sender::{self, Sender},
    site::{Asked, Site},
    visitor::{self, Door, blocking, cookie_name},
};

/// How long the form may take to arrive.
const PATIENCE: Duration = Duration::from_secs(30);

/// The page with the form.
#[derive(Debug, Template)]
#[template(path = "locked.html", whitespace = "minimize")]
pub(crate) struct LockedPage {
    /// The visitor's language.
    pub(crate) say: Language,
    files: &'static Files,
    heading: &'static str,
    card: Card,
    base: String,
    /// The photo to go on to, when its address was opened.
    item: Option<String>,
    token: String,
    asks_password: bool,
    wants_seat: bool,
    /// There is nothing to be sent: all seats are taken.
    is_closed: bool,
    problem: Option<String>,
    status: StatusCode,
    retry_seconds: Option<u64>,
}

impl LockedPage {
    /// The form before any try.
    pub(crate) fn fresh(
        lock: &LockedLink,
        asked: &Asked,
        base: String,
        item: Option<String>,
        seal: &[u8; 32],
    ) -> Self {
        // A password is asked for first: whether there is room is for those who know it.
        let is_closed = lock.is_full() && !lock.asks_password();
        Self {
            say: asked.say,
            files: &FILES,
            heading: asked.say.generic(),
            card: Card::generic(asked, &base),
            token: sender::token(seal, &base, asked.from, sender::now()),
            item: item.filter(|item| is_item(item)),
            base,
            asks_password: lock.asks_password(),
            wants_seat: lock.wants_seat(),
            is_closed,
            problem: is_closed.then(|| asked.say.full().into()),
            status: StatusCode::OK,
            retry_seconds: None,
        }
    }

    fn with(mut self, status: StatusCode, problem: impl Into<String>) -> Self {
        self.status = status;
        self.problem = Some(problem.into());
        self
    }

    /// All seats were taken meanwhile.
    fn closed(mut self) -> Self {
        self.is_closed = true;
        self
    }

    /// The form is to be sent once more.
    fn stale(self) -> Self {
        let words = match self.asks_password {
            true => self.say.stale(),
            false => self.say.stale_door(),
        };
        self.with(StatusCode::FORBIDDEN, words)
    }

    fn retry(mut self, seconds: u64) -> Self {
        self.retry_seconds = Some(seconds);
        self
    }
}

/// Whether `text` could be a photo's id: such text is safe in any address.
fn is_item(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

impl IntoResponse for LockedPage {
    fn into_response(self) -> Response {
        let Ok(html) = self.render() else {
            return Refusal::failed(self.say).into_response();
        };
        let mut response = (self.status, Html(html)).into_response();
        if let Some(seconds) = self.retry_seconds {
            response
                .headers_mut()
                .insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

#[derive(Deserialize)]
struct Fields {
    #[serde(default)]
    password: Option<String>,
    #[serde(default)]
    photo: Option<String>,
    #[serde(default)]
    form: String,
}

/// `POST …/unlock`: a right password, a free seat, or both set the cookie and lead to
/// the album.
pub(crate) async fn unlock(
    State(site): State<Arc<Site>>,
    door: Door,
    request: Request,
) -> Result<Response, Refusal> {
    let Door { lock, place, asked } = door;
    let base = place.base();
    let sender = sender::of(request.headers(), &asked.origin());
    if sender == Sender::Foreign {
        return Err(Refusal::foreign(asked.say));
    }
    let Some(lock) = lock else {
        return Ok(onward(&base, None));
    };
    let is_sure = sender == Sender::Own && sender::is_told(request.headers());
    if lock.wants_seat() && !carries(&request, &base, asked.https) {
        // A browser that keeps no cookie would take a seat with each press.
        return match request.uri().query() {
            None => try_cookie(&base, &asked),
            Some(_) => {
                let page = LockedPage::fresh(&lock, &asked, base, None, &site.seal);
                let page = page.with(StatusCode::FORBIDDEN, asked.say.no_cookie());
                Ok(page.into_response())
            }
        };
    }
    let form = timeout(PATIENCE, Form::<Fields>::from_request(request, &())).await;
    let page = |item| LockedPage::fresh(&lock, &asked, base.clone(), item, &site.seal);
    let fields = match form {
        Ok(Ok(Form(fields))) => Some(fields),
        _ => None,
    };
    let readable = |fields: &Fields| fields.password.is_some() || !lock.asks_password();
    let Some(Fields {
        password,
        photo,
        form,
    }) = fields.filter(readable)
    else {
        let page = page(None).with(StatusCode::BAD_REQUEST, asked.say.unreadable());
        return Ok(page.into_response());
    };
    let photo = photo.filter(|photo| is_item(photo));
    let page = page(photo.clone());
    let held = sender::token_holds(&form, &site.seal, &base, asked.from, sender::now());
    // A seat is gone for good: what is no browser has to have read the page first.
    let is_enough = is_sure || held || (sender == Sender::Own && !lock.wants_seat());
    if !is_enough {
        return Ok(page.stale().into_response());
    }
    let is_slow = lock.asks_password();
    let password = password.unwrap_or_default();
    let check = {
        let library = Arc::clone(&site.library);
        move || library.unlock(&lock, &password, asked.from)
    };
    let answer = match is_slow {
        true => site.gate.run(check).await,
        false => Ok(blocking(asked.say, check).await.map(Ok)?),
    };
    let page = match answer {
        Ok(Ok(Unlock::Opened(pass))) => {
            let mut response = onward(&base, photo);
            set_cookie(&mut response, &base, &asked, &pass)?;
            return Ok(response);
        }
        Ok(Ok(Unlock::Full)) => page.closed().with(StatusCode::FORBIDDEN, asked.say.full()),
        Ok(Ok(Unlock::Wrong)) => page.with(StatusCode::FORBIDDEN, asked.say.wrong()),
        Ok(Ok(Unlock::Wait { seconds })) => page
            .with(StatusCode::TOO_MANY_REQUESTS, asked.say.wait(seconds))
            .retry(seconds.max(1)),
        Ok(Err(error)) => return Err(Refusal::of(&error, asked.say)),
        Err(_) => page
            .with(StatusCode::SERVICE_UNAVAILABLE, asked.say.busy())
            .retry(3),
    };
    Ok(page.into_response())
}

/// Sends the form again with a cookie that says nothing, to see whether it comes back.
fn try_cookie(base: &str, asked: &Asked) -> Result<Response, Refusal> {
    let again = format!("{base}/unlock?cookie");
    let mut response = (StatusCode::TEMPORARY_REDIRECT, [(LOCATION, again)]).into_response();
    let nothing = Pass {
        value: "-".into(),
        max_age_seconds: 60,
    };
    set_cookie(&mut response, base, asked, &nothing)?;
    Ok(response)
}

fn carries(request: &Request, base: &str, https: bool) -> bool {
    visitor::cookie(request.headers(), &cookie_name(base, https)).is_some()
}

fn set_cookie(
    response: &mut Response,
    base: &str,
    asked: &Asked,
    pass: &Pass,
) -> Result<(), Refusal> {
    let cookie = HeaderValue::from_str(&cookie(base, asked.https, pass))
        .map_err(|_| Refusal::failed(asked.say))?;
    response.headers_mut().insert(SET_COOKIE, cookie);
    Ok(())
}

fn onward(base: &str, item: Option<String>) -> Response {
    let target = match item {
        Some(item) => format!("{base}/photo/{item}"),
        None => base.to_owned(),
    };
    (StatusCode::SEE_OTHER, [(LOCATION, target)]).into_response()
}

fn cookie(base: &str, https: bool, pass: &Pass) -> String {
    let name = cookie_name(base, https);
    let (path, secure) = if https { ("/", "; Secure") } else { (base, "") };
    format!(
        "{name}={}; Path={path}; Max-Age={}; HttpOnly; SameSite=Lax{secure}",
        pass.value, pass.max_age_seconds
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_is_bound_to_its_link() {
        let pass = Pass {
            value: "v".into(),
            max_age_seconds: 60,
        };
        assert_eq!(
            cookie("/share/k", false, &pass),
            "albumen=v; Path=/share/k; Max-Age=60; HttpOnly; SameSite=Lax"
        );
        let https = cookie("/share/k", true, &pass);
        assert!(https.starts_with("__Host-albumen-"), "{https}");
        assert!(https.ends_with("; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure"));
        assert_ne!(cookie_name("/share/k", true), cookie_name("/share/l", true));
    }

    #[test]
    fn only_an_id_is_led_on_to() {
        assert!(is_item("AbC-_0123456789abcdefg"));
        for bad in ["", "a/../b", "a b", "ä", "//evil.example"] {
            assert!(!is_item(bad), "{bad}");
        }
    }
}
