//! People who share albums: how all of it ends the same everywhere.

use std::io::{Read, Write};

use super::peers::{device, follow, guest, meet, named};
use super::{START, Story};
use crate::*;

/// An owner, an editor and a viewer, who know each other.
pub(super) struct Household {
    pub(super) anna: Story,
    pub(super) ben: Story,
    pub(super) clara: Story,
}

impl Household {
    pub(super) fn begin() -> Household {
        let called = |name: &str, machine: &str| {
            let story = named(machine);
            story.library.rename(Some(name.to_owned()), None).unwrap();
            story
        };
        let (anna, ben) = (called("Anna", "Desk"), called("Ben", "Laptop"));
        let clara = called("Clara", "Tower");
        meet(&anna, &ben);
        meet(&anna, &clara);
        meet(&ben, &clara);
        Household { anna, ben, clara }
    }

    /// An album of Anna's with a photo, in which Ben is an editor and Clara a viewer.
    pub(super) fn album(&self) -> (AlbumId, AssetId) {
        let photo = self.anna.photo("lake.jpg", START);
        let album = self.anna.album(&[photo]);
        let people = [(&self.ben, Role::Editor), (&self.clara, Role::Viewer)];
        for (who, role) in people {
            self.anna
                .library
                .share_album(album, &[person(who)], role)
                .unwrap();
        }
        self.settle();
        self.ben.library.answer_offer(album, true).unwrap();
        self.clara.library.answer_offer(album, true).unwrap();
        self.settle();
        (album, photo)
    }

    /// All are on the network until nothing is new.
    pub(super) fn settle(&self) {
        for _ in 0..3 {
            for one in [&self.anna, &self.ben, &self.clara] {
                for other in [&self.anna, &self.ben, &self.clara] {
                    if !std::ptr::eq(one, other) {
                        talk(one, other);
                    }
                }
            }
        }
    }
}

pub(super) fn person(story: &Story) -> PersonId {
    story.library.identity().unwrap().person
}

/// One asks the other what waits for it, and follows what it tells.
pub(super) fn talk(one: &Story, other: &Story) {
    let home = device(other).0;
    let Ok(Some(guest)) = other.library.admit_peer(&device(one).1) else {
        return;
    };
    loop {
        let waiting = one.library.outgoing(home).unwrap();
        if waiting.is_empty() {
            break;
        }
        for request in waiting {
            let refusal = guest.ask(request.id, &request.wish).unwrap();
            one.library.note_answer(request.id, refusal).unwrap();
        }
    }
    follow(one, other);
}

/// What the second sees of an album: each photo, whether it waits, and who put it there.
pub(super) fn seen(story: &Story, album: AlbumId) -> Vec<(AssetId, bool)> {
    let ids = story.library.album_assets(album).unwrap_or_default();
    let waiting = |id: &AssetId| -> bool {
        story
            .library
            .catalog
            .read(|conn| {
                Ok(conn.query_row(
                    "SELECT waits > 0 FROM album_asset WHERE album = ?1 AND asset = ?2",
                    (album, id),
                    |row| row.get(0),
                )?)
            })
            .unwrap()
    };
    ids.iter().map(|id| (*id, waiting(id))).collect()
}

#[test]
fn nothing_of_an_album_comes_before_it_was_accepted() {
    let house = Household::begin();
    let photo = house.anna.photo("lake.jpg", START);
    let album = house.anna.album(&[photo]);
    let ben = person(&house.ben);
    house
        .anna
        .library
        .share_album(album, &[ben], Role::Editor)
        .unwrap();
    house.settle();
    let offers = house.ben.library.offers().unwrap();
    assert_eq!(offers.len(), 1);
    assert_eq!(
        (offers[0].title.as_str(), offers[0].count, offers[0].state),
        ("Summer", 1, MemberState::Asked)
    );
    assert_eq!(offers[0].owner_name, "Anna");
    assert!(house.ben.library.albums().unwrap().is_empty());
    let guest = guest(&house.anna, &house.ben);
    assert!(guest.feed(Space::Album(album), 0, 0).is_err());
    let home = device(&house.anna).0;
    assert!(guest.open(home, photo, KeptWhat::Thumbnail).is_err());
    let notices = house.ben.library.notices(None, 10).unwrap();
    assert_eq!(notices[0].kind, NoticeKind::Asked);
    assert!(house.clara.library.offers().unwrap().is_empty());

    house.ben.library.answer_offer(album, false).unwrap();
    house.settle();
    assert!(guest.feed(Space::Album(album), 0, 0).is_err());
    let members = house.anna.library.members(album).unwrap();
    assert_eq!(members[0].state, MemberState::Declined);

    // Asked again, and accepted.
    house
        .anna
        .library
        .share_album(album, &[ben], Role::Viewer)
        .unwrap();
    house.settle();
    house.ben.library.answer_offer(album, true).unwrap();
    house.settle();
    assert_eq!(seen(&house.ben, album), [(photo, false)]);
    let theirs = house.ben.library.album(album).unwrap();
    assert_eq!(theirs.sharing.role, Some(Role::Viewer));
    assert_eq!(
        theirs.sharing.owner.map(|(_, name)| name).as_deref(),
        Some("Anna")
    );
    // Seen in the album alone.
    assert_eq!(house.ben.library.counts().unwrap().assets, 0);
    assert!(house.ben.library.months().unwrap().is_empty());
}

