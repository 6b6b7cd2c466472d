//! Albums that live on a server for their owner: moved there and back, and decided by them
//! from afar.

use super::household::{Household, person, seen, talk};
use super::partners::fetch;
use super::peers::{device, join, meet, named};
use super::{START, Story};
use crate::*;

/// Anna, Ben and Clara, and a server that they know: one of Anna's own, or a machine with
/// a person of its own that stands in for hers.
pub(super) struct House {
    pub(super) all: Household,
    pub(super) server: Story,
}

pub(super) const KINDS: [bool; 2] = [true, false];

impl House {
    pub(super) fn begin(is_own: bool) -> House {
        let all = Household::begin();
        let server = named("Attic");
        match is_own {
            true => drop(join(&all.anna, &server)),
            false => {
                server
                    .library
                    .rename(Some("Household".to_owned()), None)
                    .unwrap();
                meet(&all.anna, &server);
            }
        }
        meet(&server, &all.ben);
        meet(&server, &all.clara);
        let house = House { all, server };
        let (desk, attic) = (device(&house.all.anna).0, device(&house.server).0);
        if !is_own {
            house
                .server
                .library
                .set_hosting(desk, Keep::Originals)
                .unwrap();
        }
        house.all.anna.library.set_server(attic, true).unwrap();
        house.settle();
        house
    }

    pub(super) fn everyone(&self) -> [&Story; 4] {
        [&self.all.anna, &self.all.ben, &self.all.clara, &self.server]
    }

    /// These are in contact until nothing is new.
    pub(super) fn meet_up(&self, who: &[&Story]) {
        for _ in 0..6 {
            for one in who {
                for other in who {
                    if !std::ptr::eq(*one, *other) {
                        talk(one, other);
                    }
                }
            }
        }
        let desk = device(&self.all.anna).0;
        self.server.library.renew_lease(desk, false);
    }

    pub(super) fn settle(&self) {
        self.meet_up(&self.everyone());
    }

    /// All are there but Anna's machine.
    pub(super) fn settle_without_anna(&self) {
        self.meet_up(&[&self.all.ben, &self.all.clara, &self.server]);
    }

    pub(super) fn move_there(&self, album: AlbumId) {
        let library = &self.all.anna.library;
        library.move_album(album, device(&self.server).0).unwrap();
        self.settle();
        assert_eq!(self.home(album), device(&self.server).0);
    }

    /// Where the album lives, as Anna's machine says.
    pub(super) fn home(&self, album: AlbumId) -> DeviceId {
        let album = self.all.anna.library.album(album).unwrap();
        assert_eq!(album.sharing.owner, None, "it is hers, wherever it lives");
        album.sharing.home
    }

    pub(super) fn is_same_everywhere(&self, album: AlbumId, photos: &[AssetId]) {
        let mut wanted = photos.to_vec();
        wanted.sort();
        for story in self.everyone() {
            let mut shown: Vec<AssetId> = seen(story, album)
                .into_iter()
                .map(|(id, waits)| {
                    assert!(!waits);
                    id
                })
                .collect();
            shown.sort();
            let name = story.library.identity().unwrap().device_name;
            assert_eq!(shown, wanted, "{name}");
        }
    }

    /// The server fetches what it is to keep of the album's photos.
    pub(super) fn carry(&self, to: &Story, from: &Story) {
        let home = device(from).0;
        for (photo, what) in to.library.lacking_contributions(home, 100).unwrap() {
            if what != KeptWhat::Original {
                continue;
            }
            fetch(to, from, photo, what);
            to.library.adopt_contribution(home, photo).unwrap();
        }
    }
}

pub(super) fn members(at: &Story, album: AlbumId) -> Vec<(String, Role, MemberState)> {
    let members = at.library.members(album).unwrap();
    members
        .into_iter()
        .map(|member| (member.name, member.role, member.state))
        .collect()
}

#[test]
fn an_album_goes_on_living_while_its_owner_sleeps_and_comes_back_whole() {
    for is_own in KINDS {
        let house = House::begin(is_own);
        let (album, lake) = house.all.album();
        house.move_there(album);
        house.is_same_everywhere(album, &[lake]);
        let at_ben = house.all.ben.library.album(album).unwrap().sharing;
        assert_eq!(at_ben.owner.map(|(_, name)| name).as_deref(), Some("Anna"));
        let attic = Some("Attic".to_owned());
        let is_told = !is_own;
        assert_eq!(
            at_ben.lives_on.map(|(_, name)| name),
            attic.clone().filter(|_| is_told)
        );
        let at_anna = house.all.anna.library.album(album).unwrap().sharing;
        assert_eq!(at_anna.lives_on.map(|(_, name)| name), attic);
        let people = [
            ("Ben".to_owned(), Role::Editor, MemberState::Joined),
            ("Clara".to_owned(), Role::Viewer, MemberState::Joined),
        ];
        assert_eq!(members(&house.all.anna, album), people);
        assert_eq!(members(&house.all.ben, album), people);
        house.carry(&house.server, &house.all.anna);
        assert!(
            house.server.library.counts().unwrap().assets == 0,
            "it is in no timeline"
        );

        // Anna's machine sleeps, and Ben adds.
        let hut = house.all.ben.photo("hut.jpg", START + 1);
        house.all.ben.library.add_to_album(album, &[hut]).unwrap();
        house.settle_without_anna();
        assert_eq!(seen(&house.all.clara, album), [(lake, false), (hut, false)]);
        house.carry(&house.server, &house.all.ben);
        house.settle();
        house.is_same_everywhere(album, &[lake, hut]);

        // It comes back, with what came there; Ben's machine is gone by then.
        house
            .all
            .anna
            .library
            .bring_album_home(album, false)
            .unwrap();
        house.meet_up(&[&house.all.anna, &house.server]);
        assert_eq!(house.home(album), device(&house.all.anna).0);
        house.all.anna.library.settle_lodgings().unwrap();
        house.meet_up(&[&house.all.anna, &house.server]);
        assert!(
            house.server.library.album(album).is_ok(),
            "it stays until all of it is here"
        );
        house.carry(&house.all.anna, &house.server);
        house.all.anna.library.settle_lodgings().unwrap();
        house.meet_up(&[&house.all.anna, &house.server]);
        assert!(house.server.library.album(album).is_err());
        assert!(house.server.library.asset(hut).is_err());
        assert!(house.all.anna.library.own(hut, What::Download).is_ok());
        house.settle();
        for story in [&house.all.anna, &house.all.ben, &house.all.clara] {
            assert_eq!(seen(story, album), [(lake, false), (hut, false)]);
        }
        assert_eq!(members(&house.all.anna, album), people);
        let ben = house.all.anna.library.members(album).unwrap();
        assert_eq!(ben.iter().map(|one| one.count).sum::<u64>(), 1);
        // What Ben says of his photo is told there as before.
        let edit = AssetEdit {
            title: Some("The hut".to_owned()),
            ..AssetEdit::default()
        };
        house.all.ben.library.edit_assets(&[hut], edit).unwrap();
        house.settle();
        let theirs = house.all.clara.library.asset(hut).unwrap();
        assert_eq!(theirs.title.as_deref(), Some("The hut"));
    }
}

