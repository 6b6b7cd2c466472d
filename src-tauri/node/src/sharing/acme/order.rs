//! One certificate, from asking for it to having it (RFC 8555): account, order, the proof
//! that the name leads here (tls-alpn-01, RFC 8737), and the certificate.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http_body_util::BodyExt;
use instant_acme::{
    Account, AccountBuilder, AuthorizationStatus, BodyWrapper, BytesResponse,
    CertificateIdentifier, ChallengeType, Error, HttpClient, Identifier, NewAccount, NewOrder,
    Order, OrderStatus, Problem, RetryPolicy,
};
use web::Keyring;

use super::store::{Kept, Store};

/// How long one request to an authority may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long an authority may take to look whether a name leads here, and to sign.
const LOOKING: Duration = Duration::from_secs(120);

/// Why there is no certificate.
#[derive(Debug)]
pub(super) enum Refused {
    /// The authority says no.
    Problem(Box<Problem>),
    /// It was not reached, or did not answer as one does.
    Silent(String),
    /// Something of this machine's own.
    Here(String),
}

impl From<Error> for Refused {
    fn from(error: Error) -> Refused {
        match error {
            Error::Api(problem) => Refused::Problem(Box::new(problem)),
            Error::Timeout(_) => Refused::Silent("it did not decide in time".to_owned()),
            error => Refused::Silent(innermost(&error)),
        }
    }
}

/// What is at the bottom of an error: there the reason stands.
fn innermost(error: &Error) -> String {
    let mut bottom: &dyn std::error::Error = error;
    if let Error::Other(other) = error {
        bottom = other.as_ref();
    }
    while let Some(source) = bottom.source() {
        bottom = source;
    }
    bottom.to_string().trim_end_matches('.').to_owned()
}

/// Sends what is asked of an authority.
struct Wire(reqwest::Client);

impl HttpClient for Wire {
    fn request(
        &self,
        request: Request<BodyWrapper<Bytes>>,
    ) -> Pin<Box<dyn Future<Output = Result<BytesResponse, Error>> + Send>> {
        let client = self.0.clone();
        Box::pin(async move {
            let (head, body) = request.into_parts();
            let body = body.collect().await.map(|body| body.to_bytes());
            let body = body.unwrap_or_default();
            let other = |error: reqwest::Error| Error::Other(Box::new(error));
            let request = Request::from_parts(head, body).try_into().map_err(other)?;
            let answer = client.execute(request).await.map_err(other)?;
            Ok(BytesResponse::from(http::Response::<reqwest::Body>::from(
                answer,
            )))
        })
    }
}

fn builder() -> Result<AccountBuilder, Refused> {
    let client = reqwest::Client::builder()
        .https_only(true)
        .timeout(PATIENCE)
        .build()
        .map_err(|error| Refused::Here(format!("This machine cannot speak HTTPS: {error}")))?;
    Ok(Account::builder_with_http(Box::new(Wire(client))))
}

/// This machine's account at the authority: the one that is kept, else a new one.
pub(super) async fn account(
    store: &Store,
    directory: &str,
    contact: Option<&str>,
) -> Result<Account, Refused> {
    let address = contact.map(|mail| format!("mailto:{mail}"));
    let addresses: Vec<&str> = address.as_deref().into_iter().collect();
    if let Some(kept) = store.account() {
        let known = kept.contact.as_deref() == contact;
        let account = builder()?.from_credentials(kept.credentials).await?;
        if known {
            return Ok(account);
        }
        match account.update_contacts(&addresses).await {
            Ok(()) => {
                store.keep_contact(contact).map_err(unkept)?;
                return Ok(account);
            }
            Err(Error::Api(problem)) if is_unknown(&problem) => store.forget_account(),
            Err(error) => return Err(error.into()),
        }
    }
    let wanted = NewAccount {
        contact: &addresses,
        terms_of_service_agreed: true,
        only_return_existing: false,
    };
    let made = builder()?
        .create(&wanted, directory.to_owned(), None)
        .await?;
    let (account, credentials) = made;
    let kept = Kept {
        contact: contact.map(str::to_owned),
        credentials,
    };
    store.keep_account(&kept).map_err(unkept)?;
    Ok(account)
}

