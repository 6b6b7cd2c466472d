//! Photos that look the same: how they are found, listed, merged and told apart.

use super::*;
use crate::twin;
use media::Likeness;

/// A likeness of which these bits are the other way.
fn looks(flipped: &[usize]) -> Likeness {
    let mut bytes = [0; 64];
    for (place, byte) in bytes.iter_mut().take(32).enumerate() {
        *byte = (place * 37 % 251) as u8 ^ 0x5a;
    }
    bytes[32..].fill(0xff);
    for bit in flipped {
        bytes[bit / 8] ^= 1 << (bit % 8);
    }
    Likeness::from_bytes(&bytes).unwrap()
}

impl Story {
    /// A photo without a time of its camera that looks like this.
    fn looking(&self, name: &str, like: Likeness, know: impl FnOnce(&mut Facts)) -> AssetId {
        let id = self.photo_of(name, START, |facts| {
            facts.metadata.taken = None;
            know(facts);
        });
        let write = move |write: &catalog::Write<'_>| twin::liken(write, id, Some(like));
        self.library.catalog.write(write).unwrap();
        id
    }

    fn groups(&self) -> Vec<Vec<String>> {
        self.library.find_twins(&|_| true).unwrap();
        let page = self.library.twins(100, None).unwrap();
        let name = |asset: Asset| asset.name;
        let groups = page.groups.into_iter();
        groups
            .map(|group| group.assets.into_iter().map(name).collect())
            .collect()
    }
}

fn size(width: u32, height: u32) -> impl Fn(&mut Facts) {
    move |facts| (facts.width, facts.height) = (width, height)
}

#[test]
fn copies_are_listed_with_the_one_to_keep_first() {
    let story = Story::begin();
    story.looking("small.jpg", looks(&[9]), size(400, 300));
    story.looking("large.jpg", looks(&[]), size(4000, 3000));
    story.looking("middle.jpg", looks(&[3, 200]), size(2000, 1500));
    let unlike: Vec<usize> = (0..256).step_by(9).collect();
    story.looking("other.jpg", looks(&unlike), size(4000, 3000));
    assert_eq!(story.groups(), [["large.jpg", "middle.jpg", "small.jpg"]]);
    let page = story.library.twins(100, None).unwrap();
    assert_eq!(page.groups[0].reason, Reason::Pixels);
    assert_eq!(page.next, None);
}

#[test]
fn a_turned_copy_is_found_and_another_shape_is_not() {
    let story = Story::begin();
    story.looking("upright.jpg", looks(&[]), size(4000, 3000));
    let turned = looks(&[17]).turned(Turn::Quarter);
    story.looking("turned.jpg", turned, size(1500, 2000));
    story.looking("square.jpg", looks(&[]), size(3000, 3000));
    story.looking("not turned.jpg", looks(&[]), size(1500, 2000));
    assert_eq!(story.groups(), [["upright.jpg", "turned.jpg"]]);
}

#[test]
fn a_burst_is_no_row_of_copies() {
    let story = Story::begin();
    let at = |ms: i64| {
        move |facts: &mut Facts| {
            facts.metadata.taken = Some(Taken {
                local_ms: START + ms,
                offset_minutes: None,
                from: TakenFrom::Exif,
            });
        }
    };
    story.looking("one.jpg", looks(&[]), at(0));
    story.looking("two.jpg", looks(&[5]), at(1_000));
    story.looking("three.jpg", looks(&[6]), at(2_340));
    story.looking("four.jpg", looks(&[7]), at(2_480));
    assert!(story.groups().is_empty());
    // A copy that lost its times, and one that lost the fraction of a second.
    story.looking("fraction lost.jpg", looks(&[]), at(2_000));
    assert_eq!(story.groups().len(), 1);
}

#[test]
fn a_row_in_which_each_is_a_little_unlike_the_last_is_not_one_group() {
    let story = Story::begin();
    for step in 0..6 {
        let flipped: Vec<usize> = (100..100 + step * 6).collect();
        story.looking(&format!("{step}.jpg"), looks(&flipped), |_| {});
    }
    let groups = story.groups();
    assert!(groups.len() >= 2, "{groups:?}");
    assert!(groups.iter().all(|group| group.len() <= 3), "{groups:?}");
}

#[test]
fn what_is_plain_in_the_trash_or_locked_is_in_no_group() {
    let story = Story::begin();
    let ids = ["a.jpg", "b.jpg", "c.jpg"].map(|name| story.looking(name, looks(&[]), |_| {}));
    story.photo("plain 1.jpg", START);
    story.photo("plain 2.jpg", START);
    assert_eq!(story.groups(), [["a.jpg", "b.jpg", "c.jpg"]]);
    story.library.trash(&ids[..1]).unwrap();
    assert_eq!(story.groups(), [["b.jpg", "c.jpg"]]);
    story.library.archive(&ids[1..2], true).unwrap();
    assert_eq!(story.groups().len(), 1);
    story.library.trash(&ids[1..2]).unwrap();
    assert!(story.groups().is_empty());
    story.library.empty_trash(None, false).unwrap();
    let left: (i64, i64) = story
        .library
        .catalog
        .read(|conn| {
            Ok(conn.query_row(
                "SELECT (SELECT count(*) FROM twin), (SELECT count(*) FROM likeness)",
                [],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )?)
        })
        .unwrap();
    assert_eq!(left, (0, 3));
}

