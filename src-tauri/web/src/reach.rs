//! «Can my friend open it?» The listener makes up a question that only it can answer,
//! and answers it at `/reach/{nonce}` to whoever asks from outside meanwhile.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};

use crate::{
    notice::Refusal,
    site::{Asked, Site},
};

/// What is known of the way from outside to one listener.
#[derive(Debug, Default)]
pub(crate) struct Reach {
    /// The router's address on the internet, while it passes visitors on.
    outside: Mutex<Option<IpAddr>>,
    /// The questions that may be asked now, with their answers.
    questions: Mutex<HashMap<String, String>>,
}

/// A question that the listener answers as long as this is held.
#[derive(Debug)]
pub struct Question {
    /// Where it is asked, below the address of links.
    pub path: String,
    /// What only this listener answers.
    pub answer: String,
    nonce: String,
    reach: Arc<Reach>,
}

impl Reach {
    /// The router's address on the internet, while it passes visitors on.
    pub(crate) fn outside(&self) -> Option<IpAddr> {
        *self.outside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn set_outside(&self, address: Option<IpAddr>) {
        *self.outside.lock().unwrap_or_else(PoisonError::into_inner) = address;
    }

    pub(crate) fn ask(self: &Arc<Self>) -> Question {
        let (nonce, answer) = (random(), random());
        self.questions().insert(nonce.clone(), answer.clone());
        Question {
            path: format!("/reach/{nonce}"),
            answer,
            nonce,
            reach: Arc::clone(self),
        }
    }

    fn questions(&self) -> MutexGuard<'_, HashMap<String, String>> {
        self.questions
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Question {
    fn drop(&mut self) {
        self.reach.questions().remove(&self.nonce);
    }
}

fn random() -> String {
    format!("{:032x}", rand::random::<u128>())
}

/// `/reach/{nonce}`: what opens nothing, unless it was made up here just now.
pub(crate) async fn answer(
    State(site): State<Arc<Site>>,
    asked: Asked,
) -> Result<Response, Refusal> {
    let nonce = asked.pieces.get("nonce");
    let answer = site.reach.questions().get(nonce).cloned();
    answer
        .map(IntoResponse::into_response)
        .ok_or(Refusal::nothing(asked.say))
}
