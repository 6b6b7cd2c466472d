//! Imports as jobs. An import is kept in the catalog from its beginning to its
//! end, so one that a crash or a quit broke off is shown, and taken up again.

use std::path::Path;
use std::sync::Arc;

use library::{ImportId, Order, Report};

use crate::{Event, Job, Node, NodeError};

impl Node {
    /// Imports as a job. Blocks.
    pub(crate) fn import(self: &Arc<Node>, order: &Order) -> Result<Report, NodeError> {
        match self.library.begin_import(order) {
            Ok(id) => self.run_import(Some(id), order),
            // A disk that is full has no room for that either; it waits all the same.
            Err(error) if error.code() == "disk_full" => self.run_import(None, order),
            Err(error) => Err(error.into()),
        }
    }

    /// Gives up an import that was broken off.
    pub(crate) fn forget_import(&self, id: ImportId) -> Result<(), NodeError> {
        self.broken_off(id)?;
        self.library.end_import(id)?;
        self.tell(Event::Job(Job::given_up(id.to_string())));
        Ok(())
    }

    fn broken_off(&self, id: ImportId) -> Result<Order, NodeError> {
        self.library.begun_import(id)?.ok_or_else(|| {
            NodeError::new(
                "not_found",
                format!("No import {id} was broken off; it may have ended by itself."),
            )
        })
    }

    /// Takes up an import that was broken off. A node that stays answers at once
    /// and imports on a thread of its own; another imports, and answers with the
    /// report.
    pub(crate) fn take_up_import(
        self: &Arc<Node>,
        id: ImportId,
    ) -> Result<Option<Report>, NodeError> {
        let order = self.broken_off(id)?;
        if let Some(path) = order.missing() {
            return Err(NodeError::new("missing", away(path)));
        }
        let order = Order {
            without_renditions: true,
            waits_for_room: self.stays(),
            ..order
        };
        if !self.stays() {
            return self.run_import(Some(id), &order).map(Some);
        }
        let node = Arc::downgrade(self);
        self.runtime.spawn_blocking(move || {
            // What went wrong with files is counted in the job.
            let _ = node.upgrade()?.run_import(Some(id), &order);
            Some(())
        });
        Ok(None)
    }

    /// Takes up all imports that were broken off and whose files are there. The
    /// others wait for their drive, and for someone to resume them.
    pub(crate) fn take_up_imports(self: &Arc<Node>) -> Result<(), NodeError> {
        for (id, _) in self.library.begun_imports()? {
            if self.take_up_import(id).is_err() {
                for job in self.interrupted_imports()? {
                    if job.id == id.to_string() {
                        self.tell(Event::Job(job));
                    }
                }
            }
        }
        Ok(())
    }

    /// The imports that were broken off and are not under way again.
    pub(crate) fn interrupted_imports(&self) -> Result<Vec<Job>, NodeError> {
        let begun = self.library.begun_imports()?;
        let idle = begun
            .into_iter()
            .map(|(id, order)| (id.to_string(), order))
            .filter(|(id, _)| !self.jobs.is_running(id));
        Ok(idle
            .map(|(id, order)| {
                let why = order.missing().map_or_else(|| BROKEN_OFF.to_owned(), away);
                Job::interrupted(id, why)
            })
            .collect())
    }

    fn run_import(
        self: &Arc<Node>,
        id: Option<ImportId>,
        order: &Order,
    ) -> Result<Report, NodeError> {
        let job = match id {
            Some(id) => self.jobs.begin_as(id.to_string(), "import"),
            None => self.jobs.begin("import"),
        };
        let result = self.library.import(order, &|progress| job.go_on(progress));
        if let Some(id) = id.filter(|_| !job.is_broken_off()) {
            // One that cannot be forgotten now is shown as broken off.
            let _ = self.library.end_import(id);
        }
        self.jobs
            .finish(&job, result.as_ref().ok().map(|report| &report.progress));
        let report = result?;
        if order.without_renditions || self.stays() {
            self.render_waiting();
        }
        Ok(report)
    }
}

const BROKEN_OFF: &str = "Albumen ended before this import did; resume it to import the rest.";

fn away(path: &Path) -> String {
    format!(
        "{} is not there now. Connect the card, phone or drive that it is on, and resume the \
         import.",
        path.display()
    )
}