#[test]
fn what_an_editor_adds_waits_at_once_and_then_is_everyones() {
    let house = Household::begin();
    let (album, lake) = house.album();
    let hut = house.ben.photo("hut.jpg", START + 1);
    house.ben.library.add_to_album(album, &[hut]).unwrap();
    assert_eq!(seen(&house.ben, album), [(lake, false), (hut, true)]);
    // Anna's machine sleeps: Clara sees that it waits.
    talk(&house.clara, &house.ben);
    assert_eq!(seen(&house.clara, album), [(lake, false), (hut, true)]);
    let home = device(&house.ben).0;
    let clara = guest(&house.ben, &house.clara);
    assert!(clara.open(home, hut, KeptWhat::Original).is_err());
    house.settle();
    for story in [&house.anna, &house.ben, &house.clara] {
        assert_eq!(seen(story, album), [(lake, false), (hut, false)]);
    }
    let members = house.anna.library.members(album).unwrap();
    let ben = members.iter().find(|member| member.name == "Ben").unwrap();
    assert_eq!(ben.count, 1);
    let notices = house.anna.library.notices(None, 10).unwrap();
    let added = notices
        .iter()
        .find(|notice| notice.kind == NoticeKind::Added)
        .unwrap();
    assert_eq!((added.name.as_str(), added.count), ("Ben", 1));
    assert_eq!(added.assets, [hut]);
    let own = house.ben.library.notices(None, 10).unwrap();
    assert!(own.iter().all(|notice| notice.kind != NoticeKind::Added));

    // The photo is Anna's only in the album, and nobody else's to change.
    assert_eq!(house.anna.library.counts().unwrap().assets, 1);
    let refused = house.anna.library.trash(&[hut]);
    assert_eq!(refused.unwrap_err().code(), "others");
    // Ben's words of it travel.
    let edit = AssetEdit {
        title: Some("The hut".to_owned()),
        favorite: Some(true),
        ..AssetEdit::default()
    };
    house.ben.library.edit_assets(&[hut], edit).unwrap();
    house.settle();
    let theirs = house.clara.library.asset(hut).unwrap();
    assert_eq!(theirs.title.as_deref(), Some("The hut"));
    assert!(!theirs.favorite, "what is Ben's alone is not told");

    // He deletes it: it leaves the album everywhere, with a trace.
    house.ben.library.trash(&[hut]).unwrap();
    house.settle();
    for story in [&house.anna, &house.ben, &house.clara] {
        assert_eq!(seen(story, album), [(lake, false)]);
    }
    assert!(house.clara.library.asset(hut).is_err());
    let notices = house.anna.library.notices(None, 10).unwrap();
    assert_eq!(notices[0].kind, NoticeKind::Taken);
}

