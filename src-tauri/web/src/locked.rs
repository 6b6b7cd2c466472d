//! A link with a password, from outside: the form, and the answer to a password.
//! Nothing of the album is on it, neither name nor count nor picture.

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
use library::{Pass, Unlock};
use serde::Deserialize;
use tokio::time::timeout;

use crate::{
    card::Card,
    files::{FILES, Files},
    notice::Refusal,
    phrases::Language,
    sender::{self, Sender},
    site::{Asked, Site},
    visitor::{Door, Place, cookie_name},
};

/// How long the form may take to arrive.
const PATIENCE: Duration = Duration::from_secs(30);

/// The page with the password form.
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
    problem: Option<String>,
    status: StatusCode,
    retry_seconds: Option<u64>,
}

impl LockedPage {
    /// The form before any try.
    pub(crate) fn fresh(
        asked: &Asked,
        base: String,
        item: Option<String>,
        seal: &[u8; 32],
    ) -> Self {
        Self {
            say: asked.say,
            files: &FILES,
            heading: asked.say.generic(),
            card: Card::generic(asked, &base),
            token: sender::token(seal, &base, asked.from, sender::now()),
            item: item.filter(|item| is_item(item)),
            base,
            problem: None,
            status: StatusCode::OK,
            retry_seconds: None,
        }
    }

    fn with(mut self, status: StatusCode, problem: impl Into<String>) -> Self {
        self.status = status;
        self.problem = Some(problem.into());
        self
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
    password: String,
    #[serde(default)]
    photo: Option<String>,
    #[serde(default)]
    form: String,
}

/// `POST …/unlock`: a right password sets the cookie and leads to the album.
pub(crate) async fn unlock(
    State(site): State<Arc<Site>>,
    door: Door,
    request: Request,
) -> Result<Response, Refusal> {
    let Door {
        lock,
        place: Place { base, .. },
        asked,
    } = door;
    let sender = sender::of(request.headers(), &asked.origin);
    if sender == Sender::Foreign {
        return Err(Refusal::foreign(asked.say));
    }
    let Some(lock) = lock else {
        return Ok(onward(&base, None));
    };
    let form = timeout(PATIENCE, Form::<Fields>::from_request(request, &())).await;
    let page = |item| LockedPage::fresh(&asked, base.clone(), item, &site.seal);
    let Ok(Ok(Form(Fields {
        password,
        photo,
        form,
    }))) = form
    else {
        let page = page(None).with(StatusCode::BAD_REQUEST, asked.say.unreadable());
        return Ok(page.into_response());
    };
    let photo = photo.filter(|photo| is_item(photo));
    let page = page(photo.clone());
    let held = sender::token_holds(&form, &site.seal, &base, asked.from, sender::now());
    if sender == Sender::Unsure && !held {
        return Ok(page
            .with(StatusCode::FORBIDDEN, asked.say.stale())
            .into_response());
    }
    let check = {
        let library = Arc::clone(&site.library);
        move || library.unlock(&lock, &password, asked.from)
    };
    let page = match site.gate.run(check).await {
        Ok(Ok(Unlock::Opened(pass))) => {
            let mut response = onward(&base, photo);
            let cookie = HeaderValue::from_str(&cookie(&base, asked.https, &pass))
                .map_err(|_| Refusal::failed(asked.say))?;
            response.headers_mut().insert(SET_COOKIE, cookie);
            return Ok(response);
        }
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
