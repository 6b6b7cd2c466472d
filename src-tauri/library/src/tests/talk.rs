//! What people say: whose it is, who may, what goes with what, and what comes back.

use super::*;

fn talking(story: &Story, album: AlbumId) -> Access {
    story.access(&story.link(album, |new| new.comments = true))
}

fn visitor(name: &str) -> Speaker {
    Speaker {
        name: name.to_owned(),
        proof: Proof::parse(&format!("{:02x}", name.len()).repeat(24)).unwrap(),
    }
}

fn all() -> ActivityQuery {
    ActivityQuery {
        limit: 100,
        ..ActivityQuery::default()
    }
}

fn of(of: ActivityOf) -> ActivityQuery {
    ActivityQuery {
        of: Some(of),
        ..all()
    }
}

fn texts(said: &Conversation) -> Vec<&str> {
    said.shown.iter().map(|comment| &*comment.text).collect()
}

#[test]
fn links_of_one_album_share_a_conversation_and_a_selection_has_its_own() {
    let story = Story::begin();
    let photo = story.photo("a.jpg", 0);
    let album = story.album(&[photo]);
    let (one, two) = (talking(&story, album), talking(&story, album));
    let mut new = Story::new_link(LinkOf::Assets(vec![photo]));
    new.comments = true;
    let chosen = story.library.create_link(new).unwrap();
    let apart = story.access(&chosen);

    let entry = one.entry_at(0).unwrap().unwrap();
    one.comment(Some(&entry), &visitor("Ben"), "How lovely!")
        .unwrap();
    story.later(1_000);
    story
        .library
        .comment(ActivityOf::Album(album), Some(photo), "Come and see.")
        .unwrap();
    let theirs = two.entry_at(0).unwrap().unwrap();
    let said = two.conversation(Some(&theirs), None, 10).unwrap();
    assert_eq!(texts(&said), ["How lovely!", "Come and see."]);
    assert!(matches!(&said.shown[0].by, Author::Visitor { name, .. } if name == "Ben"));
    assert!(matches!(&said.shown[1].by, Author::Owner(_)));
    // Of the photo, not of the album.
    assert_eq!(two.conversation(None, None, 10).unwrap().comments, 0);

    let entry = apart.entry_at(0).unwrap().unwrap();
    assert_eq!(
        apart.conversation(Some(&entry), None, 10).unwrap().comments,
        0
    );
    apart
        .comment(Some(&entry), &visitor("Cem"), "Mine?")
        .unwrap();
    let own = story
        .library
        .conversation(&of(ActivityOf::Link(chosen.id)))
        .unwrap();
    assert_eq!((texts(&own), own.unread), (vec!["Mine?"], 1));
    let whole = story
        .library
        .conversation(&of(ActivityOf::Album(album)))
        .unwrap();
    assert_eq!(whole.comments, 2);
    // By the photo, all of it.
    let by_photo = ActivityQuery {
        asset: Some(photo),
        ..all()
    };
    assert_eq!(story.library.conversation(&by_photo).unwrap().comments, 3);
}

#[test]
fn a_repeated_like_is_the_same_like_and_album_and_photo_are_liked_apart() {
    let story = Story::begin();
    let album = story.album(&[story.photo("a.jpg", 0)]);
    let access = talking(&story, album);
    let entry = access.entry_at(0).unwrap().unwrap();
    let (ben, nobody) = (visitor("Ben"), visitor(""));
    for _ in 0..3 {
        access.like(Some(&entry), &ben).unwrap();
        access.like(None, &ben).unwrap();
    }
    access.like(Some(&entry), &nobody).unwrap();
    let likes = |entry| access.conversation(entry, None, 10).unwrap().likes;
    assert_eq!((likes(Some(&entry)), likes(None)), (2, 1));
    let said = access.conversation(Some(&entry), None, 10).unwrap();
    assert_eq!(said.likers, ["Ben"]);

    assert!(access.unlike(Some(&entry), &ben.proof).unwrap());
    assert!(!access.unlike(Some(&entry), &ben.proof).unwrap());
    assert_eq!((likes(Some(&entry)), likes(None)), (1, 1));

    let mine = ActivityOf::Album(album);
    for _ in 0..2 {
        story.library.like(mine, None, true).unwrap();
    }
    assert_eq!(likes(None), 2);
    assert!(story.library.conversation(&of(mine)).unwrap().liked);
    story.library.like(mine, None, false).unwrap();
    assert!(!story.library.conversation(&of(mine)).unwrap().liked);
    assert_eq!(likes(None), 1);
}