#[test]
fn merging_keeps_what_the_owner_gave_and_can_be_undone() {
    let story = Story::begin();
    let keep = story.looking("keep.jpg", looks(&[]), |facts| {
        facts.metadata.tags = vec!["sea".to_owned()];
    });
    let other = story.looking("other.jpg", looks(&[1]), |facts| {
        facts.metadata.tags = vec!["sea".to_owned(), "Anna".to_owned()];
        facts.metadata.place = Some(media::Place {
            latitude: 44.407,
            longitude: 8.934,
            altitude: None,
        });
    });
    let edit = AssetEdit {
        favorite: Some(true),
        rating: Some(4),
        title: Some("The pier".to_owned()),
        taken_at: Some(TakenAt::parse("2020-12-24T18:00:00").unwrap()),
        ..AssetEdit::default()
    };
    story.library.edit_assets(&[other], edit).unwrap();
    let album = story.album(&[other]);
    let cover = AlbumEdit {
        cover: Some(other),
        ..AlbumEdit::default()
    };
    story.library.edit_album(album, cover).unwrap();
    let link = story.link(album, |new| new.of = LinkOf::Assets(vec![other]));
    story.library.find_twins(&|_| true).unwrap();
    let before = story.library.asset(keep).unwrap();

    let kept = story.library.merge_twins(keep, &[other]).unwrap();
    assert_eq!((kept.favorite, kept.rating), (true, Some(4)));
    assert_eq!(kept.title.as_deref(), Some("The pier"));
    assert_eq!(kept.tags, ["sea", "Anna"]);
    assert_eq!(kept.place.as_deref(), Some("Genoa, Liguria, Italy"));
    assert_eq!(kept.taken_at.unwrap().format(), "2020-12-24T18:00:00");
    assert_eq!(story.library.album_assets(album).unwrap(), [keep]);
    assert_eq!(story.library.album(album).unwrap().cover, Some(keep));
    assert_eq!(story.access(&link).entries(0, 9).unwrap().len(), 1);
    assert_eq!(story.library.asset(other).unwrap().shelf, Shelf::Trash);
    assert!(story.groups().is_empty());
    let found = |text: &str| {
        let filter = Filter {
            text: Some(text.to_owned()),
            ..Filter::default()
        };
        let query = AssetQuery {
            filter,
            ..AssetQuery::default()
        };
        story.library.assets(&query).unwrap().assets.len()
    };
    assert_eq!(found("Genoa Anna"), 1);

    let undone = story.library.undo().unwrap();
    assert_eq!(undone.command, "2 photos merged into one");
    assert_eq!(story.library.asset(keep).unwrap(), before);
    assert_eq!(story.library.album_assets(album).unwrap(), [other]);
    assert_eq!(story.library.album(album).unwrap().cover, Some(other));
    assert_eq!(story.access(&link).totals().unwrap().files, 1);
    assert_eq!(story.groups(), [["other.jpg", "keep.jpg"]]);
    assert_eq!(found("Genoa"), 1);
}

#[test]
fn only_what_is_listed_is_merged_and_a_word_tells_apart_for_good() {
    let story = Story::begin();
    let a = story.looking("a.jpg", looks(&[]), |_| {});
    let b = story.looking("b.jpg", looks(&[1]), |_| {});
    let stranger = story.photo("c.jpg", START);
    assert_eq!(story.groups(), [["a.jpg", "b.jpg"]]);
    let refused = story.library.merge_twins(a, &[b, stranger]).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "«c.jpg» is not listed as a duplicate of the others, so it was not merged with them."
    );
    assert_eq!(story.library.asset(b).unwrap().shelf, Shelf::Timeline);
    assert!(story.library.tell_apart(&[a, stranger]).is_err());

    story.library.tell_apart(&[a, b]).unwrap();
    assert!(story.groups().is_empty());
    story.library.undo().unwrap();
    assert_eq!(story.groups(), [["a.jpg", "b.jpg"]]);
    story.library.tell_apart(&[b, a]).unwrap();
    let Story {
        library,
        now,
        folder,
    } = story;
    drop(library);
    let library = Arc::new(open(folder.path(), &now));
    let story = Story {
        library,
        now,
        folder,
    };
    assert!(story.groups().is_empty(), "it holds after a restart");
    story.looking("d.jpg", looks(&[2]), |_| {});
    assert_eq!(story.groups().len(), 1, "a third copy is news");
}

#[test]
fn groups_come_in_pages() {
    let story = Story::begin();
    for group in 0..5_usize {
        let unlike: Vec<usize> = (0..256).filter(|bit| bit % 7 == group).collect();
        for copy in 0..2 {
            story.looking(&format!("{group}{copy}.jpg"), looks(&unlike), |_| {});
        }
    }
    story.library.find_twins(&|_| true).unwrap();
    let (mut after, mut names) = (None, Vec::new());
    loop {
        let page = story.library.twins(2, after).unwrap();
        names.extend(
            page.groups
                .into_iter()
                .map(|group| group.assets[0].name.clone()),
        );
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(names, ["40.jpg", "30.jpg", "20.jpg", "10.jpg", "00.jpg"]);
}
