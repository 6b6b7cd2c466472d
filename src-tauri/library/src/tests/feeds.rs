//! What one library tells another: whatever is cut, repeated or forged on the way, the
//! other ends with what the home shows, and with nothing else.

use std::collections::BTreeMap;

use prost::Message;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::{START, Story};
use crate::wire::{AssetRow, Row, RowKind};
use crate::*;

const DAY: i64 = 24 * 60 * 60 * 1_000;

/// Makes two libraries machines of one person, and answers with the first as the
/// second one's host and guest.
fn pair(home: &Story, other: &Story) -> (Guest, DeviceId) {
    let card = Introduction::read(&home.library.card().unwrap()).unwrap();
    let key = home.library.person_key().unwrap();
    other.library.join_person(card, &key).unwrap();
    let card = Introduction::read(&other.library.card().unwrap()).unwrap();
    let device = card
        .devices
        .iter()
        .find(|device| device.id == other.library.identity().unwrap().device)
        .unwrap()
        .clone();
    home.library.meet(card, &device.key).unwrap();
    let guest = home.library.admit_peer(&device.key).unwrap().unwrap();
    (guest, home.library.identity().unwrap().device)
}

/// Follows until nothing is new.
fn follow(guest: &Guest, other: &Story, home: DeviceId) {
    loop {
        let from = other.library.feed_cursor(home, Space::Library).unwrap();
        let page = guest
            .feed(Space::Library, from.epoch, from.revision)
            .unwrap();
        let complete = page.complete;
        assert_eq!(
            other.library.receive(home, Space::Library, page).unwrap(),
            0
        );
        if complete {
            return;
        }
    }
}

pub(super) type Rows = BTreeMap<(u32, Vec<u8>), Vec<u8>>;

/// What the home shows now, told from its beginning.
pub(super) fn projection(guest: &Guest) -> Rows {
    let mut rows = Rows::new();
    let mut after = 0;
    loop {
        let page = guest.feed(Space::Library, 0, 0).unwrap();
        let page = match after {
            0 => page,
            after => guest.feed(Space::Library, page.epoch, after).unwrap(),
        };
        for row in page.rows {
            if let Some(body) = row.body {
                rows.insert((row.kind, row.row), body);
            }
        }
        after = page.revision;
        if page.complete {
            return rows;
        }
    }
}

pub(super) fn replica(story: &Story, home: DeviceId) -> Rows {
    story
        .library
        .catalog
        .read(|conn| {
            Ok(conn
                .prepare(
                    "SELECT kind, row, body FROM replica WHERE home = ?1 AND space = 'library'",
                )?
                .query_map([home], |row| Ok(((row.get(0)?, row.get(1)?), row.get(2)?)))?
                .collect::<Result<_, _>>()?)
        })
        .unwrap()
}

/// So that a failure says what differs, and not all of it.
pub(super) fn assert_same(replica: &Rows, projection: &Rows) {
    let differ: Vec<_> = projection
        .keys()
        .chain(replica.keys())
        .filter(|key| replica.get(*key) != projection.get(*key))
        .take(3)
        .collect();
    assert!(differ.is_empty(), "rows differ: {differ:?}");
}

#[test]
fn a_follower_sees_what_its_home_shows_and_then_what_changes() {
    let (home, other) = (Story::begin(), Story::begin());
    let beach = home.photo("beach.jpg", START);
    let hut = home.photo("hut.jpg", START + DAY);
    let album = home.album(&[beach, hut]);
    let (guest, device) = pair(&home, &other);
    follow(&guest, &other, device);
    let (seen, next) = other
        .library
        .remote_assets(device, RemoteWhich::default(), None, 10)
        .unwrap();
    let ids: Vec<AssetId> = seen.iter().map(|remote| remote.asset.id).collect();
    assert_eq!((ids, next), (vec![hut, beach], None), "newest first");
    assert_eq!(seen[0].asset.home, device);
    assert_eq!(seen[0].asset.camera_model.as_deref(), Some("Canon EOS 5D"));

    home.library
        .edit_assets(
            &[hut],
            AssetEdit {
                title: Some("The hut".to_owned()),
                add_tags: vec!["Alps".to_owned()],
                ..AssetEdit::default()
            },
        )
        .unwrap();
    home.library.remove_from_album(album, &[beach]).unwrap();
    home.library.trash(&[beach]).unwrap();
    follow(&guest, &other, device);
    let seen = other
        .library
        .remote_assets(device, RemoteWhich::default(), None, 10)
        .unwrap()
        .0;
    assert_eq!(seen.len(), 1, "what is in the trash is not shown");
    assert_eq!(seen[0].asset.title.as_deref(), Some("The hut"));
    assert_eq!(seen[0].asset.tags, ["Alps"]);
    assert_same(&replica(&other, device), &projection(&guest));
}

