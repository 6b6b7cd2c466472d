//! A progress bar on a terminal; nothing anywhere else.

use std::sync::OnceLock;

use indicatif::{ProgressBar, ProgressStyle};
use node::{Job, JobState};

/// The bar, drawn once a job has something to show.
pub struct Bar(OnceLock<ProgressBar>);

impl Bar {
    pub fn new() -> Bar {
        Bar(OnceLock::new())
    }

    pub fn show(&self, job: &Job) {
        if !crate::is_watched() {
            return;
        }
        let bar = self.0.get_or_init(|| {
            let bar = ProgressBar::new(0);
            if let Ok(style) = ProgressStyle::with_template(
                "{bar:32} {pos} of {len} · {per_sec} · {eta} left · {wide_msg}",
            ) {
                bar.set_style(style);
            }
            bar
        });
        bar.set_length(job.total);
        bar.set_position(job.done);
        let file = job.current.as_deref().unwrap_or_default();
        let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
        bar.set_message(job.why.as_deref().unwrap_or(name).to_owned());
        if !matches!(job.state, JobState::Running | JobState::Paused) {
            bar.finish_and_clear();
        }
    }
}