#[test]
fn a_contribution_stays_when_its_machine_is_gone() {
    let house = Household::begin();
    let (album, _) = house.album();
    let hut = house.ben.photo("hut.jpg", START + 1);
    house.ben.library.add_to_album(album, &[hut]).unwrap();
    house.settle();
    let home = device(&house.ben).0;
    let lacking = house.anna.library.lacking_contributions(home, 10).unwrap();
    assert_eq!(lacking.len(), 3);
    // Her machine fetches it; that it may is checked there.
    let guest = guest(&house.ben, &house.anna);
    let given = guest.open(home, hut, KeptWhat::Original).unwrap();
    let Given::Original(mut original) = given else {
        panic!("an original was asked for");
    };
    let mut bytes = Vec::new();
    original.file.read_to_end(&mut bytes).unwrap();
    let library = &house.anna.library;
    let part = library
        .open_arriving(home, hut, KeptWhat::Original, original.length)
        .unwrap();
    (&part).write_all(&bytes).unwrap();
    library
        .finish_arriving(home, hut, KeptWhat::Original, &part, original.hash)
        .unwrap();
    library.adopt_contribution(home, hut).unwrap();
    assert!(library.lacking_contributions(home, 10).unwrap().is_empty());
    let places = library.places(hut).unwrap();
    assert!(
        places[0]
            .path
            .starts_with(library.folder().join("originals/shared"))
    );

    library.forget(&person(&house.ben).to_string()).unwrap();
    let mut still = Vec::new();
    let mut served = library.own(hut, What::Download).unwrap();
    served.body.read_to_end(&mut still).unwrap();
    assert!(still == b"hut.jpg");
    // Taken out by the owner, it can be brought back, and is gone a month later.
    library.remove_from_album(album, &[hut]).unwrap();
    library.sweep_contributions().unwrap();
    library.undo().unwrap();
    library.sweep_contributions().unwrap();
    assert_eq!(library.album_assets(album).unwrap().len(), 2);
    library.remove_from_album(album, &[hut]).unwrap();
    library.sweep_contributions().unwrap();
    house.anna.later((TRASH_DAYS + 1) * 24 * 60 * 60 * 1_000);
    library.sweep_contributions().unwrap();
    assert!(library.asset(hut).is_err());
    assert!(!places[0].path.exists());
}

#[test]
fn who_was_taken_out_while_away_changes_and_gets_nothing() {
    let house = Household::begin();
    let (album, lake) = house.album();
    let home = device(&house.anna).0;
    for number in 0..50 {
        let photo = house.ben.photo(&format!("{number}.jpg"), START + number);
        house.ben.library.add_to_album(album, &[photo]).unwrap();
    }
    house
        .anna
        .library
        .unshare_album(album, person(&house.ben), false)
        .unwrap();
    let guest = guest(&house.anna, &house.ben);
    assert!(guest.open(home, lake, KeptWhat::Preview).is_err());
    assert!(guest.feed(Space::Album(album), 0, 0).is_err());
    house.settle();
    assert_eq!(seen(&house.anna, album), [(lake, false)]);
    assert!(house.ben.library.album(album).is_err());
    assert!(house.ben.library.asset(lake).is_err());
    assert_eq!(house.ben.library.counts().unwrap().assets, 50);
    let outbox = house.ben.library.outbox().unwrap();
    let refused = |request: &Request| matches!(request.state, RequestState::Refused(_));
    assert_eq!(outbox.iter().filter(|one| refused(one)).count(), 50);
    let kinds: Vec<NoticeKind> = house
        .ben
        .library
        .notices(None, 100)
        .unwrap()
        .iter()
        .map(|notice| notice.kind)
        .collect();
    assert!(kinds.contains(&NoticeKind::Removed), "{kinds:?}");
    // Nothing of a stranger's requests is even written down.
    let decided: i64 = house
        .anna
        .library
        .catalog
        .read(|conn| {
            Ok(conn.query_row(
                "SELECT count(*) FROM decided WHERE refusal IS NOT NULL",
                [],
                |row| row.get(0),
            )?)
        })
        .unwrap();
    assert_eq!(decided, 0);
}

#[test]
fn who_leaves_takes_their_photos_or_leaves_them() {
    for take in [false, true] {
        let house = Household::begin();
        let (album, lake) = house.album();
        let hut = house.ben.photo("hut.jpg", START + 1);
        house.ben.library.add_to_album(album, &[hut]).unwrap();
        house.settle();
        house.ben.library.leave_album(album, take).unwrap();
        assert!(house.ben.library.album(album).is_err());
        house.settle();
        let left = seen(&house.clara, album);
        match take {
            true => assert_eq!(left, [(lake, false)]),
            false => assert_eq!(left, [(lake, false), (hut, false)]),
        }
        assert!(house.ben.library.asset(hut).is_ok(), "his own stays his");
        assert!(house.ben.library.offers().unwrap().is_empty());
        let notices = house.anna.library.notices(None, 10).unwrap();
        assert_eq!(notices[0].kind, NoticeKind::Left);
    }
}

#[test]
fn everyone_means_also_who_comes_later() {
    let (anna, ben) = (named("Desk"), named("Laptop"));
    let album = anna.album(&[]);
    let edit = SharingEdit {
        everyone: Some(Some(Role::Editor)),
        ..SharingEdit::default()
    };
    anna.library.edit_sharing(album, edit).unwrap();
    meet(&anna, &ben);
    talk(&ben, &anna);
    let offers = ben.library.offers().unwrap();
    assert_eq!(offers[0].role, Role::Editor);
}

