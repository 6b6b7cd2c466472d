//! Others that carry a folder from one machine to another, on the same line: each from
//! its start at the receiver's until the last file is there, with the sender ready.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::network::Network;

/// How long another program may take for all of it.
const PATIENCE: Duration = Duration::from_secs(1_800);

/// A program that is ended with the measurement.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(command: &mut Command) -> Result<Running, String> {
    let program = command.get_args().last().map(|last| last.to_owned());
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map(Running)
        .map_err(|error| format!("{program:?}: {error}"))
}

/// The first line that a program says and `find` finds something in.
fn hear<T>(running: &mut Running, find: impl Fn(&str) -> Option<T>) -> Result<T, String> {
    let output = running.0.stdout.take().ok_or("a program without a voice")?;
    let mut lines = BufReader::new(output).lines().map_while(Result::ok);
    let found = lines.find_map(|line| find(&line));
    // What it says later is heard, too, or it would wait for that.
    std::thread::spawn(move || lines.for_each(drop));
    found.ok_or_else(|| "a program ended without a word of what it does".to_owned())
}

/// Files of a folder that are there whole, by how their names end.
pub fn files(folder: &Path, end: &str) -> usize {
    fs::read_dir(folder).map_or(0, |entries| {
        entries
            .filter_map(Result::ok)
            .filter(|entry| {
                let name = entry.file_name();
                let name = name.to_string_lossy();
                name.ends_with(end) && !name.starts_with('.')
            })
            .count()
    })
}

/// Every file must be what it was.
fn compare(from: &Path, to: &Path) -> Result<(), String> {
    let done = Command::new("diff").arg("-rq").args([from, to]).output();
    let done = done.map_err(|error| error.to_string())?;
    let told = String::from_utf8_lossy(&done.stdout);
    match told.lines().find(|line| line.contains(".jpg")) {
        None => Ok(()),
        Some(line) => Err(format!("something came that is not what was sent: {line}")),
    }
}

fn made(folder: &Path) -> Result<(), String> {
    fs::create_dir_all(folder).map_err(|error| error.to_string())
}

/// The folder by sendme: by addresses alone, no relay.
pub fn sendme(
    network: &Network,
    program: &Path,
    folder: &Path,
    scratch: &Path,
) -> Result<Duration, String> {
    let (from, to) = (scratch.join("sendme-from"), scratch.join("sendme-to"));
    made(&from)?;
    made(&to)?;
    let mut sending = network.on(1, program);
    sending.current_dir(&from).env("HOME", &from);
    sending.args(["send", "--no-progress", "--relay", "disabled"]);
    let mut sending = start(sending.arg(folder))?;
    let ticket = hear(&mut sending, |line| {
        let (_, ticket) = line.split_once("sendme receive ")?;
        ticket.split_whitespace().next().map(str::to_owned)
    })?;
    let mut receiving = network.on(2, program);
    receiving.current_dir(&to).env("HOME", &to);
    receiving.args(["receive", "--no-progress", "--relay", "disabled"]);
    let began = Instant::now();
    let done = receiving
        .arg(ticket)
        .output()
        .map_err(|error| error.to_string())?;
    let took = began.elapsed();
    if !done.status.success() {
        return Err(format!(
            "sendme: {}",
            String::from_utf8_lossy(&done.stderr).trim()
        ));
    }
    compare(folder, &to.join(folder.file_name().unwrap_or_default()))?;
    let _ = fs::remove_dir_all(&to);
    Ok(took)
}

/// The folder by Syncthing: two that know each other's addresses, nothing public.
pub fn syncthing(network: &Network, folder: &Path, scratch: &Path) -> Result<Duration, String> {
    let program = Path::new("syncthing");
    let to = scratch.join("syncthing-to");
    made(&to)?;
    made(&folder.join(".stfolder"))?;
    made(&to.join(".stfolder"))?;
    let homes = [
        scratch.join("syncthing-home-1"),
        scratch.join("syncthing-home-2"),
    ];
    let mut ids = Vec::new();
    for (host, home) in (1..).zip(&homes) {
        let mut command = network.on(host, program);
        command.args(["generate", "--no-default-folder", "--home"]);
        let done = command.arg(home).output().map_err(|why| why.to_string())?;
        if !done.status.success() {
            let told = String::from_utf8_lossy(&done.stdout);
            return Err(format!("syncthing: {}", told.trim()));
        }
        let mut command = network.on(host, program);
        command.args(["serve", "--device-id", "--home"]);
        let done = command.arg(home).output().map_err(|why| why.to_string())?;
        ids.push(String::from_utf8_lossy(&done.stdout).trim().to_owned());
    }
    let [here, there] = ids.as_slice() else {
        return Err("two are needed".to_owned());
    };
    for (home, path, kind) in [
        (&homes[0], folder, "sendonly"),
        (&homes[1], to.as_path(), "receiveonly"),
    ] {
        let config = configured((here, there), path, kind);
        fs::write(home.join("config.xml"), config).map_err(|error| error.to_string())?;
    }
    let serve = |host: u8, home: &Path| {
        let mut command = network.on(host, program);
        command.env("HOME", home).env("STNOUPGRADE", "1");
        command.args(["serve", "--no-browser", "--no-restart", "--logflags=0"]);
        start(command.arg("--home").arg(home))
    };
    let mut sending = serve(1, &homes[0])?;
    hear(&mut sending, |line| {
        line.contains("Completed initial scan").then_some(())
    })?;
    let wanted = files(folder, ".jpg");
    let began = Instant::now();
    let mut receiving = serve(2, &homes[1])?;
    hear(&mut receiving, |line| line.contains("My ID").then_some(()))?;
    while files(&to, ".jpg") < wanted {
        if began.elapsed() > PATIENCE {
            return Err("Syncthing never came to an end.".to_owned());
        }
        std::thread::park_timeout(Duration::from_millis(100));
    }
    let took = began.elapsed();
    drop((sending, receiving));
    compare(folder, &to)?;
    let _ = fs::remove_dir_all(&to);
    let _ = fs::remove_dir_all(folder.join(".stfolder"));
    Ok(took)
}

fn configured((here, there): (&str, &str), folder: &Path, kind: &str) -> String {
    let path = folder.display();
    format!(
        r#"<configuration version="36">
  <folder id="photos" label="photos" path="{path}" type="{kind}" rescanIntervalS="3600"
      fsWatcherEnabled="false">
    <device id="{here}"/><device id="{there}"/>
  </folder>
  <device id="{here}" name="one" compression="metadata">
    <address>tcp://10.77.0.1:22000</address>
  </device>
  <device id="{there}" name="two" compression="metadata">
    <address>tcp://10.77.0.2:22000</address>
  </device>
  <gui enabled="false"/>
  <options>
    <listenAddress>tcp://0.0.0.0:22000</listenAddress>
    <globalAnnounceEnabled>false</globalAnnounceEnabled>
    <localAnnounceEnabled>false</localAnnounceEnabled>
    <relaysEnabled>false</relaysEnabled>
    <natEnabled>false</natEnabled>
    <urAccepted>-1</urAccepted>
    <crashReportingEnabled>false</crashReportingEnabled>
    <autoUpgradeIntervalH>0</autoUpgradeIntervalH>
  </options>
</configuration>
"#
    )
}
