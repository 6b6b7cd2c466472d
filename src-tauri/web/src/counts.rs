//! What a listener answered, counted by route and by how it went, and nothing of who asked
//! for what.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use axum::response::Response;

/// Answers of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The path as the table of routes has it; `other` for what is no route.
    pub route: &'static str,
    /// The first digit of the status: 2 for what was given, 3 for led on or unchanged, 4 for
    /// refused, 5 for failed.
    pub class: u16,
    /// How many.
    pub count: u64,
}

/// The route that an answer is by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct By(pub(crate) &'static str);

/// Counts of one listener since it began.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    answers: Mutex<BTreeMap<(&'static str, u16), u64>>,
}

impl Counts {
    pub(crate) fn answered(&self, response: &Response) {
        let by = response.extensions().get::<By>();
        let route = by.map_or("other", |By(route)| route);
        let kind = (route, response.status().as_u16() / 100);
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        *answers.entry(kind).or_default() += 1;
    }

    pub(crate) fn answers(&self) -> Vec<Answered> {
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let all = answers.iter().map(|((route, class), count)| Answered {
            route,
            class: *class,
            count: *count,
        });
        all.collect()
    }
}
