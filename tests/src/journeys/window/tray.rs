//! Into the system's tray and out of it. The test is the tray: what a desktop does for
//! programs there (`org.kde.StatusNotifierWatcher`, `com.canonical.dbusmenu`), spoken by it
//! on a bus of its own, and what its window manager does when somebody closes a window.

use super::window;
use crate::desk::{Desk, until};
use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{
    AtomEnum, ClientMessageEvent, ConnectionExt as _, EventMask, MapState, Window,
};
use zbus::blocking::{Connection, Proxy, connection, fdo::DBusProxy};
use zbus::message::Header;
use zbus::names::BusName;
use zbus::zvariant::{OwnedValue, Structure, Value};

/// A bus with a tray on it.
struct Desktop {
    daemon: Child,
    address: String,
    bus: Connection,
    /// Who has come into the tray.
    came: Arc<Mutex<Vec<String>>>,
}

struct Watcher(Arc<Mutex<Vec<String>>>);

#[zbus::interface(name = "org.kde.StatusNotifierWatcher")]
impl Watcher {
    fn register_status_notifier_item(&self, _service: &str, #[zbus(header)] header: Header<'_>) {
        let sender = header.sender().unwrap().to_string();
        self.0.lock().unwrap().push(sender);
    }

    fn register_status_notifier_host(&self, _service: &str) {}

    #[zbus(property)]
    fn registered_status_notifier_items(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }

    #[zbus(property)]
    fn is_status_notifier_host_registered(&self) -> bool {
        true
    }

    #[zbus(property)]
    fn protocol_version(&self) -> i32 {
        0
    }
}

impl Desktop {
    fn start() -> Self {
        let mut daemon = Command::new("dbus-daemon")
            .args(["--session", "--nofork", "--print-address=1"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut address = String::new();
        BufReader::new(daemon.stdout.take().unwrap())
            .read_line(&mut address)
            .unwrap();
        let address = address.trim().to_owned();
        let came = Arc::default();
        let bus = connection::Builder::address(address.as_str())
            .unwrap()
            .name("org.kde.StatusNotifierWatcher")
            .unwrap()
            .serve_at("/StatusNotifierWatcher", Watcher(Arc::clone(&came)))
            .unwrap()
            .build()
            .unwrap();
        Self {
            daemon,
            address,
            bus,
            came,
        }
    }

    /// The first that came into the tray.
    fn item(&self) -> Item<'_> {
        let owner = until("Albumen is in the tray", || {
            self.came.lock().unwrap().first().cloned()
        });
        Item { desk: self, owner }
    }
}

impl Drop for Desktop {
    fn drop(&mut self) {
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}

/// Albumen in the tray.
struct Item<'a> {
    desk: &'a Desktop,
    owner: String,
}

/// A line of its menu.
#[derive(Debug)]
struct Line {
    id: i32,
    label: String,
    marked: bool,
}

/// As `com.canonical.dbusmenu` tells of a line and what is below it.
type Layout = (i32, HashMap<String, OwnedValue>, Vec<OwnedValue>);

impl Item<'_> {
    fn proxy(&self, path: &str, interface: &'static str) -> Proxy<'_> {
        Proxy::new(
            &self.desk.bus,
            self.owner.clone(),
            path.to_owned(),
            interface,
        )
        .unwrap()
    }

    fn menu(&self) -> Proxy<'_> {
        let item = self.proxy("/StatusNotifierItem", "org.kde.StatusNotifierItem");
        let path: zbus::zvariant::OwnedObjectPath = item.get_property("Menu").unwrap();
        self.proxy(path.as_str(), "com.canonical.dbusmenu")
    }

    fn lines(&self) -> Vec<Line> {
        let asked = (0_i32, -1_i32, Vec::<&str>::new());
        let (_, (_, _, lines)): (u32, Layout) = self.menu().call("GetLayout", &asked).unwrap();
        let lines = lines.into_iter().map(|line| {
            let line = Structure::try_from(line).unwrap();
            let (id, told, _) =
                <(i32, HashMap<String, OwnedValue>, Vec<OwnedValue>)>::try_from(line).unwrap();
            let word = |name: &str| told.get(name).map(|value| value.try_clone().unwrap());
            Line {
                id,
                label: word("label").map_or_else(String::new, |label| {
                    String::try_from(label).unwrap().replace('_', "")
                }),
                marked: word("toggle-state").is_some_and(|state| i32::try_from(state) == Ok(1)),
            }
        });
        lines.collect()
    }

    fn line(&self, label: &str) -> Line {
        until(&format!("the tray's menu has «{label}»"), || {
            self.lines().into_iter().find(|line| line.label == label)
        })
    }

    fn choose(&self, label: &str) {
        let chosen = (self.line(label).id, "clicked", Value::from(0_i32), 0_u32);
        self.menu().call::<_, _, ()>("Event", &chosen).unwrap();
    }

    fn is_gone(&self) -> bool {
        let bus = DBusProxy::new(&self.desk.bus).unwrap();
        let owner = BusName::try_from(self.owner.as_str()).unwrap();
        !bus.name_has_owner(owner).unwrap()
    }
}

