//! The pages that say no, each with what to do next. An address that opens
//! nothing always gets the same answer, whatever the cause.

use std::borrow::Cow;

use askama::Template;
use axum::{
    http::{
        HeaderName, HeaderValue, StatusCode,
        header::{CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER},
    },
    response::{Html, IntoResponse, Response},
};
use library::{LibraryError, Unsaid, UploadError};

use crate::{
    files::{FILES, Files},
    locked::LockedPage,
    phrases::Language,
};

#[derive(Template)]
#[template(path = "notice.html", whitespace = "minimize")]
struct NoticePage<'a> {
    say: Language,
    files: &'a Files,
    heading: &'a str,
    advice: Cow<'static, str>,
    /// An address that goes on, and what it says.
    onward: Option<(String, String)>,
}

/// Why a visitor does not get what they asked for.
#[derive(Debug)]
pub(crate) struct Refusal {
    say: Language,
    why: Why,
    onward: Option<(String, String)>,
}

#[derive(Debug)]
enum Why {
    Nothing,
    Locked(Box<LockedPage>),
    NeedsPassword,
    NeedsSeat,
    NotAllowed,
    Foreign,
    Misdirected,
    Malformed,
    NotAWay,
    Preparing,
    Away,
    Gathering {
        done: u64,
        files: u64,
    },
    Lacking {
        lacking: u64,
        converting: u64,
        files: u64,
        places: Vec<u64>,
    },
    NoneChosen,
    TooManyChosen,
    Unseen,
    Silent,
    StaleForm,
    Unheard,
    Flood {
        seconds: u64,
    },
    Unsaid(Unsaid),
    Failed,
    Upload(UploadError),
    Unreadable,
    AnotherVersion,
    NoneSent,
    Stalled,
    Busy,
}

