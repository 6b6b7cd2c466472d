//! What is said of a link at its home and at a machine that serves it: each shows the same, and
//! what visitors say at the one is kept at the other.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::hosting::Served;
use super::household::talk;
use super::partner_feed::follow_cut;
use super::peers::{device, guest};
use super::{START, Story};
use crate::*;

fn visitor(name: &str, digit: u8) -> Speaker {
    Speaker {
        name: name.to_owned(),
        proof: Proof::parse(&format!("{digit:02x}").repeat(24)).unwrap(),
    }
}

fn all() -> ActivityQuery {
    ActivityQuery {
        limit: 100,
        ..ActivityQuery::default()
    }
}

/// Who said what of a photo of a link, or of the whole, and how many like it.
fn said(at: &Story, link: &Link, of: Option<u64>) -> (Vec<(String, String)>, u64) {
    let access = at.access(link);
    let entry = of.and_then(|index| access.entry_at(index).unwrap());
    if of.is_some() && entry.is_none() {
        return (Vec::new(), 0);
    }
    let said = access.conversation(entry.as_ref(), None, 100).unwrap();
    let mut words: Vec<_> = said
        .shown
        .iter()
        .map(|comment| {
            let by = match &comment.by {
                Author::Owner(name) => format!("owner {name}"),
                Author::Member(_, name) => format!("member {name}"),
                Author::Visitor { name, mark } => format!("{name} {mark:?}"),
            };
            (by, comment.text.clone())
        })
        .collect();
    words.sort();
    (words, said.likes)
}

fn is_same(served: &Served, link: &Link) -> bool {
    [None, Some(0), Some(1)]
        .into_iter()
        .all(|of| said(&served.desk, link, of) == said(&served.server, link, of))
}

/// Two links of one album whose visitors may speak.
fn links(served: &Served) -> (AlbumId, [AssetId; 2], [Link; 2]) {
    let photos = [
        served.desk.photo("a.jpg", START),
        served.desk.photo("b.jpg", START + 1),
    ];
    let album = served.desk.album(&photos);
    let link = || served.desk.link(album, |new| new.comments = true);
    (album, photos, [link(), link()])
}

#[test]
fn a_server_shows_what_is_said_at_home() {
    let served = Served::begin();
    let (album, photos, [one, two]) = links(&served);
    let silent = served.desk.link(album, |_| {});
    let access = served.desk.access(&one);
    let entry = access.entry_at(0).unwrap().unwrap();
    let ben = visitor("Ben", 7);
    access.comment(Some(&entry), &ben, "How lovely!").unwrap();
    access.like(Some(&entry), &ben).unwrap();
    let library = &served.desk.library;
    library
        .comment(ActivityOf::Album(album), Some(photos[0]), "Come and see.")
        .unwrap();
    served.talk();
    for link in [&one, &two] {
        let (words, likes) = said(&served.server, link, Some(0));
        assert_eq!((words.len(), likes), (2, 1));
        assert!(words.iter().any(|(by, _)| by == "owner Anna"), "{words:?}");
        assert!(is_same(&served, link));
    }
    let access = served.server.access(&silent);
    assert!(access.conversation(None, None, 10).is_err());
    // Whose server it is reads none of it.
    let theirs = served.server.library.conversation(&all()).unwrap();
    assert!(theirs.shown.is_empty());
    assert_eq!((theirs.likes, theirs.unread), (0, 0));
    let at_server = served.server.access(&one);
    let entry = at_server.entry_at(0).unwrap().unwrap();
    let seen = at_server.conversation(Some(&entry), None, 10).unwrap();
    let library_there = &served.server.library;
    assert!(library_there.remove_comments(&[seen.shown[0].id]).is_err());
    assert!(library_there.edit_comment(seen.shown[1].id, "No.").is_err());
    // What is hidden, deleted or turned off at home is so there.
    library.trash(&[photos[0]]).unwrap();
    served.talk();
    assert!(is_same(&served, &one));
    library.restore(&[photos[0]]).unwrap();
    served.talk();
    assert!(is_same(&served, &one));
    assert_eq!(said(&served.server, &one, Some(0)).0.len(), 2);
    let off = LinkEdit {
        comments: Some(false),
        ..LinkEdit::default()
    };
    library.edit_link(one.id, off).unwrap();
    served.talk();
    assert!(
        served
            .server
            .access(&one)
            .conversation(None, None, 9)
            .is_err()
    );
    assert!(is_same(&served, &two));
}

