//! Two machines that no packet passes between, and a third that both reach and that serves
//! a relay.

use std::path::Path;

use serde_json::Value;

use super::{Host, Network, count, house, id, until};

/// The relay's port.
const PORT: u16 = 3_340;
/// Where nodes serve links.
const LINKS: u16 = 8_477;

/// They meet at the relay, and again after a start, and nobody types anything but on the
/// third.
///
/// # Errors
/// What did not come about; and that a network of one's own needs root.
pub fn met(scratch: &Path, albumen: &Path) -> Result<(), String> {
    let network = Network::new(3)?;
    for host in [1, 2] {
        network.isolate(host, "on")?;
    }
    let [mut desk, mut laptop, server] =
        house(&network, scratch, albumen, ["Desk", "Laptop", "Server"])?;
    let reach = |host, other| network.reaches(host, other, LINKS);
    if reach(1, 2) || reach(2, 1) || !reach(1, 3) || !reach(3, 2) {
        return Err("the network is not as it should be; nothing can be seen so.".to_owned());
    }
    println!("| Without a path between two | after |\n|---|---|");
    desk.photo(1, 300)?;
    let relay = format!("http://{}:{PORT}", network.address_of(3));
    let serve = format!("0.0.0.0:{PORT}");
    let set = ["peer", "set", "--serve-relay", &serve, "--relay", &relay];
    let served = server.tell(&set)?;
    if served["relay_served"] != format!("http://{serve}") {
        return Err(format!("no relay is served: {served}"));
    }
    for guest in [&desk, &laptop] {
        let invite = server.tell(&["peer", "invite", "--own", "--yes"])?;
        let ticket = invite["ticket"].as_str().unwrap_or_default();
        let joined = guest.tell(&["peer", "join", ticket, "--own", "--yes"])?;
        if joined["state"] != "done" {
            return Err(format!("they did not pair: {joined}"));
        }
    }
    let [home, away] = [own_id(&desk)?, own_id(&laptop)?];
    until("the two know each other and meet at the relay", || {
        Ok(path(&laptop, &home)? == "relay" && path(&desk, &away)? == "relay")
    })?;
    until("one shows the photo of the other", || {
        Ok(count(&laptop, &home)? == 1)
    })?;
    for host in [&mut desk, &mut laptop] {
        host.kill();
        host.serve()?;
    }
    desk.photo(2, 300)?;
    until("both started again: a new photo is known", || {
        Ok(count(&laptop, &home)? == 2)
    })?;
    if path(&laptop, &home)? != "relay" {
        return Err("they do not meet at the relay.".to_owned());
    }
    let photo = super::first(&laptop, &home)?;
    until("its original came through the relay", || {
        super::copy(&laptop, &home, &photo)
    })?;
    server.tell(&["peer", "set", "--serve-relay", "off"])?;
    until(
        "no relay is served any more: neither reaches the other",
        || Ok(path(&laptop, &home)?.is_null() && path(&desk, &away)?.is_null()),
    )?;
    server.tell(&set)?;
    until("it is served again: they meet", || {
        Ok(path(&laptop, &home)? == "relay" && path(&desk, &away)? == "relay")
    })?;
    for host in [1, 2] {
        network.isolate(host, "off")?;
    }
    until("there is a path: they take it", || {
        Ok(path(&laptop, &home)? == "local")
    })
    .map(drop)
}

fn own_id(host: &Host<'_>) -> Result<String, String> {
    Ok(id(&host.tell(&["peer", "list"])?["device"]))
}

/// By which way a machine is reached now.
fn path(host: &Host<'_>, machine: &str) -> Result<Value, String> {
    let list = host.tell(&["peer", "list"])?;
    let people = list["people"].as_array().cloned().unwrap_or_default();
    let mut machines = people
        .iter()
        .flat_map(|person| person["machines"].as_array().cloned().unwrap_or_default());
    Ok(machines
        .find(|one| one["id"] == machine)
        .map_or(Value::Null, |one| one["path"].clone()))
}