/// The program, as a person starts it: one that is driven has no place in the tray, for it
/// ends with its window. Dropping it ends it.
struct Program(Child);

impl Program {
    fn start(window: &Path, desk: &Desk, desktop: &Desktop) -> Self {
        let program = Command::new(window)
            .env("ALBUMEN_LIBRARY", desk.library())
            .env("HOME", desk.path())
            .env("DBUS_SESSION_BUS_ADDRESS", &desktop.address)
            .env("WEBKIT_SKIA_ENABLE_CPU_RENDERING", "1")
            .stdin(Stdio::null())
            .spawn();
        Self(program.unwrap())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Whether a process waits for connections from anywhere (proc_net_tcp(5): state 0A).
fn listens(process: u32) -> bool {
    let open = std::fs::read_dir(format!("/proc/{process}/fd")).unwrap();
    let own: Vec<String> = open
        .filter_map(|entry| std::fs::read_link(entry.ok()?.path()).ok())
        .filter_map(|target| {
            let inode = target
                .to_str()?
                .strip_prefix("socket:[")?
                .strip_suffix(']')?;
            Some(inode.to_owned())
        })
        .collect();
    ["tcp", "tcp6"].into_iter().any(|protocol| {
        let table = std::fs::read_to_string(format!("/proc/{process}/net/{protocol}")).unwrap();
        table.lines().skip(1).any(|line| {
            let fields: Vec<&str> = line.split_whitespace().collect();
            fields[3] == "0A" && own.iter().any(|inode| inode == fields[9])
        })
    })
}

/// The program's window, as a window manager sees it.
struct Shown {
    display: x11rb::rust_connection::RustConnection,
    window: Window,
}

impl Shown {
    fn of(process: u32) -> Self {
        let (display, screen) = x11rb::connect(None).unwrap();
        let root = display.setup().roots[screen].root;
        let window = until("the window is on the display", || {
            let pid = atom(&display, "_NET_WM_PID");
            let children = display.query_tree(root).ok()?.reply().ok()?.children;
            children.into_iter().find(|window| {
                let told = display.get_property(false, *window, pid, AtomEnum::CARDINAL, 0, 1);
                let told = told.ok().and_then(|told| told.reply().ok());
                let is_its = told.and_then(|told| told.value32()?.next()) == Some(process);
                is_its && is_mapped(&display, *window)
            })
        });
        Self { display, window }
    }

    fn is_seen(&self) -> bool {
        is_mapped(&self.display, self.window)
    }

    /// As the cross in its title bar does.
    fn close(&self) {
        let (protocols, delete) = (
            atom(&self.display, "WM_PROTOCOLS"),
            atom(&self.display, "WM_DELETE_WINDOW"),
        );
        let event = ClientMessageEvent::new(32, self.window, protocols, [delete, 0, 0, 0, 0]);
        self.display
            .send_event(false, self.window, EventMask::NO_EVENT, event)
            .unwrap()
            .check()
            .unwrap();
    }
}

fn atom(display: &impl x11rb::connection::Connection, name: &str) -> u32 {
    let atom = display.intern_atom(false, name.as_bytes()).unwrap();
    atom.reply().unwrap().atom
}

fn is_mapped(display: &impl x11rb::connection::Connection, window: Window) -> bool {
    let told = display.get_window_attributes(window).unwrap();
    told.reply()
        .is_ok_and(|told| told.map_state == MapState::VIEWABLE)
}

#[test]
fn it_goes_on_in_the_tray() {
    let Some(window) = window("it_goes_on_in_the_tray") else {
        return;
    };
    let desk = Desk::new();
    let desktop = Desktop::start();
    let program = Program::start(&window, &desk, &desktop);

    let tray = desktop.item();
    let labels: Vec<String> = tray.lines().into_iter().map(|line| line.label).collect();
    for label in [
        "Open Albumen",
        "Sharing is on",
        "Pause imports",
        "Quit Albumen",
    ] {
        assert!(labels.iter().any(|known| known == label), "{labels:?}");
    }
    assert!(!tray.line("Sharing is on").marked);
    assert!(!listens(program.0.id()), "sharing is off");
    tray.choose("Sharing is on");
    until("sharing is on, and marked", || {
        let on = desk.tell(&["sharing", "show"])["on"] == true;
        (on && listens(program.0.id()) && tray.line("Sharing is on").marked).then_some(())
    });

    let shown = Shown::of(program.0.id());
    shown.close();
    until("the window is closed", || (!shown.is_seen()).then_some(()));
    assert!(!tray.is_gone(), "it went with its window");
    assert_eq!(
        desk.tell(&["sharing", "show"])["on"],
        true,
        "links stay open"
    );

    tray.choose("Open Albumen");
    until("the window is back", || shown.is_seen().then_some(()));
    tray.choose("Sharing is on");
    until("sharing is off, and no more marked", || {
        let on = desk.tell(&["sharing", "show"])["on"] == true;
        let listens = listens(program.0.id());
        (!on && !listens && !tray.line("Sharing is on").marked).then_some(())
    });
    tray.choose("Quit Albumen");
    until("it has quit", || tray.is_gone().then_some(()));
    drop(program);
}
