//! Stories of a library: real catalogs in temporary folders, assets entered as
//! import would, and a clock that the test turns.

use std::fs;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use media::{Facts, Format, Taken};
use rusqlite::OptionalExtension;

use crate::asset::NewAsset;
use crate::original::{self, Location};
use crate::*;

const DAY: i64 = 24 * 60 * 60 * 1_000;
/// 2026-05-03T12:00:00Z
const START: i64 = 1_777_809_600_000;

struct Story {
    library: Arc<Library>,
    now: Arc<AtomicI64>,
    folder: tempfile::TempDir,
}

impl Story {
    fn begin() -> Story {
        let folder = tempfile::tempdir().unwrap();
        let now = Arc::new(AtomicI64::new(START));
        let library = Arc::new(open(folder.path(), &now));
        Story {
            library,
            now,
            folder,
        }
    }

    fn later(&self, ms: i64) {
        self.now.fetch_add(ms, Ordering::Relaxed);
    }

    /// Enters an asset taken at this time, its bytes being its name.
    fn photo(&self, name: &str, taken_local_ms: i64) -> AssetId {
        let hash = *blake3::hash(name.as_bytes()).as_bytes();
        let placed = self
            .library
            .place_original(name.as_bytes(), hash, name, Some(taken_local_ms))
            .unwrap();
        let new = NewAsset {
            hash,
            name: name.to_owned(),
            bytes: name.len() as u64,
            facts: Facts {
                taken: Some(Taken {
                    local_ms: taken_local_ms,
                    offset_minutes: Some(120),
                }),
                ..plain_facts()
            },
            thumbhash: vec![1, 2, 3],
            modified_ms: 0,
        };
        self.library
            .catalog
            .write(move |write| {
                let id = asset::insert(write, &new)?;
                let location = Location::Copied(placed.target.clone());
                original::insert(write, id, &location, 0, Some(&placed))?;
                Ok(id)
            })
            .unwrap()
    }

    fn album(&self, assets: &[AssetId]) -> AlbumId {
        let album = self.library.create_album("Summer").unwrap().id;
        self.library.add_to_album(album, assets).unwrap();
        album
    }

    fn link(&self, album: AlbumId, change: impl FnOnce(&mut NewLink)) -> Link {
        let mut new = NewLink {
            of: LinkOf::Album(album),
            label: "for Ben".to_owned(),
            description: String::new(),
            password: None,
            expires_at: Some(START + 30 * DAY),
            download: Download::Original,
            show_metadata: false,
            name: None,
        };
        change(&mut new);
        self.library.create_link(new).unwrap()
    }

    fn visit(&self, link: &Link, pass: Option<&str>) -> Visit {
        let key = link.key.clone().unwrap();
        self.library.visit(Address::Key(&key), pass).unwrap()
    }

    fn access(&self, link: &Link) -> Access {
        opened(self.visit(link, None))
    }
}

fn open(folder: &Path, now: &Arc<AtomicI64>) -> Library {
    let now = Arc::clone(now);
    Library::open(
        folder,
        media::Decoder::new("no-worker-is-needed".into(), 1),
        Clock::new(move || now.load(Ordering::Relaxed)),
    )
    .unwrap()
}

fn plain_facts() -> Facts {
    Facts {
        format: Format::Jpeg,
        width: 400,
        height: 300,
        taken: None,
        place: None,
        camera_make: Some("Canon".to_owned()),
        camera_model: Some("Canon EOS 5D".to_owned()),
        lens: None,
        f_number: Some(2.8),
        exposure_time: Some(0.004),
        iso: Some(100),
        focal_length: Some(35.0),
    }
}

fn opened(visit: Visit) -> Access {
    match visit {
        Visit::Open(access) => access,
        Visit::Locked(_) => panic!("the link is locked"),
        Visit::Nothing => panic!("the link opens nothing"),
    }
}

fn is_nothing(visit: &Visit) -> bool {
    matches!(visit, Visit::Nothing)
}

fn visitor(last: u8) -> IpAddr {
    IpAddr::V4(Ipv4Addr::new(192, 0, 2, last))
}