#[test]
fn what_its_owner_decides_holds_at_once_here_and_then_for_all() {
    for is_own in KINDS {
        let house = House::begin(is_own);
        let (album, lake) = house.all.album();
        let hut = house.all.ben.photo("hut.jpg", START + 1);
        house.all.ben.library.add_to_album(album, &[hut]).unwrap();
        house.settle();
        let of = ActivityOf::Album(album);
        let ben = &house.all.ben.library;
        let words = ben.comment(of, Some(lake), "How calm!").unwrap();
        house.settle();
        house.move_there(album);
        let anna = &house.all.anna.library;
        let clara = person(&house.all.clara);

        anna.set_role(album, clara, Role::Editor).unwrap();
        let roles = |story: &Story| -> Vec<Role> {
            members(story, album).into_iter().map(|one| one.1).collect()
        };
        assert_eq!(roles(&house.all.anna), [Role::Editor, Role::Editor]);
        let sharing = SharingEdit {
            originals: Some(false),
            linking: Some(true),
            ..SharingEdit::default()
        };
        anna.edit_sharing(album, sharing).unwrap();
        anna.remove_from_album(album, &[hut]).unwrap();
        let edit = AlbumEdit {
            title: Some("By the lake".to_owned()),
            cover: Some(lake),
            ..AlbumEdit::default()
        };
        anna.edit_album(album, edit).unwrap();
        anna.remove_comments(&[words]).unwrap();
        house.settle();
        house.is_same_everywhere(album, &[lake]);
        for story in house.everyone() {
            assert_eq!(roles(story), [Role::Editor, Role::Editor]);
            let now = story.library.album(album).unwrap();
            assert_eq!(now.title, "By the lake");
            assert_eq!((now.sharing.originals, now.sharing.linking), (false, true));
            let query = ActivityQuery {
                of: Some(of),
                limit: 10,
                ..ActivityQuery::default()
            };
            assert!(story.library.conversation(&query).unwrap().shown.is_empty());
        }
        anna.unshare_album(album, clara, false).unwrap();
        house.settle();
        assert!(house.all.clara.library.album(album).is_err());
        anna.share_album(album, &[clara], Role::Viewer).unwrap();
        house.settle();
        house.all.clara.library.answer_offer(album, true).unwrap();
        house.settle();
        house.is_same_everywhere(album, &[lake]);
        let outbox = anna.outbox().unwrap();
        assert!(
            outbox.iter().all(|one| one.state == RequestState::Done),
            "{outbox:?}"
        );

        // Gone for all, once she says so.
        anna.delete_album(album).unwrap();
        assert!(anna.album(album).is_err());
        house.settle();
        for story in house.everyone() {
            assert!(story.library.album(album).is_err());
        }
        assert!(anna.asset(lake).is_ok());
    }
}

#[test]
fn links_go_on_showing_it_at_both_machines_under_their_addresses() {
    for is_own in KINDS {
        let house = House::begin(is_own);
        let (album, _) = house.all.album();
        let link = house.all.anna.link(album, |_| {});
        house.settle();
        house.move_there(album);
        let hut = house.all.ben.photo("hut.jpg", START + 1);
        house.all.ben.library.add_to_album(album, &[hut]).unwrap();
        house.settle();
        let shown = |at: &Story| match at.visit(&link, None) {
            Visit::Open(access) => access.entries(0, 9).unwrap().len(),
            _ => 0,
        };
        assert_eq!((shown(&house.all.anna), shown(&house.server)), (2, 2));
        // New ones are made as before.
        let second = house.all.anna.link(album, |new| new.label = "Eva".into());
        assert_eq!(second.label, "Eva");
        house.carry(&house.server, &house.all.ben);
        house
            .all
            .anna
            .library
            .bring_album_home(album, false)
            .unwrap();
        house.settle();
        house.carry(&house.all.anna, &house.server);
        house.all.anna.library.settle_lodgings().unwrap();
        house.settle();
        assert_eq!((shown(&house.all.anna), shown(&house.server)), (2, 2));
    }
}
