//! Stories of edits: what an owner says of photos, and takes back.

use super::*;

fn edited(story: &Story, ids: &[AssetId], edit: AssetEdit) -> Vec<Asset> {
    story.library.edit_assets(ids, edit).unwrap()
}

#[test]
fn a_clock_that_was_wrong_is_put_right_for_all_and_back() {
    let story = Story::begin();
    let ids = [story.photo("one", START), story.photo("two", START + DAY)];
    let edit = AssetEdit {
        shift_ms: Some(-3_600_000),
        ..AssetEdit::default()
    };
    let after = edited(&story, &ids, edit);
    for (asset, before) in after.iter().zip([START, START + DAY]) {
        let taken = asset.taken_at.unwrap();
        assert_eq!(taken.local_ms, before - 3_600_000);
        assert_eq!(taken.offset_minutes, Some(120), "the zone stays");
        assert_eq!(asset.sorted_at, taken.local_ms);
        assert_eq!(asset.taken_from.as_deref(), Some("owner"));
    }
    assert_eq!(story.library.undo().unwrap().command, "2 photos edited");
    let back = story.library.asset(ids[0]).unwrap();
    assert_eq!(back.taken_at.unwrap().local_ms, START);
    assert_eq!(back.taken_from.as_deref(), Some("exif"));
}

#[test]
fn what_has_no_time_is_not_moved() {
    let story = Story::begin();
    let id = story.photo_of("timeless", START, |facts| facts.metadata.taken = None);
    let before = story.library.asset(id).unwrap();
    let edit = AssetEdit {
        shift_ms: Some(5),
        ..AssetEdit::default()
    };
    assert_eq!(edited(&story, &[id], edit), [before]);
}

#[test]
fn a_place_is_a_town_or_degrees_or_none() {
    let story = Story::begin();
    let id = story.photo_of("high", START, |facts| {
        facts.metadata.place = Some(media::Place {
            latitude: 46.02,
            longitude: 7.75,
            altitude: Some(1_608.0),
        });
    });
    let at = |text: &str| AssetEdit {
        place: Some(PlaceEdit::parse(text).unwrap()),
        ..AssetEdit::default()
    };
    let town = edited(&story, &[id], at("munich")).remove(0);
    assert_eq!(town.place.as_deref(), Some("Munich, Bavaria, Germany"));
    assert_eq!(town.altitude, None);
    let spot = edited(&story, &[id], at("-33.92, 18.42")).remove(0);
    assert_eq!((spot.latitude, spot.longitude), (Some(-33.92), Some(18.42)));
    let nowhere = edited(&story, &[id], at("")).remove(0);
    assert_eq!((nowhere.latitude, nowhere.place), (None, None));
    for _ in 0..3 {
        story.library.undo().unwrap();
    }
    let back = story.library.asset(id).unwrap();
    assert_eq!((back.latitude, back.altitude), (Some(46.02), Some(1_608.0)));
    for wrong in ["91,0", "0,181", "1,2,3", "NaN,0", "Xyzzyx"] {
        let error = PlaceEdit::parse(wrong).unwrap_err().to_string();
        assert!(error.ends_with('.') && error.len() > 20, "{wrong}: {error}");
    }
}

#[test]
fn tags_come_and_go_and_come_back_in_their_order() {
    let story = Story::begin();
    let id = story.photo_of("tagged", START, |facts| {
        facts.metadata.tags = ["sea", "ship", "gull"].map(str::to_owned).to_vec();
    });
    let edit = AssetEdit {
        add_tags: vec![" harbour ".to_owned(), "gull".to_owned(), "  ".to_owned()],
        remove_tags: vec!["ship".to_owned()],
        ..AssetEdit::default()
    };
    assert_eq!(
        edited(&story, &[id], edit)[0].tags,
        ["sea", "gull", "harbour"]
    );
    let found = |text: &str| {
        let query = AssetQuery {
            filter: Filter {
                text: Some(text.to_owned()),
                ..Filter::default()
            },
            ..AssetQuery::default()
        };
        story.library.assets(&query).unwrap().assets.len()
    };
    assert_eq!((found("harbour"), found("ship")), (1, 0));
    story.library.undo().unwrap();
    assert_eq!(
        story.library.asset(id).unwrap().tags,
        ["sea", "ship", "gull"]
    );
    assert_eq!((found("harbour"), found("ship")), (0, 1));
}

#[test]
fn four_quarter_turns_lead_back_and_each_can_be_undone() {
    let story = Story::begin();
    let id = story.photo("lying", START);
    let seen = || {
        let asset = story.library.asset(id).unwrap();
        (asset.turn.quarters(), asset.width, asset.height)
    };
    let turn = |quarters| AssetEdit {
        turn: Turn::of_quarters(quarters),
        ..AssetEdit::default()
    };
    assert_eq!(seen(), (0, 400, 300));
    edited(&story, &[id], turn(1));
    assert_eq!(seen(), (1, 300, 400));
    edited(&story, &[id], turn(-2));
    assert_eq!(seen(), (3, 300, 400));
    edited(&story, &[id], turn(1));
    assert_eq!(seen(), (0, 400, 300));
    for expected in [(3, 300, 400), (1, 300, 400), (0, 400, 300)] {
        assert_eq!(story.library.undo().unwrap().command, "1 photo turned");
        assert_eq!(seen(), expected);
    }
}