/// What a refusal says in one sentence, for programs that show it themselves.
#[derive(Clone)]
struct Sentence(Cow<'static, str>);

impl Refusal {
    /// Unknown, expired, revoked, malformed: one and the same.
    pub(crate) fn nothing(say: Language) -> Self {
        Self::why(say, Why::Nothing)
    }

    /// A page behind a password: the form.
    pub(crate) fn locked(page: LockedPage) -> Self {
        Self::why(page.say, Why::Locked(Box::new(page)))
    }

    /// Bytes behind a password.
    pub(crate) fn needs_password(say: Language) -> Self {
        Self::why(say, Why::NeedsPassword)
    }

    /// Bytes of a link of which no seat was taken.
    pub(crate) fn needs_seat(say: Language) -> Self {
        Self::why(say, Why::NeedsSeat)
    }

    /// A form sent by another site.
    pub(crate) fn foreign(say: Language) -> Self {
        Self::why(say, Why::Foreign)
    }

    /// A `Host` that is not ours.
    pub(crate) fn misdirected(say: Language) -> Self {
        Self::why(say, Why::Misdirected)
    }

    /// A method outside the table.
    pub(crate) fn not_a_way(say: Language) -> Self {
        Self::why(say, Why::NotAWay)
    }

    /// A request without one readable `Host`.
    pub(crate) fn malformed(say: Language) -> Self {
        Self::why(say, Why::Malformed)
    }

    /// A download the link does not allow.
    pub(crate) fn not_allowed(say: Language) -> Self {
        Self::why(say, Why::NotAllowed)
    }

    /// An archive of no photo at all.
    pub(crate) fn none_chosen(say: Language) -> Self {
        Self::why(say, Why::NoneChosen)
    }

    /// More photos than can be chosen one by one.
    pub(crate) fn too_many_chosen(say: Language) -> Self {
        Self::why(say, Why::TooManyChosen)
    }

    /// A file that does not come in.
    pub(crate) fn upload(why: UploadError, say: Language) -> Self {
        Self::why(say, Why::Upload(why))
    }

    /// Headers or a form that say nothing sensible.
    pub(crate) fn unreadable(say: Language) -> Self {
        Self::why(say, Why::Unreadable)
    }

    /// Another version of the upload protocol.
    pub(crate) fn another_version(say: Language) -> Self {
        Self::why(say, Why::AnotherVersion)
    }

    /// A form without a file.
    pub(crate) fn none_sent(say: Language) -> Self {
        Self::why(say, Why::NoneSent)
    }

    /// Nothing came for too long.
    pub(crate) fn stalled(say: Language) -> Self {
        Self::why(say, Why::Stalled)
    }

    /// Too many at once.
    pub(crate) fn busy(say: Language) -> Self {
        Self::why(say, Why::Busy)
    }

    /// A link whose terms let nobody comment.
    pub(crate) fn silent(say: Language) -> Self {
        Self::why(say, Why::Silent)
    }

    /// A form of a page that was read too long ago, or elsewhere.
    pub(crate) fn stale(say: Language) -> Self {
        Self::why(say, Why::StaleForm)
    }

    /// A comment that cannot be read.
    pub(crate) fn unheard(say: Language) -> Self {
        Self::why(say, Why::Unheard)
    }

    /// Too much was said at once.
    pub(crate) fn flood(say: Language, seconds: u64) -> Self {
        Self::why(say, Why::Flood { seconds })
    }

    /// The library could not be read.
    pub(crate) fn failed(say: Language) -> Self {
        Self::why(say, Why::Failed)
    }

    /// What the library's refusal means to a visitor.
    pub(crate) fn of(error: &LibraryError, say: Language) -> Self {
        let why = match error {
            // What the terms forbid is asked before; here the link itself has ended.
            LibraryError::Refused => Why::Nothing,
            LibraryError::Converting => Why::Preparing,
            LibraryError::Unseen(_) => Why::Unseen,
            LibraryError::Unsaid(why) => Why::Unsaid(*why),
            LibraryError::Preparing { done, files } => Why::Gathering {
                done: *done,
                files: *files,
            },
            LibraryError::Lacking {
                lacking,
                converting,
                files,
                places,
            } => Why::Lacking {
                lacking: *lacking,
                converting: *converting,
                files: *files,
                places: places.clone(),
            },
            LibraryError::Upload(error) => Why::Upload(*error),
            LibraryError::NotHere { .. } | LibraryError::AtStore { .. } => Why::Away,
            LibraryError::DiskFull => Why::Upload(UploadError::NoRoom),
            _ => Why::Failed,
        };
        Self::why(say, why)
    }

    fn why(say: Language, why: Why) -> Self {
        Self {
            say,
            why,
            onward: None,
        }
    }

    /// With the address of the rest, where only some of it is lacking.
    pub(crate) fn or_rest(self, address: String) -> Self {
        let onward = match self.why {
            Why::Lacking { lacking, files, .. } if lacking < files => {
                Some((address, self.say.download_rest(files - lacking)))
            }
            _ => None,
        };
        Self { onward, ..self }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let say = self.say;
        // How long a busy answer stays true, in seconds: a conversion is soon done.
        let again = match self.why {
            Why::Preparing => 10,
            Why::Gathering { .. } => 5,
            Why::Flood { seconds } => seconds,
            _ => 60,
        };
        let comes_by_itself = matches!(self.why, Why::Gathering { .. });
        let (status, heading, advice): (_, _, Cow<'static, str>) = match self.why {
            Why::Locked(page) => return page.into_response(),
            Why::Nothing => (
                StatusCode::NOT_FOUND,
                say.nothing(),
                say.nothing_advice().into(),
            ),
            Why::NeedsPassword => (
                StatusCode::UNAUTHORIZED,
                say.locked(),
                say.needs_password_advice().into(),
            ),
            Why::NeedsSeat => (
                StatusCode::UNAUTHORIZED,
                say.few(),
                say.needs_seat_advice().into(),
            ),
            Why::NotAllowed => (
                StatusCode::FORBIDDEN,
                say.not_allowed(),
                say.not_allowed_advice().into(),
            ),
            Why::Foreign => (
                StatusCode::FORBIDDEN,
                say.foreign(),
                say.foreign_advice().into(),
            ),
            Why::Misdirected => (
                StatusCode::MISDIRECTED_REQUEST,
                say.misdirected(),
                say.misdirected_advice().into(),
            ),
            Why::Malformed => (
                StatusCode::BAD_REQUEST,
                say.misdirected(),
                say.misdirected_advice().into(),
            ),
            Why::NotAWay => (
                StatusCode::METHOD_NOT_ALLOWED,
                say.not_a_way(),
                say.not_a_way_advice().into(),
            ),
            Why::Preparing => (
                StatusCode::SERVICE_UNAVAILABLE,
                say.preparing(),
                say.preparing_advice().into(),
            ),
            Why::Away => (
                StatusCode::SERVICE_UNAVAILABLE,
                say.away(),
                say.away_advice().into(),
            ),
            Why::Gathering { done, files } => (
                StatusCode::SERVICE_UNAVAILABLE,
                say.gathering(),
                say.gathering_advice(done, files).into(),
            ),
            Why::Lacking {
                lacking,
                converting,
                files,
                places,
            } => (
                // What is converted comes by itself; the rest is to be left out.
                match lacking == converting {
                    true => StatusCode::SERVICE_UNAVAILABLE,
                    false => StatusCode::CONFLICT,
                },
                say.lacking(),
                say.lacking_advice(lacking, converting, files, &places)
                    .into(),
            ),
            Why::NoneChosen => (
                StatusCode::BAD_REQUEST,
                say.none_chosen(),
                say.none_chosen_advice().into(),
            ),
            Why::TooManyChosen => (
                StatusCode::PAYLOAD_TOO_LARGE,
                say.too_many_chosen(),
                say.too_many_chosen_advice().into(),
            ),
            Why::Unseen => (
                StatusCode::NOT_FOUND,
                say.unseen(),
                say.unseen_advice().into(),
            ),
            Why::Silent => (
                StatusCode::FORBIDDEN,
                say.unsaid(),
                say.silent_advice().into(),
            ),
            Why::StaleForm => (
                StatusCode::FORBIDDEN,
                say.unsaid(),
                say.stale_form_advice().into(),
            ),
            Why::Unheard => (
                StatusCode::BAD_REQUEST,
                say.unsaid(),
                say.unheard_advice().into(),
            ),
            Why::Flood { seconds } => (
                StatusCode::TOO_MANY_REQUESTS,
                say.unsaid(),
                say.flood_advice(seconds).into(),
            ),
            Why::Unsaid(why) => (
                match why {
                    Unsaid::Full(_) => StatusCode::CONFLICT,
                    _ => StatusCode::BAD_REQUEST,
                },
                say.unsaid(),
                say.unsaid_advice(why).into(),
            ),
            Why::Failed => (
                StatusCode::SERVICE_UNAVAILABLE,
                say.failed(),
                say.failed_advice().into(),
            ),
            Why::Upload(error) => (
                status_of(error),
                say.not_received(),
                say.not_received_advice(error),
            ),
            Why::Unreadable => (
                StatusCode::BAD_REQUEST,
                say.not_received(),
                say.unreadable_upload().into(),
            ),
            Why::AnotherVersion => (
                StatusCode::PRECONDITION_FAILED,
                say.not_received(),
                say.unreadable_upload().into(),
            ),
            Why::NoneSent => (
                StatusCode::BAD_REQUEST,
                say.not_received(),
                say.none_sent().into(),
            ),
            Why::Stalled => (
                StatusCode::REQUEST_TIMEOUT,
                say.not_received(),
                say.stalled().into(),
            ),
            Why::Busy => (
                StatusCode::SERVICE_UNAVAILABLE,
                say.not_received(),
                say.busy().into(),
            ),
        };
        let sentence = Sentence(advice.clone());
        let page = NoticePage {
            say,
            files: &FILES,
            heading,
            advice,
            onward: self.onward,
        };
        // A template of constants has nothing that can fail; were it to, the
        // status still says what matters.
        let mut response = (status, Html(page.render().unwrap_or_default())).into_response();
        let later = [
            StatusCode::SERVICE_UNAVAILABLE,
            StatusCode::TOO_MANY_REQUESTS,
        ];
        if later.contains(&status) {
            response
                .headers_mut()
                .insert(RETRY_AFTER, HeaderValue::from(again));
        }
        response.extensions_mut().insert(sentence);
        if comes_by_itself {
            let refresh = HeaderName::from_static("refresh");
            response
                .headers_mut()
                .insert(refresh, HeaderValue::from(again));
        }
        response
    }
}

/// A refusal as plain text, where it is one.
pub(crate) fn as_sentence(mut response: Response) -> Response {
    if let Some(Sentence(sentence)) = response.extensions_mut().remove() {
        let (mut parts, _) = response.into_parts();
        let plain = HeaderValue::from_static("text/plain; charset=utf-8");
        parts.headers.insert(CONTENT_TYPE, plain);
        parts.headers.remove(CONTENT_LENGTH);
        return Response::from_parts(parts, sentence.into_owned().into());
    }
    response
}

/// How a client of the upload protocol is told.
fn status_of(error: UploadError) -> StatusCode {
    match error {
        UploadError::TooMany(_) | UploadError::TooMuch(_) | UploadError::TooLate => {
            StatusCode::FORBIDDEN
        }
        UploadError::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
        UploadError::NoRoom => StatusCode::INSUFFICIENT_STORAGE,
        UploadError::Kind => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        UploadError::Offset(_) => StatusCode::CONFLICT,
        UploadError::Expired => StatusCode::GONE,
        // The protocol's own, «Checksum Mismatch».
        UploadError::Checksum => StatusCode::from_u16(460).unwrap_or(StatusCode::CONFLICT),
    }
}