#[test]
fn a_locked_photo_is_told_to_nobody_and_is_gone_where_it_was_told() {
    let (home, other) = (Story::begin(), Story::begin());
    let ids = [home.photo("a.jpg", START), home.photo("b.jpg", START + 1)];
    home.album(&ids);
    let (guest, device) = pair(&home, &other);
    follow(&guest, &other, device);
    assert_eq!(replica(&other, device).len(), 5);
    home.library.set_pin(None, "1234").unwrap();
    home.library.set_locked(&[ids[0]], true).unwrap();
    follow(&guest, &other, device);
    let rows = replica(&other, device);
    assert_eq!(
        rows.len(),
        3,
        "neither the photo nor its place in the album"
    );
    let id = ids[0].bytes();
    assert!(
        rows.iter()
            .all(|((_, row), body)| !row.ends_with(&id) && !body.windows(5).any(|w| w == b"a.jpg"))
    );
    assert!(matches!(
        guest.open(device, ids[0], KeptWhat::Original),
        Err(LibraryError::NotShared)
    ));
}

#[test]
fn after_any_cuts_and_repeats_a_replica_is_what_its_home_shows() {
    for seed in 0..12 {
        let mut random = StdRng::seed_from_u64(seed);
        let (home, other) = (Story::begin(), Story::begin());
        let mut photos = vec![home.photo("0.jpg", START)];
        let mut albums = vec![home.album(&photos)];
        let (guest, device) = pair(&home, &other);
        let mut sent: Vec<Page> = Vec::new();
        for step in 1..60 {
            let pick = photos[random.random_range(0..photos.len())];
            let album = albums[random.random_range(0..albums.len())];
            // What was undone meanwhile cannot be changed any more; that is as it should be.
            match random.random_range(0..9) {
                0 | 1 => photos.push(home.photo(&format!("{step}.jpg"), START + step)),
                2 => albums.push(home.album(&[pick])),
                3 => drop(home.library.add_to_album(album, &[pick])),
                4 => drop(home.library.remove_from_album(album, &[pick])),
                5 => drop(home.library.trash(&[pick])),
                6 => drop(home.library.restore(&[pick])),
                7 => drop(home.library.undo()),
                _ => {
                    let edit = AssetEdit {
                        rating: Some(random.random_range(0..=5)),
                        ..AssetEdit::default()
                    };
                    drop(home.library.edit_assets(&[pick], edit));
                }
            }
            // Some of what is new arrives; some of what came before comes again.
            if random.random_bool(0.5) {
                let from = other.library.feed_cursor(device, Space::Library).unwrap();
                let mut page = guest
                    .feed(Space::Library, from.epoch, from.revision)
                    .unwrap();
                let kept = random.random_range(0..=page.rows.len());
                if kept < page.rows.len() {
                    page.rows.truncate(kept);
                    page.complete = false;
                    page.revision = page.rows.last().map_or(from.revision, |row| row.revision);
                }
                sent.push(page.clone());
                other.library.receive(device, Space::Library, page).unwrap();
            }
            if !sent.is_empty() && random.random_bool(0.3) {
                let again = sent[random.random_range(0..sent.len())].clone();
                other
                    .library
                    .receive(device, Space::Library, again)
                    .unwrap();
            }
        }
        follow(&guest, &other, device);
        assert_same(&replica(&other, device), &projection(&guest));
    }
}

#[test]
fn a_home_that_was_restored_is_followed_anew() {
    let (home, other) = (Story::begin(), Story::begin());
    let ids = [home.photo("a.jpg", START), home.photo("b.jpg", START + 1)];
    home.library.create_album("Empty").unwrap();
    let (guest, device) = pair(&home, &other);
    follow(&guest, &other, device);
    let before = other.library.feed_cursor(device, Space::Library).unwrap();
    // A backup from before the second photo, and another life since.
    home.library
        .catalog
        .write(move |write| {
            write
                .conn()
                .execute("DELETE FROM asset WHERE id = ?1", [ids[1]])?;
            write
                .conn()
                .execute("DELETE FROM feed WHERE row = ?1", [ids[1]])?;
            catalog::begin_anew(write.conn())?;
            Ok(())
        })
        .unwrap();
    // By more than one page.
    let mut first = guest
        .feed(Space::Library, before.epoch, before.revision)
        .unwrap();
    first.rows.truncate(1);
    first.revision = first.rows[0].revision;
    first.complete = false;
    other
        .library
        .receive(device, Space::Library, first)
        .unwrap();
    follow(&guest, &other, device);
    let after = other.library.feed_cursor(device, Space::Library).unwrap();
    assert_ne!(before.epoch, after.epoch);
    assert_same(&replica(&other, device), &projection(&guest));
    assert_eq!(
        other
            .library
            .remote_assets(device, RemoteWhich::default(), None, 9)
            .unwrap()
            .0
            .len(),
        1
    );
}

