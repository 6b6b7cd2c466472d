//! The machine does not fall asleep while bytes are on their way to a visitor or
//! into the library, and only then.

use std::sync::{Arc, Weak};
use std::time::Duration;

use keepawake::KeepAwake;
use node::Node;
use tauri::async_runtime;

/// How often it is looked whether anything is on its way.
const LOOK_EVERY: Duration = Duration::from_secs(10);

/// Holds sleep off whenever it must, until the node is gone.
pub fn begin(node: &Arc<Node>) {
    let node = Arc::downgrade(node);
    async_runtime::spawn(async move {
        let mut held = None;
        while let Some(busy) = is_busy(&node).await {
            if busy != held.is_some() {
                // Asking the system may take a while.
                held = async_runtime::spawn_blocking(move || {
                    drop(held);
                    busy.then(hold).flatten()
                })
                .await
                .ok()
                .flatten();
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    });
}

async fn is_busy(node: &Weak<Node>) -> Option<bool> {
    Some(node.upgrade()?.is_transferring().await)
}

/// `None` where the system cannot be kept from it.
fn hold() -> Option<KeepAwake> {
    keepawake::Builder::default()
        .idle(true)
        .sleep(true)
        .reason("Photos are being transferred")
        .app_name("Albumen")
        .app_reverse_domain("org.albumen.desktop")
        .create()
        .ok()
}
