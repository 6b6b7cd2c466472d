//! The work that goes on: listed, paused, resumed and stopped.

use std::sync::Arc;

use clap::Args;
use library::ImportId;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::import::{Import, ImportReport};
use super::{Command, Done, Outcome};
use crate::{Job, JobState, Node, NodeError};

/// Arguments of `jobs`: none.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct Jobs {}

/// Arguments of `job pause`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct PauseJob {
    /// The job's id
    id: String,
}

/// Arguments of `job resume`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct ResumeJob {
    /// The job's id
    id: String,
}

/// Arguments of `job cancel`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
pub struct CancelJob {
    /// The job's id
    id: String,
}

/// Answer to `jobs`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct JobList {
    jobs: Vec<Job>,
}

/// Answer to `job resume`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Resumed {
    /// What an import did that was broken off and had to be done here; null while
    /// it goes on in the running node.
    report: Option<ImportReport>,
}

impl Command for Jobs {
    const NAME: &'static str = "jobs";
    const ABOUT: &'static str = "List the work that is going on, and imports that were broken off";
    type Reply = JobList;

    fn run(self, node: &Arc<Node>) -> Result<JobList, NodeError> {
        let mut jobs = node.jobs.list();
        jobs.extend(node.interrupted_imports()?);
        Ok(JobList { jobs })
    }

    fn text(reply: &JobList) -> String {
        if reply.jobs.is_empty() {
            return "Nothing is going on.".to_owned();
        }
        let row = |job: &Job| {
            let so = match job.state {
                JobState::Paused => ", paused",
                JobState::Interrupted => ", broken off",
                JobState::Running | JobState::Cancelled | JobState::Done => "",
            };
            let first = format!(
                "{}  {}  {} of {}{so}",
                job.id, job.kind, job.done, job.total
            );
            match &job.why {
                Some(why) => format!("{first}\n    {why}"),
                None => first,
            }
        };
        let rows: Vec<String> = reply.jobs.iter().map(row).collect();
        rows.join("\n")
    }
}

impl Command for PauseJob {
    const NAME: &'static str = "job.pause";
    const ABOUT: &'static str = "Let an import wait after the files at hand";
    type Reply = Done;

    fn run(self, node: &Arc<Node>) -> Result<Done, NodeError> {
        node.jobs.pause(&self.id)?;
        Ok(Done {})
    }

    fn text(_: &Done) -> String {
        "It waits.".to_owned()
    }
}

impl Command for ResumeJob {
    const NAME: &'static str = "job.resume";
    const ABOUT: &'static str = "Let an import go on that was paused or broken off";
    type Reply = Resumed;

    fn run(self, node: &Arc<Node>) -> Result<Resumed, NodeError> {
        if node.jobs.is_running(&self.id) {
            node.jobs.resume(&self.id)?;
            return Ok(Resumed { report: None });
        }
        let report = node.take_up_import(import_id(&self.id)?)?;
        Ok(Resumed {
            report: report.map(ImportReport::from),
        })
    }

    fn text(reply: &Resumed) -> String {
        match &reply.report {
            Some(report) => Import::text(report),
            None => "It goes on.".to_owned(),
        }
    }

    fn outcome(reply: &Resumed) -> Outcome {
        reply.report.as_ref().map_or(Outcome::Done, Import::outcome)
    }
}

impl Command for CancelJob {
    const NAME: &'static str = "job.cancel";
    const ABOUT: &'static str = "Stop a job; what it has done stays done";
    type Reply = Done;

    fn run(self, node: &Arc<Node>) -> Result<Done, NodeError> {
        if node.jobs.is_running(&self.id) {
            node.jobs.cancel(&self.id)?;
        } else {
            node.forget_import(import_id(&self.id)?)?;
        }
        Ok(Done {})
    }

    fn text(_: &Done) -> String {
        "It is being stopped.".to_owned()
    }
}

/// The import of an id that no job under way has.
fn import_id(id: &str) -> Result<ImportId, NodeError> {
    id.parse().map_err(|_| {
        NodeError::new(
            "not_found",
            format!("No job {id} is running; it may have ended by itself."),
        )
    })
}
