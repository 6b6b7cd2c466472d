//! What visitors send and do with a link at a machine that serves it: it reaches the link's
//! home, once and whole, whatever breaks off on the way.

use std::fs;
use std::io::{Read, Write};

use prost::Message;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::hosting::Served;
use super::household::talk;
use super::partners::holds;
use super::peers::{device, guest, meet, named};
use super::{DAY, START, Story};
use crate::wire::{TakeUpload, UploadTaken, Wish, WishOf, WithdrawUpload};
use crate::*;

const BEN: [u8; 16] = [7; 16];

/// Bytes that look like a photo's, each seed's own.
fn bytes_of(seed: u32) -> Vec<u8> {
    let mut bytes = vec![0xff, 0xd8, 0xff, 0xe0];
    bytes.extend((0..600_u32).flat_map(|at| (at * 31 + seed * 7_919).to_le_bytes()));
    bytes
}

fn announced(access: &Access, seed: u32) -> Upload {
    access
        .begin_upload(NewUpload {
            name: format!("{seed}.jpg"),
            bytes: bytes_of(seed).len() as u64,
            visitor: BEN,
            visitor_name: "Ben".to_owned(),
            sha256: None,
        })
        .unwrap()
}

fn send(access: &Access, seed: u32) -> Upload {
    let upload = announced(access, seed);
    let mut receiving = access.receive(&upload.item, 0, None).unwrap();
    receiving.write(&bytes_of(seed)).unwrap();
    receiving.end(true).unwrap()
}

/// Fetches so many bytes of what a home awaits from its server, or all; whether all is here.
fn fetch(served: &Served, awaited: &Awaited, most: Option<usize>) -> bool {
    let Ok(mut given) = guest(&served.server, &served.desk).open_upload(awaited.id) else {
        return false;
    };
    assert_eq!((given.length, given.hash), (awaited.bytes, awaited.hash));
    let mut bytes = Vec::new();
    given.file.read_to_end(&mut bytes).unwrap();
    let file = served.desk.library.open_awaited(awaited).unwrap();
    let have = file.metadata().unwrap().len() as usize;
    let end = most.map_or(bytes.len(), |most| bytes.len().min(have + most));
    let mut at = &file;
    std::io::Seek::seek(&mut at, std::io::SeekFrom::Start(have as u64)).unwrap();
    at.write_all(&bytes[have..end.max(have)]).unwrap();
    end == bytes.len() && served.desk.library.finish_awaited(awaited, file).is_ok()
}

fn awaited(served: &Served) -> Vec<Awaited> {
    let server = device(&served.server).0;
    served.desk.library.awaited_uploads(server).unwrap()
}

/// Both are in contact until all is where it is to be.
fn bring(served: &Served) {
    for _ in 0..2 {
        served.talk();
        for upload in awaited(served) {
            fetch(served, &upload, None);
        }
    }
    served.talk();
}

fn inbox(at: &Story) -> Vec<String> {
    let groups = at.library.inbox(None).unwrap();
    let uploads = groups.into_iter().flat_map(|group| group.uploads);
    let mut names: Vec<String> = uploads.map(|upload| upload.name).collect();
    names.sort();
    names
}

fn onward(access: &Access) -> Vec<Option<Onward>> {
    let sent = access.uploads_of(BEN).unwrap();
    sent.iter().map(|upload| upload.onward).collect()
}

/// A link by which visitors may send photos.
fn open_link(served: &Served, change: impl FnOnce(&mut NewLink)) -> Link {
    let name = format!("own {}.jpg", served.desk.library.counts().unwrap().assets);
    let album = served.desk.album(&[served.desk.photo(&name, START)]);
    let link = served.desk.link(album, |new| {
        new.upload = Uploads::Add;
        change(new);
    });
    served.talk();
    link
}