/// Whether the authority does not know the account any more.
pub(super) fn is_unknown(problem: &Problem) -> bool {
    let kind = problem.r#type.as_deref().unwrap_or_default();
    kind.ends_with(":accountDoesNotExist")
}

fn unkept(error: std::io::Error) -> Refused {
    Refused::Here(format!(
        "What the authority gave cannot be written: {error}"
    ))
}

/// Gets a certificate of `name`, which leads to the listener that `keyring` serves; its
/// key and it, in PEM. One that it takes the place of is told to the authority.
pub(super) async fn obtain(
    account: &Account,
    keyring: &Arc<Keyring>,
    name: &str,
    replaces: Option<CertificateIdentifier<'_>>,
) -> Result<String, Refused> {
    let names = [Identifier::Dns(name.to_owned())];
    let wanted = NewOrder::new(&names);
    let first = match replaces {
        Some(before) => account.new_order(&wanted.replaces(before)).await,
        None => account.new_order(&wanted).await,
    };
    let mut order = match first {
        // It knows nothing of the one before, or had it replaced already.
        Err(Error::Unsupported(_) | Error::Other(_)) => {
            account.new_order(&NewOrder::new(&names)).await?
        }
        Err(Error::Api(problem)) if is_of_the_one_before(&problem) => {
            account.new_order(&NewOrder::new(&names)).await?
        }
        first => first?,
    };
    let policy = RetryPolicy::new().timeout(LOOKING);
    let proofs = prove(&mut order, keyring).await?;
    let ready = order.poll_ready(&policy).await;
    if !matches!(ready, Ok(OrderStatus::Ready | OrderStatus::Valid)) {
        if let Some(problem) = objection(&mut order).await {
            return Err(Refused::Problem(Box::new(problem)));
        }
        ready?;
        return Err(Refused::Silent(
            "it ended the order without a reason".to_owned(),
        ));
    }
    drop(proofs);
    let key = order.finalize().await?;
    Ok(key + &order.poll_certificate(&policy).await?)
}

fn is_of_the_one_before(problem: &Problem) -> bool {
    let kind = problem.r#type.as_deref().unwrap_or_default();
    let detail = problem.detail.as_deref().unwrap_or_default();
    kind.ends_with(":alreadyReplaced") || detail.contains("replace")
}

/// Answers every question of the order, as long as the proofs are held.
async fn prove(order: &mut Order, keyring: &Arc<Keyring>) -> Result<Vec<web::Proof>, Refused> {
    let mut proofs = Vec::new();
    let mut questions = order.authorizations();
    while let Some(question) = questions.next().await {
        let mut question = question?;
        if question.status == AuthorizationStatus::Valid {
            continue;
        }
        let name = match question.identifier().identifier {
            Identifier::Dns(name) => name.clone(),
            _ => return Err(Refused::Silent("it asked for what is no name".to_owned())),
        };
        let mut challenge = question
            .challenge(ChallengeType::TlsAlpn01)
            .ok_or_else(|| {
                Refused::Silent("it offers no proof over TLS (tls-alpn-01)".to_owned())
            })?;
        let digest = challenge.key_authorization().digest();
        let digest = <[u8; 32]>::try_from(digest.as_ref());
        let digest = digest.map_err(|_| Refused::Here("A digest has no 32 bytes".to_owned()))?;
        proofs.push(keyring.prove(&name, &digest).map_err(Refused::Here)?);
        challenge.set_ready().await?;
    }
    Ok(proofs)
}

/// What the authority found where it looked.
async fn objection(order: &mut Order) -> Option<Problem> {
    let mut questions = order.authorizations();
    while let Some(question) = questions.next().await {
        let mut question = question.ok()?;
        let state = question.refresh().await.ok()?;
        let found = state.challenges.iter().find_map(|one| one.error.clone());
        if found.is_some() {
            return found;
        }
    }
    None
}
