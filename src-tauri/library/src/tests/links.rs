//! What links show, to whom, and until when.

use super::*;

#[test]
fn a_link_opens_until_it_expires_or_is_revoked() {
    let story = Story::begin();
    let album = story.album(&[story.photo("a.jpg", 0)]);
    let link = story.link(album, |_| {});
    let access = story.access(&link);
    let totals = Totals {
        files: 1,
        bytes: 5,
        ..Totals::default()
    };
    assert_eq!(access.totals().unwrap(), totals);
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