#[test]
fn a_link_opens_until_it_expires_or_is_revoked() {
    let story = Story::begin();
    let album = story.album(&[story.photo("a.jpg", 0)]);
    let link = story.link(album, |_| {});
    let access = story.access(&link);
    assert_eq!(access.totals().unwrap(), Totals { files: 1, bytes: 5 });
    assert_eq!(access.terms().title, "Summer");

    let wrong = ["", "x", &"A".repeat(43), &"A".repeat(4_000), "ä/../"];
    for key in wrong {
        assert!(is_nothing(
            &story.library.visit(Address::Key(key), None).unwrap()
        ));
    }

    story.later(30 * DAY);
    assert!(is_nothing(&story.visit(&link, None)));
    assert!(!access.is_current().unwrap());

    let edit = LinkEdit {
        expires_at: Some(None),
        ..LinkEdit::default()
    };
    story.library.edit_link(link.id, edit).unwrap();
    story.access(&link);
    let revoked = story.library.revoke_link(link.id).unwrap();
    assert_eq!(revoked.state, LinkState::Revoked);
    assert!(is_nothing(&story.visit(&link, None)));
}

#[test]
fn a_right_ends_when_its_link_changes() {
    let story = Story::begin();
    let photo = story.photo("a.jpg", 0);
    let album = story.album(&[photo]);
    let link = story.link(album, |new| new.show_metadata = true);
    let access = story.access(&link);
    let entry = access.entry_at(0).unwrap().unwrap();
    assert_eq!(access.read(&entry, What::Download).unwrap().name, "a.jpg");

    let edit = LinkEdit {
        download: Some(Download::None),
        ..LinkEdit::default()
    };
    let edited = story.library.edit_link(link.id, edit).unwrap();
    assert_eq!(edited.label, "for Ben", "an absent field changes nothing");
    assert!(matches!(
        access.read(&entry, What::Download),
        Err(LibraryError::Refused)
    ));

    let fresh = story.access(&link);
    let entry = fresh.entry_at(0).unwrap().unwrap();
    assert!(matches!(
        fresh.read(&entry, What::Download),
        Err(LibraryError::Refused)
    ));
    story.library.remove_from_album(album, &[photo]).unwrap();
    assert!(fresh.entry(&entry.item).unwrap().is_none());
    assert!(matches!(
        fresh.read(&entry, What::Rendition(Rendition::Preview)),
        Err(LibraryError::Refused)
    ));
}

#[test]
fn photos_have_other_names_in_every_link() {
    let story = Story::begin();
    let photos: Vec<AssetId> = (0..5)
        .map(|n| story.photo(&format!("{n}.jpg"), n * DAY))
        .collect();
    let album = story.album(&photos);
    let (one, two) = (story.link(album, |_| {}), story.link(album, |_| {}));
    let (one, two) = (story.access(&one), story.access(&two));
    for (index, entry) in one.entries(0, 100).unwrap().iter().enumerate() {
        assert_eq!(entry.index, index as u64);
        assert_eq!(entry.item.len(), 22);
        assert_eq!(one.entry(&entry.item).unwrap().as_ref(), Some(entry));
        assert!(two.entry(&entry.item).unwrap().is_none());
        assert!(one.entry(&photos[index].to_string()).unwrap().is_none());
    }
    assert_eq!(one.entries(3, 100).unwrap().len(), 2);
    assert!(one.entry_at(5).unwrap().is_none());
}

#[test]
fn a_selection_keeps_its_order_and_follows_no_album() {
    let story = Story::begin();
    let (a, b, c) = (
        story.photo("a.jpg", 3 * DAY),
        story.photo("b.jpg", DAY),
        story.photo("c.jpg", 2 * DAY),
    );
    let album = story.album(&[a]);
    let link = story.link(album, |new| {
        new.of = LinkOf::Assets(vec![c, a, b, a]);
        new.show_metadata = true;
    });
    assert_eq!((link.kind, link.count), (LinkKind::Selection, 3));
    let names: Vec<String> = story
        .access(&link)
        .entries(0, 10)
        .unwrap()
        .into_iter()
        .filter_map(|entry| entry.shown.map(|shown| shown.name))
        .collect();
    assert_eq!(names, ["c.jpg", "a.jpg", "b.jpg"]);
}

