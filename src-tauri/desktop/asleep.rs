//! Before the machine falls asleep, whoever serves its links hears of it: it goes on
//! serving them then, for as long as it was allowed to. Where systemd's logind runs; it
//! waits for us for up to five seconds.

use std::sync::{Arc, Weak};
use std::thread;

use node::Node;
use tauri::async_runtime;
use zbus::blocking::{Connection, Proxy};
use zbus::zvariant::OwnedFd;

/// Hears of each sleep from now on, until the node is gone.
pub fn begin(node: &Arc<Node>) {
    let node = Arc::downgrade(node);
    // Without logind nobody tells of sleep, and links are served until their lease ends.
    thread::spawn(move || listen(&node));
}

fn listen(node: &Weak<Node>) -> zbus::Result<()> {
    let system = Connection::system()?;
    let login = Proxy::new(
        &system,
        "org.freedesktop.login1",
        "/org/freedesktop/login1",
        "org.freedesktop.login1.Manager",
    )?;
    let told = login.receive_signal("PrepareForSleep")?;
    let mut delay = Some(hold(&login)?);
    for signal in told {
        let begins: bool = signal.body().deserialize()?;
        let Some(node) = node.upgrade() else {
            break;
        };
        if begins {
            async_runtime::block_on(node.rest());
            // Now it may.
            delay = None;
        } else {
            node.wake();
            if delay.is_none() {
                delay = Some(hold(&login)?);
            }
        }
    }
    Ok(())
}

/// Sleep waits for this to be dropped, for a short while.
fn hold(login: &Proxy<'_>) -> zbus::Result<OwnedFd> {
    login.call(
        "Inhibit",
        &(
            "sleep",
            "Albumen",
            "Links are handed to the machine that serves them",
            "delay",
        ),
    )
}
