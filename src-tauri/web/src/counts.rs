//! What a listener answered, counted by route and by how it went, and nothing of who asked
//! for what.

use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::StatusCode;

use crate::routes::ROUTES;

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

/// How many classes of answers there are.
const CLASSES: usize = 5;

/// Counts of one listener since it began.
#[derive(Debug)]
pub(crate) struct Counts {
    /// By the place in the table of routes, and last those of no route.
    answers: Vec<[AtomicU64; CLASSES]>,
}

impl Default for Counts {
    fn default() -> Self {
        let answers = (0..=ROUTES.len()).map(|_| Default::default());
        Self {
            answers: answers.collect(),
        }
    }
}

impl Counts {
    /// Counts an answer by the route at this place of the table, or by none.
    pub(crate) fn answered(&self, place: Option<usize>, status: StatusCode) {
        let class = usize::from(status.as_u16() / 100).saturating_sub(1);
        let of_route = self.answers.get(place.unwrap_or(ROUTES.len()));
        if let Some(count) = of_route.and_then(|classes| classes.get(class)) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(crate) fn answers(&self) -> Vec<Answered> {
        let routes = ROUTES.iter().map(|route| route.path);
        let mut all = Vec::new();
        for (route, classes) in routes.chain(["other"]).zip(&self.answers) {
            for (class, count) in (1..).zip(classes) {
                let count = count.load(Ordering::Relaxed);
                if count > 0 {
                    all.push(Answered {
                        route,
                        class,
                        count,
                    });
                }
            }
        }
        all
    }
}