#[test]
fn rows_that_cannot_be_are_passed_over_and_counted() {
    let (home, other) = (Story::begin(), Story::begin());
    home.photo("a.jpg", START);
    let (guest, device) = pair(&home, &other);
    let honest = guest.feed(Space::Library, 0, 0).unwrap();
    let asset = AssetRow::decode(honest.rows[0].body.as_deref().unwrap()).unwrap();
    type Forge = fn(&mut AssetRow);
    let forged: [(&str, Forge); 9] = [
        ("a hash of another length", |row| row.hash.truncate(31)),
        ("a name of a megabyte", |row| row.name = "x".repeat(1 << 20)),
        ("a title of a book", |row| row.title = Some("x".repeat(513))),
        ("no media type", |row| row.mime = "../../etc".to_owned()),
        ("a place off the earth", |row| row.latitude = Some(91.0)),
        ("no number", |row| row.f_number = Some(f64::NAN)),
        ("a time beyond all", |row| row.sorted_at = i64::MAX),
        ("six stars", |row| row.rating = Some(6)),
        ("a fifth quarter", |row| row.turn = 4),
    ];
    for (revision, (what, forge)) in (honest.revision + 1..).zip(forged) {
        let mut row = asset.clone();
        forge(&mut row);
        let page = Page {
            rows: vec![Row {
                kind: RowKind::Asset as u32,
                row: vec![9; 16],
                revision,
                body: Some(row.encode_to_vec()),
            }],
            revision,
            ..honest.clone()
        };
        let refused = other.library.receive(device, Space::Library, page).unwrap();
        assert_eq!(refused, 1, "{what}");
    }
    assert_eq!(replica(&other, device), Rows::new());
    assert_eq!(other.library.replica_totals(device).unwrap().refused, 9);
}

#[test]
fn pages_that_no_home_sends_are_refused_whole() {
    let (home, other) = (Story::begin(), Story::begin());
    home.photo("a.jpg", START);
    home.photo("b.jpg", START + 1);
    let (guest, device) = pair(&home, &other);
    let honest = guest.feed(Space::Library, 0, 0).unwrap();
    let mut backwards = honest.clone();
    backwards.rows.reverse();
    let mut beyond = honest.clone();
    beyond.revision = 0;
    let mut endless = honest.clone();
    endless.rows = (1..=1_001)
        .map(|revision| Row {
            revision,
            ..honest.rows[0].clone()
        })
        .collect();
    endless.revision = 2_000;
    for page in [backwards, beyond, endless] {
        let refused = other.library.receive(device, Space::Library, page);
        assert_eq!(refused.unwrap_err().code(), "wrong");
        assert_eq!(replica(&other, device), Rows::new());
    }
}

#[test]
fn kinds_of_later_programs_are_kept_as_they_came() {
    let (home, other) = (Story::begin(), Story::begin());
    let (guest, device) = pair(&home, &other);
    let page = Page {
        rows: vec![Row {
            kind: 77,
            row: b"something".to_vec(),
            revision: 1_000,
            body: Some(b"of tomorrow".to_vec()),
        }],
        revision: 1_000,
        ..guest.feed(Space::Library, 0, 0).unwrap()
    };
    assert_eq!(
        other.library.receive(device, Space::Library, page).unwrap(),
        0
    );
    let rows = replica(&other, device);
    let kept = rows.get(&(77, b"something".to_vec()));
    assert_eq!(kept.map(Vec::as_slice), Some(&b"of tomorrow"[..]));
}

#[test]
fn what_is_written_on_the_wire_stays_as_it_was() {
    let row = AssetRow {
        hash: vec![7; 32],
        name: "IMG_1.jpg".to_owned(),
        bytes: 3,
        mime: "image/jpeg".to_owned(),
        width: 4,
        height: 3,
        taken_local: Some(START),
        taken_offset: Some(-90),
        sorted_at: START,
        latitude: Some(48.5),
        longitude: Some(-11.25),
        rating: Some(0),
        tags: vec!["Alps".to_owned()],
        favorite: true,
        ..AssetRow::default()
    };
    let written = row.encode_to_vec();
    let digest = blake3::hash(&written).to_hex();
    assert_eq!(
        (written.len(), &digest.as_str()[..16]),
        (111, "e02a67e261d5bc4f"),
        "earlier programs read these bytes; a change of them is a new field"
    );
    assert_eq!(AssetRow::read(&written).unwrap(), row);
    // A field of tomorrow: number 200, a text.
    let mut later = written.clone();
    later.extend_from_slice(&[0xc2, 0x0c, 2, b'h', b'i']);
    assert_eq!(AssetRow::read(&later).unwrap(), row);
}