#[test]
fn hidden_metadata_tells_nothing_and_withholds_originals() {
    let story = Story::begin();
    let album = story.album(&[story.photo("secret-place.jpg", 0)]);
    let access = story.access(&story.link(album, |_| {}));
    let entry = access.entry_at(0).unwrap().unwrap();
    assert!(entry.shown.is_none());
    // The original would be readable; the preview has no worker to make it.
    assert!(matches!(
        access.read(&entry, What::Download),
        Err(LibraryError::Media(_))
    ));
}

#[test]
fn shown_metadata_reads_like_a_caption() {
    let story = Story::begin();
    let album = story.album(&[story.photo("a.jpg", 0)]);
    let access = story.access(&story.link(album, |new| new.show_metadata = true));
    let shown = access.entry_at(0).unwrap().unwrap().shown.unwrap();
    assert_eq!(shown.camera.as_deref(), Some("Canon EOS 5D"));
    assert_eq!(
        shown.exposure.as_deref(),
        Some("f/2.8 · 1/250 s · ISO 100 · 35 mm")
    );
}

#[test]
fn a_password_opens_its_own_link_until_it_changes() {
    let story = Story::begin();
    let album = story.album(&[story.photo("a.jpg", 0)]);
    let with_password = |new: &mut NewLink| new.password = Some("Käsekuchen".to_owned());
    let (link, other) = (
        story.link(album, with_password),
        story.link(album, with_password),
    );
    let Visit::Locked(locked) = story.visit(&link, None) else {
        panic!("it must be locked");
    };
    let try_it = |password: &str| story.library.unlock(&locked, password, visitor(1)).unwrap();
    assert_eq!(try_it("Kasekuchen"), Unlock::Wrong);
    // The same letters, composed by another keyboard.
    let Unlock::Opened(pass) = try_it("Ka\u{308}sekuchen") else {
        panic!("the password is right");
    };
    opened(story.visit(&link, Some(&pass.value)));
    assert!(matches!(
        story.visit(&other, Some(&pass.value)),
        Visit::Locked(_)
    ));
    for forged in ["", "AAAA", &pass.value[1..]] {
        assert!(matches!(story.visit(&link, Some(forged)), Visit::Locked(_)));
    }

    let edit = LinkEdit {
        password: Some("another one".to_owned()),
        ..LinkEdit::default()
    };
    story.library.edit_link(link.id, edit).unwrap();
    assert!(matches!(
        story.visit(&link, Some(&pass.value)),
        Visit::Locked(_)
    ));
    let edit = LinkEdit {
        password: Some(String::new()),
        ..LinkEdit::default()
    };
    assert!(!story.library.edit_link(link.id, edit).unwrap().has_password);
    story.access(&link);
}

#[test]
fn a_pass_ends_after_twelve_hours() {
    let story = Story::begin();
    let album = story.album(&[]);
    let link = story.link(album, |new| new.password = Some("long enough".to_owned()));
    let Visit::Locked(locked) = story.visit(&link, None) else {
        panic!("it must be locked");
    };
    let Unlock::Opened(pass) = story
        .library
        .unlock(&locked, "long enough", visitor(1))
        .unwrap()
    else {
        panic!("the password is right");
    };
    assert_eq!(pass.max_age_seconds, 12 * 60 * 60);
    story.later(DAY / 2 - 1);
    opened(story.visit(&link, Some(&pass.value)));
    story.later(1);
    assert!(matches!(
        story.visit(&link, Some(&pass.value)),
        Visit::Locked(_)
    ));
}

#[test]
fn wrong_passwords_make_their_own_network_wait() {
    let story = Story::begin();
    let album = story.album(&[]);
    let link = story.link(album, |new| new.password = Some("long enough".to_owned()));
    let Visit::Locked(locked) = story.visit(&link, None) else {
        panic!("it must be locked");
    };
    let guess = |from| story.library.unlock(&locked, "wrong guess", from).unwrap();
    for _ in 0..10 {
        assert_eq!(guess(visitor(1)), Unlock::Wrong);
    }
    for seconds in [1, 2, 4, 8, 16, 32, 60, 60] {
        assert_eq!(guess(visitor(1)), Unlock::Wait { seconds });
        assert_eq!(
            guess(visitor(2)),
            Unlock::Wrong,
            "others are not kept waiting"
        );
        story.later(seconds.cast_signed() * 1_000);
        assert_eq!(guess(visitor(1)), Unlock::Wrong);
        // The other's free tries come back after an hour, as ours do.
        story
            .library
            .catalog
            .write(|write| {
                write
                    .conn()
                    .execute("DELETE FROM wrong_password WHERE network = '192.0.2.2'", [])?;
                Ok(())
            })
            .unwrap();
    }
    story.later(60 * 60 * 1_000);
    assert_eq!(guess(visitor(1)), Unlock::Wrong);
    assert!(matches!(
        story
            .library
            .unlock(&locked, "long enough", visitor(1))
            .unwrap(),
        Unlock::Opened(_)
    ));
}

