//! The pages that say no, each with what to do next. An address that opens
//! nothing always gets the same answer, whatever the cause.

use askama::Template;
use axum::{
    Extension,
    http::{HeaderValue, StatusCode, header::RETRY_AFTER},
    response::{Html, IntoResponse, Response},
};
use library::LibraryError;

use crate::{
    files::{FILES, Files},
    locked::LockedPage,
    phrases::Language,
    site::Asked,
};

#[derive(Template)]
#[template(path = "notice.html", whitespace = "minimize")]
struct NoticePage<'a> {
    say: Language,
    files: &'a Files,
    heading: &'a str,
    advice: &'a str,
}

/// Why a visitor does not get what they asked for.
#[derive(Debug)]
pub(crate) struct Refusal {
    say: Language,
    why: Why,
}

#[derive(Debug)]
enum Why {
    Nothing,
    Locked(Box<LockedPage>),
    NeedsPassword,
    NotAllowed,
    Foreign,
    Misdirected,
    Malformed,
    NotAWay,
    Preparing,
    Unseen,
    Failed,
}

impl Refusal {
    /// Unknown, expired, revoked, malformed: one and the same.
    pub(crate) fn nothing(say: Language) -> Self {
        Self {
            say,
            why: Why::Nothing,
        }
    }

    /// A page behind a password: the form.
    pub(crate) fn locked(page: LockedPage) -> Self {
        Self {
            say: page.say,
            why: Why::Locked(Box::new(page)),
        }
    }

    /// Bytes behind a password.
    pub(crate) fn needs_password(say: Language) -> Self {
        Self {
            say,
            why: Why::NeedsPassword,
        }
    }

    /// A form sent by another site.
    pub(crate) fn foreign(say: Language) -> Self {
        Self {
            say,
            why: Why::Foreign,
        }
    }

    /// A `Host` that is not ours.
    pub(crate) fn misdirected(say: Language) -> Self {
        Self {
            say,
            why: Why::Misdirected,
        }
    }

    /// A request without one readable `Host`.
    pub(crate) fn malformed(say: Language) -> Self {
        Self {
            say,
            why: Why::Malformed,
        }
    }

    /// A download the link does not allow.
    pub(crate) fn not_allowed(say: Language) -> Self {
        Self {
            say,
            why: Why::NotAllowed,
        }
    }

    /// The library could not be read.
    pub(crate) fn failed(say: Language) -> Self {
        Self {
            say,
            why: Why::Failed,
        }
    }

    /// What the library's refusal means to a visitor.
    pub(crate) fn of(error: &LibraryError, say: Language) -> Self {
        let why = match error {
            // What the terms forbid is asked before; here the link itself has ended.
            LibraryError::Refused => Why::Nothing,
            LibraryError::Converting => Why::Preparing,
            LibraryError::Unseen(_) => Why::Unseen,
            _ => Why::Failed,
        };
        Self { say, why }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let say = self.say;
        // How long a busy answer stays true, in seconds: a conversion is soon done.
        let again = match self.why {
            Why::Preparing => "10",
            _ => "60",
        };
        let (status, heading, advice) = match self.why {
            Why::Locked(page) => return page.into_response(),
            Why::Nothing => (StatusCode::NOT_FOUND, say.nothing(), say.nothing_advice()),
            Why::NeedsPassword => (
                StatusCode::UNAUTHORIZED,
                say.locked(),
                say.needs_password_advice(),
            ),
            Why::NotAllowed => (
                StatusCode::FORBIDDEN,
                say.not_allowed(),
                say.not_allowed_advice(),
            ),
            Why::Foreign => (StatusCode::FORBIDDEN, say.foreign(), say.foreign_advice()),
            Why::Misdirected => (
                StatusCode::MISDIRECTED_REQUEST,
                say.misdirected(),
                say.misdirected_advice(),
            ),
            Why::Malformed => (
                StatusCode::BAD_REQUEST,
                say.misdirected(),
                say.misdirected_advice(),
            ),
            Why::NotAWay => (
                StatusCode::METHOD_NOT_ALLOWED,
                say.not_a_way(),
                say.not_a_way_advice(),
            ),
            Why::Preparing => (
                StatusCode::SERVICE_UNAVAILABLE,
                say.preparing(),
                say.preparing_advice(),
            ),
            Why::Unseen => (StatusCode::NOT_FOUND, say.unseen(), say.unseen_advice()),
            Why::Failed => (
                StatusCode::SERVICE_UNAVAILABLE,
                say.failed(),
                say.failed_advice(),
            ),
        };
        let page = NoticePage {
            say,
            files: &FILES,
            heading,
            advice,
        };
        // A template of constants has nothing that can fail; were it to, the
        // status still says what matters.
        let mut response = (status, Html(page.render().unwrap_or_default())).into_response();
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response
                .headers_mut()
                .insert(RETRY_AFTER, HeaderValue::from_static(again));
        }
        response
    }
}

/// Answers every path outside the table.
pub(crate) async fn nowhere(Extension(asked): Extension<Asked>) -> Refusal {
    Refusal::nothing(asked.say)
}

/// Answers every method outside the table.
pub(crate) async fn not_a_way(Extension(asked): Extension<Asked>) -> Refusal {
    Refusal {
        say: asked.say,
        why: Why::NotAWay,
    }
}
