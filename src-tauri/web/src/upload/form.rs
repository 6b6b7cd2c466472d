//! Uploads by a plain form, from a browser without scripts: all files in one request,
//! none of which can be resumed.

use std::{sync::Arc, time::Duration};

use axum::{
    body::Bytes,
    extract::{
        FromRequest, Multipart, Request,
        multipart::{Field, MultipartError},
    },
    http::{StatusCode, header::CONTENT_LENGTH, header::LOCATION},
    response::{IntoResponse, Response},
};
use library::{Access, LibraryError, NewUpload, from_hex, hex};
use tokio::{task::spawn_blocking, time::timeout};

use crate::{
    notice::Refusal,
    phrases::Language,
    pulse::Pulse,
    sender::{self, Sender},
    site::Site,
    visitor::{Visitor, blocking},
};

/// How long a visitor may send nothing.
const STALL: Duration = Duration::from_secs(30);
/// Bytes of a field that is no file.
const LONGEST_FIELD: usize = 1_024;
/// More fields that are no files a page of ours does not send.
const MOST_FIELDS: u32 = 8;
/// Bytes that are written at once.
const PIECE: usize = 1 << 20;

/// Takes the files of a form, and leads to their receipt.
pub(super) async fn receive(
    site: Arc<Site>,
    visitor: Visitor,
    sender: Sender,
    request: Request,
) -> Result<Response, Refusal> {
    let say = visitor.asked.say;
    let base = visitor.place.base();
    let length = request
        .headers()
        .get(CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse().ok())
        .unwrap_or(u64::MAX);
    let mut form = Multipart::from_request(request, &site)
        .await
        .map_err(|_| Refusal::unreadable(say))?;
    let mut sending = Sending {
        access: visitor.access.clone(),
        say,
        pulse: visitor.asked.pulse.clone(),
        length,
        visitor: rand::random(),
        visitor_name: String::new(),
    };
    let mut trusted = sender == Sender::Own;
    let mut files = 0_u32;
    let mut fields = 0;
    while let Some(mut field) = sending.heard(form.next_field()).await? {
        let is_file = field.file_name().is_some_and(|name| !name.is_empty());
        fields += u32::from(!is_file);
        if fields > MOST_FIELDS {
            return Err(Refusal::unreadable(say));
        }
        match field.name().unwrap_or_default() {
            "visitor" => {
                let text = sending.text(&mut field).await?;
                sending.visitor = from_hex(&text).ok_or(Refusal::unreadable(say))?;
            }
            "name" => sending.visitor_name = sending.text(&mut field).await?,
            "token" => {
                let token = sending.text(&mut field).await?;
                let from = visitor.asked.from;
                trusted |= sender::token_holds(&token, &site.seal, &base, from, sender::now());
            }
            "files" if !trusted => return Err(Refusal::foreign(say)),
            "files" if is_file => {
                let _place = site
                    .arrivals
                    .place(&sending.visitor, visitor.asked.from)
                    .await
                    .ok_or(Refusal::busy(say))?;
                sending.file(&mut field).await?;
                files += 1;
            }
            // A field for files in which none was chosen.
            "files" => {}
            _ => return Err(Refusal::unreadable(say)),
        }
    }
    if files == 0 {
        return Err(Refusal::none_sent(say));
    }
    let visitor = hex(&sending.visitor);
    Ok((
        StatusCode::SEE_OTHER,
        [(LOCATION, format!("{base}/receipt/{visitor}"))],
    )
        .into_response())
}

/// One form on its way.
struct Sending {
    access: Access,
    say: Language,
    pulse: Option<Arc<Pulse>>,
    /// Bytes of the whole form: no file is longer.
    length: u64,
    visitor: [u8; 16],
    visitor_name: String,
}

impl Sending {
    /// Waits for the next of it, but not for long.
    async fn heard<T, E>(&self, next: impl Future<Output = Result<T, E>>) -> Result<T, Refusal> {
        let heard = timeout(STALL, next).await;
        if let Some(pulse) = &self.pulse {
            pulse.beat();
        }
        match heard {
            Ok(Ok(heard)) => Ok(heard),
            Ok(Err(_)) => Err(Refusal::unreadable(self.say)),
            Err(_) => Err(Refusal::stalled(self.say)),
        }
    }

    /// The text of a field, which is short and does not drip.
    async fn text(&self, field: &mut Field<'_>) -> Result<String, Refusal> {
        let whole = async {
            let mut text = Vec::new();
            while let Some(bytes) = field.chunk().await? {
                text.extend_from_slice(&bytes);
                if text.len() > LONGEST_FIELD {
                    break;
                }
            }
            Ok::<_, MultipartError>(text)
        };
        let text = self.heard(whole).await?;
        match text.len() > LONGEST_FIELD {
            true => Err(Refusal::unreadable(self.say)),
            false => Ok(String::from_utf8_lossy(&text).into_owned()),
        }
    }

    async fn file(&self, field: &mut Field<'_>) -> Result<(), Refusal> {
        let new = NewUpload {
            name: field.file_name().unwrap_or_default().to_owned(),
            bytes: self.length,
            visitor: self.visitor,
            visitor_name: self.visitor_name.clone(),
            sha256: None,
        };
        let access = self.access.clone();
        let mut receiving = blocking(self.say, move || access.receive_unmeasured(new)).await?;
        let mut ready = Vec::new();
        loop {
            let next = match self.heard(field.chunk()).await {
                Ok(next) => next,
                Err(refusal) => {
                    // What cannot be resumed is not kept.
                    let _ = spawn_blocking(move || drop(receiving)).await;
                    return Err(refusal);
                }
            };
            ready.extend_from_slice(next.as_ref().map_or(&[][..], Bytes::as_ref));
            if ready.len() < PIECE && next.is_some() {
                continue;
            }
            let (piece, access) = (std::mem::take(&mut ready), self.access.clone());
            receiving = blocking(self.say, move || {
                if !access.is_current()? {
                    return Err(LibraryError::Refused);
                }
                receiving.write(&piece)?;
                Ok(receiving)
            })
            .await?;
            if next.is_none() {
                blocking(self.say, move || receiving.end(true)).await?;
                return Ok(());
            }
        }
    }
}