#[test]
fn the_catalog_alone_opens_no_link() {
    let story = Story::begin();
    let album = story.album(&[]);
    let link = story.link(album, |new| new.password = Some("long enough".to_owned()));
    let key = link.key.clone().unwrap();
    let stolen = fs::read(story.folder.path().join("albumen.sqlite-wal")).unwrap();
    assert!(!stolen.is_empty());
    let holds = |text: &[u8]| stolen.windows(text.len()).any(|part| part == text);
    assert!(!holds(key.as_bytes()));
    assert!(!holds(b"long enough"));
}

#[test]
fn a_readable_name_needs_a_password() {
    let story = Story::begin();
    let album = story.album(&[]);
    let make = |name: &str, password: Option<&str>| {
        story.library.create_link(NewLink {
            of: LinkOf::Album(album),
            label: String::new(),
            description: String::new(),
            password: password.map(str::to_owned),
            expires_at: None,
            download: Download::Screen,
            show_metadata: false,
            name: Some(name.to_owned()),
        })
    };
    assert!(make("summer-2026", None).is_err());
    assert!(make("Summer!", Some("long enough")).is_err());
    assert!(make("summer-2026", Some("short")).is_err());
    let link = make("summer-2026", Some("long enough")).unwrap();
    assert!(make("summer-2026", Some("long enough")).is_err());
    let visit = story.library.visit(Address::Name("summer-2026"), None);
    assert!(matches!(visit.unwrap(), Visit::Locked(_)));
    let edit = LinkEdit {
        password: Some(String::new()),
        ..LinkEdit::default()
    };
    assert!(story.library.edit_link(link.id, edit).is_err());
}

