//! What a running node does by itself each day: a backup, deleting what has been
//! in the trash for long enough, removing what visitors do not go on with, and reading the next thirtieth of the originals. It looks at its start and then once an hour; what
//! is due is told by the library and its clock.

use std::sync::{Arc, Weak};
use std::time::Duration;

use library::Progress;
use tracing::{info, warn};

use crate::{EVENTS, Node};

/// How often it is looked whether something is due.
const LOOK_EVERY: Duration = Duration::from_secs(60 * 60);

/// Looks from now on, until the node is gone.
pub(crate) fn begin(node: &Arc<Node>) {
    let node = Arc::downgrade(node);
    let runtime = match node.upgrade() {
        Some(node) => node.runtime.clone(),
        None => return,
    };
    runtime.clone().spawn(async move {
        loop {
            let looking = Weak::clone(&node);
            // A look that broke off is made again in an hour.
            let _ = runtime.spawn_blocking(move || look(&looking)).await;
            if node.strong_count() == 0 {
                return;
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    });
}

/// Does what is due. What cannot be done now is tried at the next look; `status`
/// says when the newest backup was made, and how many originals are damaged.
fn look(node: &Weak<Node>) -> Option<()> {
    let library = Arc::clone(&node.upgrade()?.library);
    match library.back_up_if_due() {
        Ok(true) => info!(target: EVENTS, "a backup was made"),
        Ok(false) => {}
        Err(error) => warn!(target: EVENTS, problem = %error, "no backup was made"),
    }
    let _ = library.sweep_trash();
    let _ = library.reap_uploads();
    let _ = library.sweep_requests();
    let _ = library.drop_ended_libraries();
    let _ = library.place_partners();
    let _ = library.show_machines();
    let _ = library.remove_doomed();
    let _ = library.sweep_kept();
    let _ = library.sweep_contributions();
    let _ = library.sweep_notices();
    if !library.verify_is_due().ok()? {
        return Some(());
    }
    let job = node.upgrade()?.jobs.begin("verify");
    let go_on = |progress: &Progress| node.strong_count() > 0 && job.go_on(progress);
    let _ = library.verify_if_due(&go_on);
    node.upgrade()?.jobs.finish(&job, None);
    let damaged = library.damaged_files().ok()?;
    if damaged > 0 {
        warn!(target: EVENTS, damaged, "originals are damaged; `albumen doctor` names them");
    }
    Some(())
}