#[test]
fn comments_and_likes_are_the_same_everywhere() {
    let house = Household::begin();
    let (album, lake) = house.album();
    let of = ActivityOf::Album(album);
    let libraries = [&house.anna, &house.ben, &house.clara].map(|story| &story.library);
    let said = house
        .clara
        .library
        .comment(of, Some(lake), "How calm!")
        .unwrap();
    let query = ActivityQuery {
        of: Some(of),
        asset: Some(lake),
        limit: 10,
        ..ActivityQuery::default()
    };
    let own = house.clara.library.conversation(&query).unwrap();
    assert!(own.shown[0].waits);
    house.settle();
    house.ben.library.like(of, Some(lake), true).unwrap();
    house.ben.library.like(of, Some(lake), true).unwrap();
    house.settle();
    for library in libraries {
        let seen = library.conversation(&query).unwrap();
        assert_eq!((seen.likes, seen.comments), (1, 1));
        assert_eq!(seen.shown[0].text, "How calm!");
        assert!(!seen.shown[0].waits);
        assert_eq!(seen.likers, ["Ben"]);
    }
    let by = house.ben.library.conversation(&query).unwrap().shown[0]
        .by
        .clone();
    assert!(matches!(by, Author::Member(_, name) if name == "Clara"));
    // Others' words are theirs; one's own can be changed, and the owner deletes any.
    assert!(house.ben.library.edit_comment(said, "Loud!").is_err());
    assert!(house.ben.library.remove_comments(&[said]).is_err());
    house
        .clara
        .library
        .edit_comment(said, "How quiet!")
        .unwrap();
    house.settle();
    let seen = house.ben.library.conversation(&query).unwrap();
    assert_eq!(
        (seen.shown[0].text.as_str(), seen.shown[0].edited),
        ("How quiet!", true)
    );
    house.anna.library.remove_comments(&[said]).unwrap();
    house.ben.library.like(of, Some(lake), false).unwrap();
    house.settle();
    for library in libraries {
        let seen = library.conversation(&query).unwrap();
        assert_eq!((seen.likes, seen.comments), (0, 0));
    }

    // Switched off, nobody says anything; and with the photo goes what was said of it.
    house
        .clara
        .library
        .comment(of, Some(lake), "Again")
        .unwrap();
    house.settle();
    let off = SharingEdit {
        talking: Some(false),
        ..SharingEdit::default()
    };
    house.anna.library.edit_sharing(album, off).unwrap();
    assert!(house.anna.library.comment(of, None, "no").is_err());
    house.settle();
    assert!(house.clara.library.comment(of, None, "no").is_err());
    house
        .anna
        .library
        .remove_from_album(album, &[lake])
        .unwrap();
    house.settle();
    for library in libraries {
        let whole = ActivityQuery {
            of: Some(of),
            limit: 10,
            ..ActivityQuery::default()
        };
        assert_eq!(library.conversation(&whole).unwrap().comments, 0);
    }
}

#[test]
fn a_picture_goes_with_the_card_and_originals_stay_where_they_are_if_that_is_wished() {
    let house = Household::begin();
    let webp = b"RIFF\x08\0\0\0WEBPVP8 ".to_vec();
    let face = house.anna.photo("face.jpg", START);
    let hash = house.anna.library.asset(face).unwrap().hash;
    let made = [(Rendition::Thumbnail, webp.clone())];
    house
        .anna
        .library
        .store_renditions(&hash, Turn::None, &made)
        .unwrap();
    house.anna.library.set_picture(Some(face)).unwrap();
    house.settle();
    let seen = |story: &Story| story.library.picture_of(person(&house.anna)).unwrap();
    assert!(seen(&house.ben) == Some(webp));
    house.anna.library.set_picture(None).unwrap();
    house.settle();
    assert!(seen(&house.ben).is_none());

    let (album, _) = house.album();
    let edit = SharingEdit {
        keeping: Some(false),
        ..SharingEdit::default()
    };
    house.anna.library.edit_sharing(album, edit).unwrap();
    let hut = house.ben.photo("hut.jpg", START + 1);
    house.ben.library.add_to_album(album, &[hut]).unwrap();
    house.settle();
    let home = device(&house.ben).0;
    let lacking = house.anna.library.lacking_contributions(home, 9).unwrap();
    let whats: Vec<KeptWhat> = lacking.into_iter().map(|(_, what)| what).collect();
    assert_eq!(whats, [KeptWhat::Thumbnail, KeptWhat::Preview]);
}