#[test]
fn what_is_said_goes_with_what_it_is_of_and_comes_back_with_it() {
    let story = Story::begin();
    let (a, b) = (story.photo("a.jpg", 0), story.photo("b.jpg", DAY));
    let album = story.album(&[a, b]);
    let access = talking(&story, album);
    let first = access.entry_at(0).unwrap().unwrap();
    access
        .comment(Some(&first), &visitor("Ben"), "Of the photo")
        .unwrap();
    access.like(Some(&first), &visitor("Ben")).unwrap();
    access
        .comment(None, &visitor("Ben"), "Of the album")
        .unwrap();
    let mine = ActivityOf::Album(album);
    let said = || {
        let said = story.library.conversation(&of(mine)).unwrap();
        (said.comments, said.likes)
    };
    assert_eq!(said(), (2, 1));

    // The trash hides it, as it does the photo.
    story.library.trash(&[a]).unwrap();
    assert_eq!(said(), (1, 0));
    assert_eq!(story.library.album(album).unwrap().said.comments, 1);
    story.library.restore(&[a]).unwrap();
    assert_eq!(said(), (2, 1));

    story.library.remove_from_album(album, &[a]).unwrap();
    assert_eq!(said(), (1, 0));
    story.library.undo().unwrap();
    assert_eq!(said(), (2, 1));
    story.library.remove_from_album(album, &[a]).unwrap();
    story.library.add_to_album(album, &[a]).unwrap();
    assert_eq!(said(), (1, 0), "another time it begins anew");

    story.library.delete_album(album).unwrap();
    story.library.undo().unwrap();
    assert_eq!(said(), (1, 0));
    let link = story.library.links(Some(album)).unwrap().pop().unwrap();
    assert!(link.comments, "the link allows comments as before");
    assert_eq!(link.said.comments, 1, "and it is known who came by it");
}

#[test]
fn what_was_said_of_duplicates_is_said_of_the_one_that_is_kept() {
    let story = Story::begin();
    let (a, b) = (story.photo("a.jpg", 0), story.photo("b.jpg", 0));
    let album = story.album(&[a, b]);
    let access = talking(&story, album);
    for index in 0..2 {
        let entry = access.entry_at(index).unwrap().unwrap();
        access.like(Some(&entry), &visitor("Ben")).unwrap();
        let words = format!("Number {index}");
        access
            .comment(Some(&entry), &visitor("Ben"), &words)
            .unwrap();
    }
    story
        .library
        .catalog
        .write(move |write| activity::take_over(write, a, b))
        .unwrap();
    let query = ActivityQuery {
        asset: Some(a),
        ..all()
    };
    let said = story.library.conversation(&query).unwrap();
    assert_eq!((said.comments, said.likes), (2, 1));
}

#[test]
fn only_a_link_that_allows_it_lets_visitors_speak() {
    let story = Story::begin();
    let album = story.album(&[story.photo("a.jpg", 0)]);
    let link = story.link(album, |_| {});
    let silent = story.access(&link);
    let refused = |access: &Access| {
        let ben = visitor("Ben");
        let results = [
            access.comment(None, &ben, "Hello").err(),
            access.like(None, &ben).err(),
            access.conversation(None, None, 1).err(),
            access.unlike(None, &ben.proof).err(),
        ];
        results
            .iter()
            .all(|error| matches!(error, Some(LibraryError::Refused)))
    };
    assert!(refused(&silent));
    let edit = |comments| LinkEdit {
        comments: Some(comments),
        ..LinkEdit::default()
    };
    story.library.edit_link(link.id, edit(true)).unwrap();
    assert!(!silent.is_current().unwrap(), "a change ends what is open");
    let open = story.access(&link);
    open.comment(None, &visitor("Ben"), "Hello").unwrap();
    story.library.edit_link(link.id, edit(false)).unwrap();
    // Whoever had it open says no more.
    let late = open.comment(None, &visitor("Ben"), "And again");
    assert!(matches!(late, Err(LibraryError::Refused)));
    assert!(refused(&story.access(&link)));
    // The owner still reads what was said.
    let said = story
        .library
        .conversation(&of(ActivityOf::Link(link.id)))
        .unwrap();
    assert_eq!(texts(&said), ["Hello"]);
}

#[test]
fn a_visitor_takes_back_their_own_alone_and_the_owner_anything() {
    let story = Story::begin();
    let album = story.album(&[story.photo("a.jpg", 0)]);
    let access = talking(&story, album);
    let (ben, cem) = (visitor("Ben"), visitor("Cemal"));
    let id = access.comment(None, &ben, "Hello").unwrap();
    assert_eq!(
        access.comment(None, &ben, "Hello").unwrap(),
        id,
        "said once"
    );
    assert_ne!(access.comment(None, &cem, "Hello").unwrap(), id);
    assert!(!access.uncomment(id, &cem.proof).unwrap());
    assert!(
        !access.unlike(None, &ben.proof).unwrap(),
        "a comment is no like"
    );
    assert!(access.uncomment(id, &ben.proof).unwrap());

    let left = story
        .library
        .conversation(&of(ActivityOf::Album(album)))
        .unwrap();
    let [theirs] = &left.shown[..] else {
        panic!("one comment is left")
    };
    story.library.remove_comments(&[theirs.id]).unwrap();
    let gone = story.library.remove_comments(&[theirs.id]);
    assert!(matches!(gone, Err(LibraryError::Unknown { .. })));
    assert_eq!(story.library.undo().unwrap().command, "1 comment deleted");
    let back = story
        .library
        .conversation(&of(ActivityOf::Album(album)))
        .unwrap();
    assert_eq!(back.shown[0].text, "Hello");
    assert!(
        access.uncomment(theirs.id, &cem.proof).unwrap(),
        "it is still theirs"
    );
}