#[test]
fn what_is_sent_at_the_server_is_nobodys_there_and_arrives_in_the_inbox_of_its_home() {
    let served = Served::begin();
    let link = open_link(&served, |_| {});
    let access = served.server.access(&link);
    let sent = send(&access, 1);
    assert!(sent.sha256.is_some(), "the visitor hears that it is whole");
    let library = &served.server.library;
    assert!(inbox(&served.server).is_empty());
    assert!(!library.has_uploads_waiting().unwrap());
    assert!(library.count_uploads().unwrap().is_empty());
    assert!(
        library.outbox().unwrap().is_empty(),
        "nobody asked for that"
    );
    assert_eq!(library.hostings().unwrap()[0].uploads, 1);
    assert_eq!(onward(&access), [Some(Onward::Waits)]);
    served.talk();
    let [upload] = &awaited(&served)[..] else {
        panic!("one is awaited")
    };
    assert!(library.accept(&[upload.id], false, &|_| true).is_err());
    assert!(library.reject(&[upload.id]).is_err());
    assert!(library.inbox_bytes(upload.id, What::Download).is_err());
    assert!(inbox(&served.desk).is_empty(), "no bytes, no entry");
    bring(&served);
    let groups = served.desk.library.inbox(None).unwrap();
    assert_eq!((groups[0].link, groups[0].name.as_str()), (link.id, "Ben"));
    assert_eq!(groups[0].uploads[0].name, "1.jpg");
    let mut there = Vec::new();
    let mut read = served
        .desk
        .library
        .inbox_bytes(groups[0].uploads[0].id, What::Download)
        .unwrap();
    read.body.read_to_end(&mut there).unwrap();
    assert_eq!(there, bytes_of(1));
    assert!(!holds(&served.server, &bytes_of(1)[..200]), "it is gone");
    assert_eq!(library.hostings().unwrap()[0].uploads, 0);
    assert_eq!(onward(&access), [Some(Onward::Taken)]);
    assert_eq!(access.uploads_of(BEN).unwrap()[0].sha256, sent.sha256);
    let days = served.desk.library.tally(link.id).unwrap().days;
    assert_eq!(days.iter().map(|day| day.uploads).sum::<u64>(), 1);
    // What nobody goes on with is reaped on either side, and nothing else.
    served.server.later(4 * DAY);
    served.desk.later(4 * DAY);
    assert_eq!(library.reap_uploads().unwrap(), 0);
    assert_eq!(served.desk.library.reap_uploads().unwrap(), 0);
    assert_eq!(inbox(&served.desk), ["1.jpg"]);
}

#[test]
fn what_its_home_does_not_take_is_said_on_the_receipt_and_kept_nowhere() {
    let served = Served::begin();
    let link = open_link(&served, |new| new.upload_files = 2);
    // One came to its home meanwhile.
    send(&served.desk.access(&link), 1);
    let access = served.server.access(&link);
    served.server.later(1);
    send(&access, 2);
    served.server.later(1);
    send(&access, 3);
    bring(&served);
    assert_eq!(
        onward(&access),
        [Some(Onward::Refused), Some(Onward::Taken)]
    );
    assert_eq!(inbox(&served.desk), ["1.jpg", "2.jpg"]);
    assert!(!holds(&served.server, &bytes_of(3)[..200]));
    // A link that was ended takes nothing, also what was sent before.
    let other = open_link(&served, |_| {});
    send(&served.server.access(&other), 4);
    served.desk.library.revoke_link(other.id).unwrap();
    bring(&served);
    assert_eq!(inbox(&served.desk), ["1.jpg", "2.jpg"]);
    assert!(!holds(&served.server, &bytes_of(4)[..200]));
    assert_eq!(served.server.library.hostings().unwrap()[0].uploads, 0);
}

#[test]
fn what_was_sent_before_a_link_expired_arrives_after_that() {
    let served = Served::begin();
    let link = open_link(&served, |new| new.expires_at = Some(START + DAY));
    send(&served.server.access(&link), 1);
    served.desk.later(2 * DAY);
    served.server.later(2 * DAY);
    bring(&served);
    assert_eq!(inbox(&served.desk), ["1.jpg"]);
}

#[test]
fn a_visitor_takes_back_what_waits_is_on_its_way_or_arrived() {
    let served = Served::begin();
    let link = open_link(&served, |_| {});
    let access = served.server.access(&link);
    let items: Vec<String> = (1..4)
        .map(|seed| {
            served.server.later(1);
            send(&access, seed).item
        })
        .collect();
    // Before its home heard of it.
    access.withdraw(&items[0]).unwrap();
    assert!(!holds(&served.server, &bytes_of(1)[..200]));
    served.talk();
    // While it comes: some of it is there.
    let coming = awaited(&served);
    assert_eq!(coming.len(), 2);
    assert!(!fetch(&served, &coming[0], Some(100)));
    access.withdraw(&items[1]).unwrap();
    assert!(!fetch(&served, &coming[0], None), "it is not given out");
    bring(&served);
    assert_eq!(inbox(&served.desk), ["3.jpg"]);
    // After it arrived, for twelve hours.
    assert_eq!(onward(&access), [Some(Onward::Taken)]);
    access.withdraw(&items[2]).unwrap();
    assert!(access.uploads_of(BEN).unwrap().is_empty());
    bring(&served);
    assert!(inbox(&served.desk).is_empty());
    for seed in 1..4 {
        assert!(!holds(&served.desk, &bytes_of(seed)[..90]), "{seed}");
        assert!(!holds(&served.server, &bytes_of(seed)[..90]), "{seed}");
    }
    served.server.later(1);
    let late = send(&access, 5);
    served.server.later(13 * 60 * 60 * 1_000);
    assert!(access.withdraw(&late.item).is_err());
}

