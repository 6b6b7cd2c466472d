//! Who decides of albums that live on a server, that none is lost with it, and that all see
//! the same after whatever happened.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::household::{person, seen};
use super::lodging::{House, KINDS, members};
use super::peers::{device, follow, guest, meet, named};
use super::roles::{ask, told};
use super::{DAY, START, Story};
use crate::wire::{
    CannotLodge, Contribute, DeleteAlbum, EditSharing, Invite, Part, SetRole, TakeOver, WishOf,
};
use crate::*;

#[test]
fn the_servers_own_people_and_liars_decide_nothing() {
    let house = House::begin(false);
    let (album, lake) = house.all.album();
    house.move_there(album);
    let attic = &house.server.library;
    let theirs = house.server.photo("theirs.jpg", START + DAY);
    let own = attic.album(album).unwrap().sharing;
    assert_eq!(own.owner.map(|(_, name)| name).as_deref(), Some("Anna"));
    let ben = person(&house.all.ben);
    let refused = [
        attic.add_to_album(album, &[theirs]).err(),
        attic.remove_from_album(album, &[lake]).err(),
        attic.edit_album(album, AlbumEdit::default()).err(),
        attic.delete_album(album).err(),
        attic.share_album(album, &[ben], Role::Viewer).err(),
        attic.unshare_album(album, ben, false).err(),
        attic.set_role(album, ben, Role::Viewer).err(),
        attic.hand_over(album, Some(ben)).err(),
        attic.bring_album_home(album, true).err(),
        attic
            .create_link(Story::new_link(LinkOf::Album(album)))
            .err(),
    ];
    for (number, refusal) in refused.into_iter().enumerate() {
        let sentence = refusal.map(|error| error.to_string()).unwrap_or_default();
        assert!(sentence.contains("Anna's"), "{number}: {sentence}");
    }
    let a = album.bytes().to_vec();
    let wishes = || {
        let (album, person) = (a.clone(), person(&house.all.clara).bytes().to_vec());
        [
            WishOf::TakeOver(TakeOver {
                album: album.clone(),
                ..TakeOver::default()
            }),
            WishOf::Invite(Invite {
                album: album.clone(),
                people: vec![person.clone()],
                role: 1,
            }),
            WishOf::SetRole(SetRole {
                album: album.clone(),
                person: person.clone(),
                role: 1,
            }),
            WishOf::Part(Part {
                album: album.clone(),
                person,
                take: true,
            }),
            WishOf::EditSharing(EditSharing {
                album: album.clone(),
                linking: Some(true),
                ..EditSharing::default()
            }),
            WishOf::DeleteAlbum(DeleteAlbum { album }),
        ]
    };
    let before = members(&house.server, album);
    for (number, wish) in (1..).zip(wishes()) {
        let refusal = ask(&house.all.ben, &house.server, number, wish);
        assert!(refusal.is_some(), "{number}");
        // Nor where it lived before.
        let refusal = ask(
            &house.all.ben,
            &house.all.anna,
            number + 20,
            wishes()[usize::from(number) - 1].clone(),
        );
        assert!(refusal.is_some(), "{number}");
    }
    assert_eq!(members(&house.server, album), before);
    // Who is only in it cannot put another's there, nor call off a move.
    let not_theirs = WishOf::Contribute(Contribute {
        album: a.clone(),
        assets: vec![told(&house.all.anna, lake)],
        anew: false,
    });
    assert!(ask(&house.all.ben, &house.server, 50, not_theirs).is_some());

    // A machine that does not stand in for Anna's cannot say that an album of hers is there.
    let second = house
        .all
        .anna
        .album(&[house.all.anna.photo("second.jpg", START + 7)]);
    assert!(
        house
            .all
            .anna
            .library
            .move_album(second, device(&house.all.ben).0)
            .is_err()
    );
    house
        .all
        .anna
        .library
        .move_album(second, device(&house.server).0)
        .unwrap();
    let off = WishOf::CannotLodge(CannotLodge {
        album: second.bytes().to_vec(),
        people: Vec::new(),
    });
    assert_eq!(ask(&house.all.ben, &house.all.anna, 60, off), None);
    let still = house.all.anna.library.album(second).unwrap().sharing;
    assert!(still.moving_to.is_some());
    house
        .all
        .anna
        .library
        .bring_album_home(second, false)
        .unwrap();
    house.settle();
    assert_eq!(house.home(second), device(&house.all.anna).0);
}

#[test]
fn it_stays_where_somebody_in_it_is_unknown_there() {
    let house = House::begin(false);
    let dora = named("Dora's");
    dora.library.rename(Some("Dora".to_owned()), None).unwrap();
    meet(&house.all.anna, &dora);
    let (album, lake) = house.all.album();
    let library = &house.all.anna.library;
    library
        .share_album(album, &[person(&dora)], Role::Viewer)
        .unwrap();
    let attic = device(&house.server).0;
    library.move_album(album, attic).unwrap();
    assert!(library.album(album).unwrap().sharing.moving_to.is_some());
    assert_eq!(
        members(&house.all.anna, album).len(),
        3,
        "who is to have it is nobody's guest"
    );
    house.settle();
    let sharing = library.album(album).unwrap().sharing;
    assert_eq!((sharing.moving_to, sharing.lives_on), (None, None));
    let notices = library.notices(None, 10).unwrap();
    let stays = notices
        .iter()
        .find(|one| one.kind == NoticeKind::Stays)
        .unwrap();
    assert_eq!(
        (stays.name.as_str(), stays.text.as_str()),
        ("Household", "Dora")
    );
    assert!(house.server.library.album(album).is_err());
    // Once they know each other, it moves.
    meet(&house.server, &dora);
    house.move_there(album);
    house.is_same_everywhere(album, &[lake]);
}

