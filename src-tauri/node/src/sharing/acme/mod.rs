//! Certificates that Albumen gets by itself, for the names that lead here, from an authority
//! that speaks ACME (Let's Encrypt, unless another is set). Nothing is asked of it before
//! its terms were accepted. Each name has a certificate of its own, so that one whose
//! address is wrong holds up no other. It is renewed when the authority says so (RFC 9773),
//! or when two thirds of its time have passed.

mod order;
mod store;
mod words;

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use instant_acme::{Account, CertificateIdentifier};
use library::{Library, Setting};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio_util::task::AbortOnDropHandle;
use tracing::{info, warn};
use ts_rs::TS;
use web::Keyring;

use super::set;
use crate::{EVENTS, NodeError};
use order::Refused;
use store::Store;

/// The directory of Let's Encrypt.
pub(crate) const USUAL: &str = "https://acme-v02.api.letsencrypt.org/directory";
/// Where its terms are.
const USUAL_TERMS: &str = "https://letsencrypt.org/repository/";
/// How many names a listener may have.
const MOST_NAMES: usize = 20;
/// How long after a failed try the next one is made, in minutes; an authority bears five
/// failures in an hour.
const PAUSES: [u64; 6] = [1, 5, 15, 60, 180, 360];
/// How often the authority is asked when a certificate should be renewed.
const ADVICE: Duration = Duration::from_secs(6 * 60 * 60);
/// The longest sleep: the clock may have been set, or the machine have slept.
const NAP: Duration = Duration::from_secs(600);

/// The certificates that Albumen gets by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Acme {
    /// The names by which visitors reach this machine, the one that links begin with first.
    pub names: Vec<String>,
    /// The mail address that the authority is told.
    pub contact: Option<String>,
    /// The directory of the authority.
    pub directory: String,
    /// Where its terms can be read; `None` where only it knows.
    pub terms: Option<String>,
    /// Whether they were accepted.
    pub accepted: bool,
    /// How it stands with the certificate of each name; empty while none is asked for.
    pub certificates: Vec<Standing>,
}

/// How it stands with the certificate of a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Standing {
    /// The name.
    pub name: String,
    /// Until when the certificate holds that is served; RFC 3339. `None`: there is none yet.
    pub until: Option<String>,
    /// When the authority is asked next; RFC 3339. `None`: now.
    pub next: Option<String>,
    /// Why it was not given when it was last asked for, and what to do: sentences.
    pub problem: Option<String>,
}

/// What is to be got.
#[derive(Clone, Debug)]
pub(super) struct Wish {
    names: Vec<String>,
    contact: Option<String>,
    directory: String,
}

/// The names that were set.
pub(crate) fn names(library: &Library) -> Result<Vec<String>, NodeError> {
    read_names(&set(library, Setting::Names)?.unwrap_or_default())
}

/// The host names of a list with commas or spaces between.
pub(crate) fn read_names(list: &str) -> Result<Vec<String>, NodeError> {
    let mut names: Vec<String> = Vec::new();
    for text in list.split([',', ' ']).filter(|text| !text.is_empty()) {
        let name = text.trim_end_matches('.').to_ascii_lowercase();
        if !is_name(&name) {
            return Err(NodeError::new(
                "names",
                format!(
                    "«{text}» is no name that visitors can come by; write it like \
                     photos.example.org, without https://, port or *, and other letters than \
                     a–z the way browsers do (xn--…)."
                ),
            ));
        }
        if !names.contains(&name) {
            names.push(name);
        }
    }
    match names.len() > MOST_NAMES {
        true => Err(NodeError::new(
            "names",
            format!("A listener has at most {MOST_NAMES} names."),
        )),
        false => Ok(names),
    }
}