fn asks(guest: &Guest, of: WishOf) -> Option<String> {
    let wish = Wish { of: Some(of) }.encode_to_vec();
    guest.ask(RequestId::new(START), &wish).unwrap()
}

#[test]
fn a_machine_answers_for_its_own_visitors_alone() {
    let served = Served::begin();
    let link = open_link(&served, |_| {});
    let ben = named("Ben's");
    ben.library.rename(Some("Ben".into()), None).unwrap();
    meet(&served.desk, &ben);
    meet(&served.server, &ben);
    send(&served.desk.access(&link), 1);
    let at_home = served.desk.library.inbox(None).unwrap()[0].uploads[0].id;
    let withdraw = WishOf::WithdrawUpload(WithdrawUpload {
        id: at_home.bytes().to_vec(),
    });
    // What was sent at home is not the server's to take back.
    let from_server = guest(&served.desk, &served.server);
    assert_eq!(asks(&from_server, withdraw), None);
    assert_eq!(inbox(&served.desk), ["1.jpg"]);
    // Somebody who serves nothing brings nothing.
    let forged = TakeUpload {
        id: UploadId::new(START).bytes().to_vec(),
        link: link.id.bytes().to_vec(),
        visitor: vec![1; 32],
        bytes: 9,
        hash: vec![2; 32],
        ..TakeUpload::default()
    };
    let from_ben = guest(&served.desk, &ben);
    assert!(asks(&from_ben, WishOf::TakeUpload(forged.clone())).is_some());
    ben.library
        .set_hosting(device(&served.desk).0, Keep::Previews)
        .unwrap();
    assert!(asks(&from_ben, WishOf::TakeUpload(forged.clone())).is_some());
    // Nor does the server what cannot be.
    for wrong in [
        TakeUpload {
            bytes: 0,
            ..forged.clone()
        },
        TakeUpload {
            hash: vec![2; 31],
            ..forged.clone()
        },
        TakeUpload {
            link: vec![9; 16],
            ..forged.clone()
        },
    ] {
        assert!(asks(&from_server, WishOf::TakeUpload(wrong)).is_some());
    }
    assert!(awaited(&served).is_empty());
    // And what waits at the server is its home's to confirm.
    send(&served.server.access(&link), 2);
    served.talk();
    let [waiting] = &awaited(&served)[..] else {
        panic!("one is awaited")
    };
    let taken = WishOf::UploadTaken(UploadTaken {
        id: waiting.id.bytes().to_vec(),
        refusal: None,
    });
    served
        .server
        .library
        .set_hosting(device(&ben).0, Keep::Previews)
        .unwrap();
    let ben_at_server = guest(&served.server, &ben);
    assert_eq!(asks(&ben_at_server, taken), None);
    assert!(ben_at_server.open_upload(waiting.id).is_err());
    assert!(fetch(&served, waiting, None), "its bytes are there still");
}

#[test]
fn a_home_that_forgot_what_it_said_yes_to_is_asked_again() {
    let served = Served::begin();
    let link = open_link(&served, |_| {});
    send(&served.server.access(&link), 1);
    let home = device(&served.desk).0;
    served.talk();
    // Its catalog is one of before.
    let library = &served.desk.library;
    library
        .catalog
        .write(|write| {
            write
                .conn()
                .execute_batch("DELETE FROM upload; DELETE FROM decided")?;
            Ok(())
        })
        .unwrap();
    bring(&served);
    assert!(inbox(&served.desk).is_empty());
    served.server.library.pass_on_again(home).unwrap();
    served.server.library.pass_on_again(home).unwrap();
    bring(&served);
    assert_eq!(inbox(&served.desk), ["1.jpg"]);
    assert_eq!(served.server.library.hostings().unwrap()[0].uploads, 0);
}