/// Whoever asked hears the answer last, as over a slow line.
fn ask_slowly(asker: &Story, home: &Story) {
    let at = device(home).0;
    let waiting = asker.library.outgoing(at).unwrap();
    assert!(!waiting.is_empty());
    for request in waiting {
        let refusal = guest(home, asker).ask(request.id, &request.wish).unwrap();
        follow(asker, home);
        asker.library.note_answer(request.id, refusal).unwrap();
    }
}

#[test]
fn that_it_has_moved_may_be_heard_before_the_answer() {
    for is_own in KINDS {
        let house = House::begin(is_own);
        let (album, lake) = house.all.album();
        let (anna, server) = (&house.all.anna, &house.server);
        anna.library.move_album(album, device(server).0).unwrap();
        follow(server, anna);
        follow(server, anna);
        ask_slowly(server, anna);
        house.settle();
        house.is_same_everywhere(album, &[lake]);
        anna.library.bring_album_home(album, false).unwrap();
        ask_slowly(anna, server);
        house.settle();
        assert_eq!(house.home(album), device(anna).0);
        house.is_same_everywhere(album, &[lake]);
    }
}

#[test]
fn nothing_of_it_is_lost_with_the_server() {
    for is_own in KINDS {
        for forgets in [false, true] {
            let house = House::begin(is_own);
            let (album, lake) = house.all.album();
            let link = house.all.anna.link(album, |_| {});
            house.move_there(album);
            let hut = house.all.ben.photo("hut.jpg", START + 1);
            house.all.ben.library.add_to_album(album, &[hut]).unwrap();
            house.settle();
            let attic = device(&house.server).0.to_string();
            let library = &house.all.anna.library;
            match forgets {
                true => drop(library.forget(&attic).unwrap_or_default()),
                false => library.bring_album_home(album, true).unwrap(),
            }
            if forgets && !is_own {
                let household = person(&house.server).to_string();
                let _ = library.forget(&household);
            }
            assert_eq!(house.home(album), device(&house.all.anna).0);
            assert_eq!(seen(&house.all.anna, album), [(lake, false), (hut, false)]);
            assert_eq!(members(&house.all.anna, album).len(), 2);
            assert!(
                house
                    .all
                    .anna
                    .library
                    .link(link.id)
                    .unwrap()
                    .revoked_at
                    .is_none()
            );
        }
    }
}

/// Whatever happens in whatever order, and however the machines meet, in the end all see
/// the same, and that is what those who could decide it did.
#[test]
fn after_any_schedule_all_see_the_same() {
    for seed in 0..4 {
        let is_own = seed % 2 == 0;
        let mut random = StdRng::seed_from_u64(seed);
        let house = House::begin(is_own);
        let (album, lake) = house.all.album();
        let mut photos = vec![lake];
        let attic = device(&house.server).0;
        for step in 0..25_u8 {
            let anna = &house.all.anna.library;
            match random.random_range(0..7) {
                0 => drop(anna.move_album(album, attic)),
                1 => drop(anna.bring_album_home(album, false)),
                2 => {
                    let photo = house
                        .all
                        .ben
                        .photo(&format!("b{step}.jpg"), START + i64::from(step));
                    if house.all.ben.library.add_to_album(album, &[photo]).is_ok() {
                        photos.push(photo);
                    }
                }
                3 => {
                    let photo = house
                        .all
                        .anna
                        .photo(&format!("a{step}.jpg"), START + i64::from(step));
                    anna.add_to_album(album, &[photo]).unwrap();
                    photos.push(photo);
                }
                4 => {
                    let title = Some(format!("Title {step}"));
                    let edit = AlbumEdit {
                        title,
                        ..AlbumEdit::default()
                    };
                    anna.edit_album(album, edit).unwrap();
                }
                5 => anna.settle_lodgings().unwrap(),
                _ => {
                    let role = [Role::Editor, Role::Viewer][usize::from(step % 2)];
                    let _ = anna.set_role(album, person(&house.all.clara), role);
                }
            }
            // Some meet.
            let here: Vec<&Story> = house
                .everyone()
                .into_iter()
                .filter(|_| random.random_bool(0.6))
                .collect();
            house.meet_up(&here);
        }
        house.settle();
        let shown = |story: &Story| {
            let mut shown = seen(story, album);
            shown.sort();
            shown
        };
        let at_anna = shown(&house.all.anna);
        assert!(at_anna.iter().all(|(_, waits)| !waits), "seed {seed}");
        // Only what Ben asked of a machine that it had left may have been refused.
        let refused: Vec<Request> = house.all.ben.library.outbox().unwrap();
        let refused = refused
            .iter()
            .filter(|one| matches!(one.state, RequestState::Refused(_)))
            .count();
        assert!(at_anna.len() + refused >= photos.len(), "seed {seed}");
        for story in [&house.all.ben, &house.all.clara] {
            assert_eq!(shown(story), at_anna, "seed {seed}");
            let (theirs, hers) = (
                story.library.album(album).unwrap(),
                house.all.anna.library.album(album).unwrap(),
            );
            assert_eq!(theirs.title, hers.title, "seed {seed}");
            assert_eq!(
                members(story, album),
                members(&house.all.anna, album),
                "seed {seed}"
            );
        }
        if house.home(album) == attic {
            assert_eq!(shown(&house.server), at_anna, "seed {seed}");
        }
    }
}