#[test]
fn expiries_are_written_as_people_do() {
    let story = Story::begin();
    let expiry = |text: &str| story.library.expiry(text);
    assert_eq!(expiry("never").unwrap(), None);
    assert_eq!(expiry("30d").unwrap(), Some(START + 30 * DAY));
    assert_eq!(expiry("12h").unwrap(), Some(START + DAY / 2));
    assert_eq!(expiry("2026-05-04T12:00:00Z").unwrap(), Some(START + DAY));
    for wrong in ["", "soon", "-1d", "99999999999999d"] {
        assert!(expiry(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn months_are_counted_as_photos_come_and_move() {
    let story = Story::begin();
    let photo = story.photo("a.jpg", 0);
    story.photo("b.jpg", DAY);
    story.photo("c.jpg", 40 * DAY);
    let months = |library: &Library| -> Vec<(u16, u8, u64)> {
        let months = library.months().unwrap();
        months.iter().map(|m| (m.year, m.month, m.count)).collect()
    };
    assert_eq!(months(&story.library), [(1970, 2, 1), (1970, 1, 2)]);
    let edit = AssetEdit {
        taken_at: Some(TakenAt::parse("2020-12-24T18:00:00").unwrap()),
        ..AssetEdit::default()
    };
    story.library.edit_asset(photo, edit).unwrap();
    assert_eq!(
        months(&story.library),
        [(2020, 12, 1), (1970, 2, 1), (1970, 1, 1)]
    );
    assert_eq!(story.library.counts().unwrap().assets, 3);
}

#[test]
fn a_list_goes_on_where_its_page_ended() {
    let story = Story::begin();
    for n in 0..7 {
        story.photo(&format!("{n}.jpg"), (n / 2) * DAY);
    }
    let mut query = AssetQuery {
        limit: Some(3),
        ..AssetQuery::default()
    };
    let mut names = Vec::new();
    loop {
        let page = story.library.assets(&query).unwrap();
        names.extend(page.assets.into_iter().map(|asset| asset.name));
        match page.next {
            Some(next) => query.after = Some(next.to_string().parse().unwrap()),
            None => break,
        }
    }
    assert_eq!(
        names,
        [
            "6.jpg", "5.jpg", "4.jpg", "3.jpg", "2.jpg", "1.jpg", "0.jpg"
        ]
    );
    query = AssetQuery {
        text: Some("EOS".to_owned()),
        ..AssetQuery::default()
    };
    assert_eq!(story.library.assets(&query).unwrap().assets.len(), 7);
    query.text = Some("3.J".to_owned());
    assert_eq!(story.library.assets(&query).unwrap().assets.len(), 1);
}

#[test]
fn an_album_shows_its_cover_and_its_span() {
    let story = Story::begin();
    let (a, b) = (story.photo("a.jpg", 2 * DAY), story.photo("b.jpg", DAY));
    let stranger = story.photo("c.jpg", 0);
    let id = story.album(&[a, b]);
    let again = story.library.add_to_album(id, &[a, b]).unwrap();
    assert_eq!(again.unchanged.len(), 2);
    let album = story.library.album(id).unwrap();
    assert_eq!((album.count, album.cover), (2, Some(b)));
    assert_eq!(album.first_at.unwrap().local_ms, DAY);
    let cover = |cover| AlbumEdit {
        cover: Some(cover),
        ..AlbumEdit::default()
    };
    assert!(story.library.edit_album(id, cover(stranger)).is_err());
    story.library.edit_album(id, cover(a)).unwrap();
    story.library.remove_from_album(id, &[a]).unwrap();
    assert_eq!(story.library.album(id).unwrap().cover, Some(b));
    story.link(id, |_| {});
    assert_eq!(story.library.album(id).unwrap().links, 1);
    story.library.delete_album(id).unwrap();
    assert!(story.library.album(id).is_err());
    assert!(story.library.links(None).unwrap().is_empty());
    assert_eq!(story.library.counts().unwrap().assets, 3);
}

#[test]
fn a_start_after_a_crash_removes_what_was_half_done_and_nothing_else() {
    let story = Story::begin();
    let kept = story.photo("kept.jpg", 0);
    let hash = |bytes: &[u8]| *blake3::hash(bytes).as_bytes();
    let originals = story.library.originals();
    // Crashed after the rename: whole on disk, in no row.
    let whole = story
        .library
        .place_original(b"whole", hash(b"whole"), "whole.jpg", None)
        .unwrap();
    // Crashed while writing, and a file of someone else's under the target.
    fs::write(originals.join("undated/.albumen-1"), b"ha").unwrap();
    fs::write(originals.join("undated/theirs.jpg"), b"theirs").unwrap();
    story
        .library
        .catalog
        .write(move |write| {
            write.conn().execute(
                "INSERT INTO intent (temp, target, hash)
                 VALUES ('undated/.albumen-1', 'undated/theirs.jpg', ?1)",
                [hash(b"half")],
            )?;
            Ok(())
        })
        .unwrap();
    let Story {
        library,
        now,
        folder,
    } = story;
    drop(library);

    let library = open(folder.path(), &now);
    assert!(!originals.join(&whole.target).exists());
    assert!(!originals.join("undated/.albumen-1").exists());
    assert_eq!(
        fs::read(originals.join("undated/theirs.jpg")).unwrap(),
        b"theirs"
    );
    let kept = library.asset(kept).unwrap();
    assert!(library.open_original(&kept).is_ok());
    let intents = library
        .catalog
        .read(|conn| {
            Ok(conn
                .query_row("SELECT id FROM intent", [], |row| row.get::<_, i64>(0))
                .optional()?)
        })
        .unwrap();
    assert_eq!(intents, None);
}

#[test]
fn originals_of_one_name_stand_side_by_side() {
    let story = Story::begin();
    let place = |bytes: &[u8]| {
        story
            .library
            .place_original(bytes, *blake3::hash(bytes).as_bytes(), "a.jpg", Some(0))
            .unwrap()
            .target
    };
    assert_eq!(place(b"one"), "1970/1970-01/a.jpg");
    assert_eq!(place(b"two"), "1970/1970-01/a (2).jpg");
}

#[test]
fn one_process_holds_a_library() {
    let story = Story::begin();
    let second = Library::open(
        story.folder.path(),
        media::Decoder::new("no-worker-is-needed".into(), 1),
        Clock::system(),
    );
    assert_eq!(second.err().unwrap().code(), "held");
}