/// After any cuts and repeats, what visitors sent is at its home, once and whole, but what
/// they took back.
#[test]
fn after_any_cuts_all_that_was_sent_is_at_home_once() {
    for seed in 0..8 {
        let mut random = StdRng::seed_from_u64(seed);
        let served = Served::begin();
        let link = open_link(&served, |_| {});
        let access = served.server.access(&link);
        let (home, server) = (device(&served.desk).0, device(&served.server).0);
        let mut wanted: Vec<(String, String)> = Vec::new();
        for number in 0..60 {
            served.server.later(1);
            served.desk.later(1);
            match random.random_range(0..6) {
                0 => {
                    let sent = send(&access, number);
                    wanted.push((sent.item, format!("{number}.jpg")));
                }
                1 if !wanted.is_empty() && random.random_bool(0.3) => {
                    let (item, _) = wanted.swap_remove(random.random_range(0..wanted.len()));
                    access.withdraw(&item).unwrap();
                }
                // A request reaches the other side; its answer may be lost on the way back.
                2 => cut(&mut random, &served.server, &served.desk, home),
                3 => cut(&mut random, &served.desk, &served.server, server),
                4 => {
                    if let Some(upload) = awaited(&served).first() {
                        fetch(&served, upload, Some(random.random_range(1..2_000)));
                    }
                }
                _ => served.server.library.pass_on_again(home).unwrap(),
            }
        }
        bring(&served);
        let mut names: Vec<String> = wanted.into_iter().map(|(_, name)| name).collect();
        names.sort();
        assert_eq!(inbox(&served.desk), names, "seed {seed}");
        assert_eq!(served.server.library.hostings().unwrap()[0].uploads, 0);
        let passed = onward(&access);
        assert_eq!(passed.len(), names.len(), "seed {seed}");
        assert!(passed.iter().all(|one| *one == Some(Onward::Taken)));
        let days = served.desk.library.tally(link.id).unwrap().days;
        let counted: u64 = days.iter().map(|day| day.uploads).sum();
        assert!(counted >= names.len() as u64);
        let left = fs::read_dir(served.server.folder.path().join("inbox"));
        assert_eq!(left.unwrap().count(), 0, "seed {seed}");
    }
}

/// The oldest request is asked, once or twice, and its answer is heard or not.
fn cut(random: &mut StdRng, from: &Story, to: &Story, home: DeviceId) {
    let Some(request) = from.library.outgoing(home).unwrap().into_iter().next() else {
        return;
    };
    let right = guest(to, from);
    let mut refusal = None;
    for _ in 0..random.random_range(1..3) {
        refusal = right.ask(request.id, &request.wish).unwrap();
    }
    if random.random_bool(0.5) {
        from.library.note_answer(request.id, refusal).unwrap();
    }
}

fn totals(tally: &Tally) -> (u64, u64, u64) {
    tally.days.iter().fold((0, 0, 0), |sum, day| {
        (
            sum.0 + day.visits,
            sum.1 + day.photos,
            sum.2 + day.downloads,
        )
    })
}

#[test]
fn what_visitors_do_at_the_server_is_counted_at_home_once() {
    let served = Served::begin();
    let link = open_link(&served, |_| {});
    let home = device(&served.desk).0;
    let access = served.server.access(&link);
    let tell = || served.server.library.tell_visits(home).unwrap();
    served
        .desk
        .access(&link)
        .note([1; 16], "Firefox", Deed::Opened)
        .unwrap();
    for deed in [Deed::Opened, Deed::Photo, Deed::Download(5)] {
        access.note([2; 16], "Safari on an iPhone", deed).unwrap();
    }
    tell();
    // More comes while that is on its way, and its answer is lost: it is asked again.
    access.note([2; 16], "", Deed::Photo).unwrap();
    tell();
    let waiting = served.server.library.outgoing(home).unwrap();
    assert_eq!(waiting.len(), 1, "one after the other");
    let right = guest(&served.desk, &served.server);
    right.ask(waiting[0].id, &waiting[0].wish).unwrap();
    served.talk();
    let tally = served.desk.library.tally(link.id).unwrap();
    assert_eq!(totals(&tally), (2, 1, 5));
    tell();
    served.talk();
    tell();
    assert!(served.server.library.outgoing(home).unwrap().is_empty());
    let tally = served.desk.library.tally(link.id).unwrap();
    assert_eq!(totals(&tally), (2, 2, 5));
    let visits: Vec<_> = tally
        .visits
        .iter()
        .map(|visit| (visit.device.as_str(), visit.photos, visit.downloads))
        .collect();
    assert!(
        visits.contains(&("Safari on an iPhone", 2, 5)),
        "{visits:?}"
    );
    assert_eq!(visits.len(), 2);
    // What was done before a link ended is told all the same.
    access.note([3; 16], "Chrome", Deed::Opened).unwrap();
    served.desk.library.revoke_link(link.id).unwrap();
    served.talk();
    let tally = served.desk.library.tally(link.id).unwrap();
    assert_eq!(totals(&tally), (3, 2, 5));
}

#[test]
fn what_waits_at_a_server_that_moves_would_stay_behind() {
    let served = Served::begin();
    let link = open_link(&served, |_| {});
    send(&served.server.access(&link), 1);
    let refused = served
        .server
        .library
        .move_out(device(&served.desk).0)
        .unwrap_err();
    assert!(refused.to_string().contains("another machine"), "{refused}");
    bring(&served);
    talk(&served.server, &served.desk);
    assert_eq!(inbox(&served.desk), ["1.jpg"]);
}