#[test]
fn what_a_visitor_says_at_the_server_is_kept_at_home_and_taken_back_there() {
    let served = Served::begin();
    let (_, _, [one, two]) = links(&served);
    served.talk();
    let access = served.server.access(&one);
    let entry = access.entry_at(0).unwrap().unwrap();
    let (ben, other) = (visitor("Ben", 7), visitor("Eve", 8));
    let id = access.comment(Some(&entry), &ben, "From afar").unwrap();
    access.comment(Some(&entry), &ben, "From afar").unwrap();
    access.like(None, &ben).unwrap();
    let seen = access.conversation(Some(&entry), None, 10).unwrap();
    assert!(seen.shown[0].waits && seen.shown.len() == 1);
    let library = &served.server.library;
    assert_eq!(library.conversation(&all()).unwrap().comments, 0);
    assert!(library.outbox().unwrap().is_empty());
    served.talk();
    let seen = access.conversation(Some(&entry), None, 10).unwrap();
    assert!(!seen.shown[0].waits);
    assert!(is_same(&served, &one) && is_same(&served, &two));
    let at_home = served.desk.library.conversation(&all()).unwrap();
    assert_eq!((at_home.comments, at_home.likes, at_home.unread), (1, 1, 2));
    assert_eq!(at_home.shown[0].through, Some(one.id));
    let days = served.desk.library.tally(one.id).unwrap().days;
    assert_eq!((days[0].comments, days[0].likes), (1, 1));
    assert!(!access.uncomment(id, &other.proof).unwrap());
    assert!(access.uncomment(id, &ben.proof).unwrap());
    assert!(access.unlike(None, &ben.proof).unwrap());
    assert_eq!(said(&served.server, &one, Some(0)), (Vec::new(), 0));
    served.talk();
    let at_home = served.desk.library.conversation(&all()).unwrap();
    assert_eq!((at_home.comments, at_home.likes), (0, 0));
    assert!(is_same(&served, &one) && is_same(&served, &two));
}

#[test]
fn what_its_home_does_not_keep_is_gone_at_the_server() {
    let served = Served::begin();
    let (album, _, [one, _]) = links(&served);
    served.talk();
    let access = served.server.access(&one);
    access.comment(None, &visitor("Ben", 7), "Hello").unwrap();
    let sharing = SharingEdit {
        talking: Some(false),
        ..SharingEdit::default()
    };
    served.desk.library.edit_sharing(album, sharing).unwrap();
    served.talk();
    assert_eq!(said(&served.server, &one, None), (Vec::new(), 0));
    assert!(is_same(&served, &one));
}

/// After anything that is said, deleted and hidden, and any cuts, both show the same.
#[test]
fn after_any_cuts_both_show_what_was_said() {
    for seed in 0..8 {
        let mut random = StdRng::seed_from_u64(seed);
        let served = Served::begin();
        let (album, photos, links) = links(&served);
        served.talk();
        let (home, space) = (device(&served.desk).0, Space::Links);
        let right = guest(&served.desk, &served.server);
        let library = &served.desk.library;
        let mut spoken: Vec<(bool, usize, ActivityId)> = Vec::new();
        for number in 0..50 {
            served.desk.later(1);
            served.server.later(1);
            let (on, pick) = (random.random_bool(0.5), random.random_range(0..2));
            let at = if on { &served.desk } else { &served.server };
            let ben = visitor("Ben", 7);
            match random.random_range(0..8) {
                0..3 => {
                    let access = at.access(&links[pick]);
                    let entry = access.entry_at(random.random_range(0..3)).unwrap();
                    let said = access.comment(entry.as_ref(), &ben, &format!("no. {number}"));
                    spoken.push((on, pick, said.unwrap()));
                }
                3 => at.access(&links[pick]).like(None, &ben).unwrap(),
                4 if !spoken.is_empty() => {
                    let (on, pick, id) = spoken[random.random_range(0..spoken.len())];
                    let at = if on { &served.desk } else { &served.server };
                    at.access(&links[pick]).uncomment(id, &ben.proof).unwrap();
                }
                5 => {
                    // A photo in the trash cannot be taken out of the album, and so on.
                    let _ = match on {
                        true => library.trash(&[photos[pick]]).map(|_| ()),
                        false => library.restore(&[photos[pick]]).map(|_| ()),
                    };
                }
                6 => {
                    let _ = match on {
                        true => library
                            .remove_from_album(album, &[photos[pick]])
                            .map(|_| ()),
                        false => library.add_to_album(album, &[photos[pick]]).map(|_| ()),
                    };
                }
                _ if on => talk(&served.server, &served.desk),
                _ => follow_cut(&mut random, &right, &served.server, home, space),
            }
        }
        served.talk();
        served.talk();
        for link in &links {
            for of in [None, Some(0), Some(1)] {
                let (there, here) = (said(&served.desk, link, of), said(&served.server, link, of));
                assert_eq!(here, there, "seed {seed}");
            }
        }
        assert_eq!(
            served.server.library.conversation(&all()).unwrap().comments,
            0
        );
    }
}