#[test]
fn what_visitors_say_is_unread_until_it_was_seen_and_counted_by_its_link() {
    let story = Story::begin();
    let photo = story.photo("a.jpg", 0);
    let album = story.album(&[photo]);
    let link = story.link(album, |new| new.comments = true);
    let other = story.link(album, |new| new.comments = true);
    let access = story.access(&link);
    access.comment(None, &visitor("Ben"), "Hello").unwrap();
    access.like(None, &visitor("Ben")).unwrap();
    let mine = ActivityOf::Album(album);
    story
        .library
        .comment(mine, None, "My own is no news")
        .unwrap();
    let counted = |id| story.library.link(id).unwrap().said;
    let (one, none) = (counted(link.id), counted(other.id));
    assert_eq!((one.comments, one.likes, one.unread), (1, 1, 2));
    assert_eq!(none, Counted::default());
    assert_eq!(story.library.album(album).unwrap().said.comments, 2);
    let days = story.library.tally(link.id).unwrap().days;
    assert_eq!((days.len(), days[0].comments, days[0].likes), (1, 1, 1));

    let unread = ActivityQuery {
        unread: true,
        ..all()
    };
    assert_eq!(
        texts(&story.library.conversation(&unread).unwrap()),
        ["Hello"]
    );
    story
        .library
        .read_activity(&of(ActivityOf::Link(link.id)))
        .unwrap();
    assert_eq!(counted(link.id).unread, 0);
    assert_eq!(story.library.conversation(&unread).unwrap().comments, 0);
}

#[test]
fn long_conversations_are_read_from_their_end() {
    let story = Story::begin();
    let album = story.album(&[]);
    let mine = ActivityOf::Album(album);
    for number in 0..7 {
        story.later(1);
        story
            .library
            .comment(mine, None, &format!("{number}"))
            .unwrap();
    }
    let page = |before| {
        let query = ActivityQuery {
            before,
            limit: 3,
            ..of(mine)
        };
        story.library.conversation(&query).unwrap()
    };
    let last = page(None);
    assert_eq!(
        (texts(&last), last.earlier, last.comments),
        (vec!["4", "5", "6"], true, 7)
    );
    let middle = page(Some(last.shown[0].id));
    let first = page(Some(middle.shown[0].id));
    assert_eq!((texts(&first), first.earlier), (vec!["0"], false));
}

#[test]
fn there_is_an_end_to_what_one_photo_may_be_told() {
    let story = Story::begin();
    let photo = story.photo("a.jpg", 0);
    let album = story.album(&[photo]);
    let access = talking(&story, album);
    story
        .library
        .catalog
        .write(move |write| {
            write.conn().execute(
                "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
                 INSERT INTO activity (id, home, album, asset, kind, text, proof, made_at)
                 SELECT randomblob(16), library.device, ?1, ?2, 'comment', 'x', x'00', 0
                   FROM n, library",
                (album, photo),
            )?;
            Ok(())
        })
        .unwrap();
    let entry = access.entry_at(0).unwrap().unwrap();
    let full = access.comment(Some(&entry), &visitor("Ben"), "One more");
    assert!(matches!(
        full,
        Err(LibraryError::Unsaid(Unsaid::Full(1_000)))
    ));
    access.like(Some(&entry), &visitor("Ben")).unwrap();
    access
        .comment(None, &visitor("Ben"), "Of the album")
        .unwrap();
    for (name, text, why) in [
        ("", "Hello", Unsaid::Nameless),
        ("Ben", " \n", Unsaid::Wordless),
        ("Ben", &*"x".repeat(2_001), Unsaid::TooLong),
    ] {
        let unsaid = access.comment(None, &visitor(name), text);
        assert!(matches!(unsaid, Err(LibraryError::Unsaid(said)) if said == why));
    }
}

#[test]
fn nothing_is_told_of_what_was_said_of_a_locked_photo() {
    let story = Story::begin();
    let photo = story.photo("a.jpg", 0);
    let album = story.album(&[photo]);
    let access = talking(&story, album);
    let entry = access.entry_at(0).unwrap().unwrap();
    let id = access
        .comment(Some(&entry), &visitor("Ben"), "Secret?")
        .unwrap();
    story.library.set_pin(None, "2718").unwrap();
    story.library.set_locked(&[photo], true).unwrap();
    story.library.close_locked();
    let mine = ActivityOf::Album(album);
    assert_eq!(
        story.library.conversation(&of(mine)).unwrap(),
        Conversation::default()
    );
    assert_eq!(story.library.album(album).unwrap().said, Counted::default());
    let by_photo = ActivityQuery {
        asset: Some(photo),
        ..all()
    };
    assert!(story.library.conversation(&by_photo).is_err());
    assert!(story.library.comment(mine, Some(photo), "x").is_err());
    assert!(story.library.remove_comments(&[id]).is_err());
}