fn is_name(name: &str) -> bool {
    let is_label = |label: &str| {
        let plain = |one: u8| one.is_ascii_lowercase() || one.is_ascii_digit() || one == b'-';
        (1..=63).contains(&label.len())
            && label.bytes().all(plain)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let top = name.rsplit('.').next().unwrap_or_default();
    // The last part of an address is a number, and of no name.
    let is_address = top.bytes().all(|one| one.is_ascii_digit());
    name.len() <= 253 && name.contains('.') && !is_address && name.split('.').all(is_label)
}

/// The authority that was set.
pub(crate) fn directory(library: &Library) -> Result<String, NodeError> {
    Ok(set(library, Setting::AcmeDirectory)?.unwrap_or_else(|| USUAL.to_owned()))
}

/// Fails for what is no authority's directory; nothing is the usual.
pub(crate) fn check_directory(url: &str) -> Result<(), NodeError> {
    let is_one = |url: &str| {
        let parsed = reqwest::Url::parse(url);
        parsed.is_ok_and(|url| url.scheme() == "https" && url.has_host())
    };
    match url.trim() {
        "" => Ok(()),
        url if is_one(url) => Ok(()),
        url => Err(NodeError::new(
            "acme",
            format!(
                "«{url}» is no directory of an authority; write its address whole, like {USUAL}."
            ),
        )),
    }
}

/// Fails for what is no mail address; nothing is none.
pub(crate) fn check_contact(mail: &str) -> Result<(), NodeError> {
    let is_one = |mail: &str| {
        let parts = mail.split_once('@');
        parts.is_some_and(|(who, at)| !who.is_empty() && is_name(&at.to_ascii_lowercase()))
            && !mail.contains([' ', ',', '?', '<', '>'])
    };
    match mail.trim() {
        "" => Ok(()),
        mail if is_one(mail) => Ok(()),
        mail => Err(NodeError::new(
            "acme",
            format!("«{mail}» is no mail address; write one, like anna@example.org."),
        )),
    }
}

/// What is to be got, where it is wished and the terms were accepted. A certificate of the
/// owner's own comes first.
pub(super) fn wish(library: &Library) -> Result<Option<Wish>, NodeError> {
    let (names, directory) = (names(library)?, directory(library)?);
    let accepted = set(library, Setting::AcmeTerms)?;
    let own = super::certificate(library)?;
    if names.is_empty() || own.is_some() || accepted.as_ref() != Some(&directory) {
        return Ok(None);
    }
    Ok(Some(Wish {
        names,
        contact: set(library, Setting::AcmeContact)?,
        directory,
    }))
}

/// What `sharing show` tells of it.
pub(super) fn show(library: &Library, standing: Vec<Standing>) -> Result<Acme, NodeError> {
    let directory = directory(library)?;
    Ok(Acme {
        names: names(library)?,
        contact: set(library, Setting::AcmeContact)?,
        terms: (directory == USUAL).then(|| USUAL_TERMS.to_owned()),
        accepted: set(library, Setting::AcmeTerms)?.as_ref() == Some(&directory),
        certificates: standing,
        directory,
    })
}

impl Wish {
    /// The name that links begin with.
    pub fn first(&self) -> Option<&String> {
        self.names.first()
    }

    /// The names with the certificates that are kept for them.
    pub fn keyring(&self, library: &Library) -> Arc<Keyring> {
        let store = Store::new(library.folder(), &self.directory);
        let keyring = Keyring::new(self.names.clone());
        for name in &self.names {
            if let Some(pem) = store.certificate(name) {
                // One that cannot be used is asked for anew.
                let _ = keyring.put(name, &pem, &store.path(name));
            }
        }
        keyring
    }

    /// Gets what is missing and renews what is due, for as long as this is held; `port` is
    /// the listener's.
    pub fn follow(
        self,
        library: &Library,
        keyring: Arc<Keyring>,
        port: u16,
        told: watch::Sender<Vec<Standing>>,
    ) -> AbortOnDropHandle<()> {
        let store = Store::new(library.folder(), &self.directory);
        let lines = self.names.iter().map(|name| Line::new(name)).collect();
        let round = Round {
            wish: self,
            store,
            keyring,
            port,
            lines,
        };
        AbortOnDropHandle::new(tokio::spawn(round.go_on(told)))
    }
}

/// What is known of one name's certificate.
struct Line {
    name: String,
    /// How often it was not given, one time after another.
    failures: usize,
    problem: Option<String>,
    /// Not before then, after a failure.
    pause: Option<SystemTime>,
    /// When the authority would have it renewed, and when it was asked that.
    advice: Option<SystemTime>,
    advised: Option<SystemTime>,
}

impl Line {
    fn new(name: &str) -> Line {
        Line {
            name: name.to_owned(),
            failures: 0,
            problem: None,
            pause: None,
            advice: None,
            advised: None,
        }
    }

    /// When the certificate is to be asked for.
    fn due(&self, keyring: &Keyring) -> SystemTime {
        let due = keyring.validity(&self.name).map(|validity| {
            let by_itself = validity.due();
            self.advice
                .map_or(by_itself, |advice| advice.min(validity.latest()))
        });
        let due = due.unwrap_or(UNIX_EPOCH);
        self.pause.map_or(due, |pause| due.max(pause))
    }

    /// When the authority is to be asked when that should be.
    fn next_advice(&self) -> SystemTime {
        self.advised.map_or(UNIX_EPOCH, |asked| asked + ADVICE)
    }

    /// When there is anything to do.
    fn next(&self, keyring: &Keyring) -> SystemTime {
        let due = self.due(keyring);
        match keyring.validity(&self.name) {
            Some(_) => due.min(self.next_advice()),
            None => due,
        }
    }
}

/// All names of a listener, again and again.
struct Round {
    wish: Wish,
    store: Store,
    keyring: Arc<Keyring>,
    port: u16,
    lines: Vec<Line>,
}

impl Round {
    async fn go_on(mut self, told: watch::Sender<Vec<Standing>>) {
        loop {
            let mut account = None;
            for index in 0..self.lines.len() {
                self.tell(&told);
                self.take_up(index, &mut account).await;
            }
            self.tell(&told);
            let now = SystemTime::now();
            let next = self.lines.iter().map(|line| line.next(&self.keyring)).min();
            let left = next.and_then(|next| next.duration_since(now).ok());
            let nap = left.unwrap_or_default().clamp(Duration::from_secs(1), NAP);
            tokio::time::sleep(nap).await;
        }
    }

    /// Gets or renews one name's certificate, where that is due; else asks now and then when
    /// it should be.
    async fn take_up(&mut self, index: usize, account: &mut Option<Account>) {
        let now = SystemTime::now();
        let Some(line) = self.lines.get_mut(index) else {
            return;
        };
        if line.due(&self.keyring) > now {
            if line.next_advice() <= now && self.keyring.validity(&line.name).is_some() {
                line.advised = Some(now);
                let name = line.name.clone();
                let advice = self.advice(&name, account).await;
                if let Some(line) = self.lines.get_mut(index) {
                    line.advice = advice;
                }
            }
            return;
        }
        let name = line.name.clone();
        let got = self.get(&name, account).await;
        let Some(line) = self.lines.get_mut(index) else {
            return;
        };
        match got {
            Ok(()) => {
                let validity = self.keyring.validity(&name);
                let until = validity.map(|validity| written(validity.until));
                info!(target: EVENTS, name, until, "a certificate was given");
                *line = Line::new(&name);
            }
            Err(refused) => {
                let minutes = PAUSES.get(line.failures).or(PAUSES.last());
                let pause = Duration::from_secs(60 * minutes.copied().unwrap_or(60));
                line.failures += 1;
                line.pause = Some(SystemTime::now() + pause);
                let problem = words::of(&refused, &name, &self.wish.directory, self.port);
                warn!(target: EVENTS, name, problem, "no certificate was given");
                line.problem = Some(problem);
            }
        }
    }

    /// Asks for a certificate, keeps it and serves it.
    async fn get(&self, name: &str, account: &mut Option<Account>) -> Result<(), Refused> {
        let certificate = self.keyring.certificate(name);
        let before = certificate
            .as_ref()
            .and_then(|before| CertificateIdentifier::try_from(before).ok())
            .map(CertificateIdentifier::into_owned);
        let known = self.account(account).await?;
        let got = match order::obtain(known, &self.keyring, name, before.clone()).await {
            // Its memory is shorter than ours: an authority that was set up anew.
            Err(Refused::Problem(problem)) if order::is_unknown(&problem) => {
                self.store.forget_account();
                *account = None;
                let known = self.account(account).await?;
                order::obtain(known, &self.keyring, name, before).await?
            }
            got => got?,
        };
        self.store.keep_certificate(name, &got).map_err(|error| {
            Refused::Here(format!("The certificate cannot be written: {error}"))
        })?;
        let path = self.store.path(name);
        let put = self.keyring.put(name, got.as_bytes(), &path);
        put.map(|_| ())
            .map_err(|error| Refused::Here(error.to_string()))
    }

    async fn account<'a>(&self, known: &'a mut Option<Account>) -> Result<&'a Account, Refused> {
        let account = match known.take() {
            Some(account) => account,
            None => {
                let contact = self.wish.contact.as_deref();
                order::account(&self.store, &self.wish.directory, contact).await?
            }
        };
        Ok(known.insert(account))
    }

    /// When the authority would have the certificate renewed: a moment of the time that it
    /// names, which is another for each certificate. `None` where it says nothing.
    async fn advice(&self, name: &str, account: &mut Option<Account>) -> Option<SystemTime> {
        let certificate = self.keyring.certificate(name)?;
        let id = CertificateIdentifier::try_from(&certificate).ok()?;
        let account = self.account(account).await.ok()?;
        let (info, _) = account.renewal_info(&id).await.ok()?;
        let start = SystemTime::from(info.suggested_window.start);
        let end = SystemTime::from(info.suggested_window.end);
        let whole = end.duration_since(start).ok()?;
        let part = certificate.last().map_or(0, |last| u32::from(*last));
        Some(start + whole / 256 * part)
    }

    fn tell(&self, told: &watch::Sender<Vec<Standing>>) {
        let standing: Vec<Standing> = self.lines.iter().map(|line| self.standing(line)).collect();
        told.send_if_modified(|before| {
            let changed = *before != standing;
            *before = standing;
            changed
        });
    }

    fn standing(&self, line: &Line) -> Standing {
        let due = line.due(&self.keyring);
        let validity = self.keyring.validity(&line.name);
        Standing {
            name: line.name.clone(),
            until: validity.map(|validity| written(validity.until)),
            next: (due > SystemTime::now()).then(|| written(due)),
            problem: line.problem.clone(),
        }
    }
}

/// RFC 3339.
pub(super) fn written(moment: SystemTime) -> String {
    let since = moment.duration_since(UNIX_EPOCH).unwrap_or_default();
    library::rfc3339(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests;
