//! Search: words and filters, and that the index stays true whatever happens.

use super::*;
use media::Place;

impl Story {
    pub(super) fn wanted(&self, filter: Filter) -> Vec<String> {
        let query = AssetQuery {
            filter,
            ..AssetQuery::default()
        };
        let page = self.library.assets(&query).unwrap();
        page.assets.into_iter().map(|asset| asset.name).collect()
    }

    pub(super) fn found(&self, text: &str) -> Vec<String> {
        self.wanted(Filter {
            text: Some(text.to_owned()),
            ..Filter::default()
        })
    }

    /// The index of words is whole, and has as many rows as there are assets.
    pub(super) fn is_indexed_truly(&self) {
        self.library
            .catalog
            .write(|write| {
                let conn = write.conn();
                conn.execute_batch("INSERT INTO search (search) VALUES ('integrity-check')")?;
                let rows = |sql: &str| conn.query_row(sql, [], |row| row.get::<_, i64>(0));
                assert_eq!(
                    rows("SELECT count(*) FROM search_docsize")?,
                    rows("SELECT count(*) FROM asset")?
                );
                Ok(())
            })
            .unwrap();
    }

    fn edit(&self, id: AssetId, edit: AssetEdit) {
        self.library.edit_assets(&[id], edit).unwrap();
    }
}

fn at(facts: &mut Facts, latitude: f64, longitude: f64) {
    facts.metadata.place = Some(Place {
        latitude,
        longitude,
        altitude: None,
    });
}

#[test]
fn words_are_found_by_their_beginnings_in_any_order_case_and_accent() {
    let story = Story::begin();
    story.photo("IMG_20260503_1234.jpg", DAY);
    story.photo_of("b.jpg", 2 * DAY, |facts| {
        facts.metadata.title = Some("Évening at the café".to_owned());
        facts.metadata.description = Some("Straße, Ελλάδα and 東京".to_owned());
        facts.metadata.tags = vec!["Summer holiday".to_owned(), "sea".to_owned()];
    });
    story.photo_of("c.jpg", 3 * DAY, |facts| at(facts, 44.407, 8.934));
    for (text, names) in [
        ("IMG_2026", vec!["IMG_20260503_1234.jpg"]),
        ("1234", vec!["IMG_20260503_1234.jpg"]),
        ("1234.jpg", vec!["IMG_20260503_1234.jpg"]),
        ("evening CAFE", vec!["b.jpg"]),
        ("caf évé", vec!["b.jpg"]),
        ("straße", vec!["b.jpg"]),
        ("ΕΛΛΆ", vec!["b.jpg"]),
        ("東", vec!["b.jpg"]),
        ("summer hol", vec!["b.jpg"]),
        ("genoa", vec!["c.jpg"]),
        ("ital ligur", vec!["c.jpg"]),
        (
            "canon 5d jp",
            vec!["c.jpg", "b.jpg", "IMG_20260503_1234.jpg"],
        ),
        ("  ", vec!["c.jpg", "b.jpg", "IMG_20260503_1234.jpg"]),
        ("canon nowhere", vec![]),
        ("anon", vec![]),
        ("vening", vec![]),
        // Marks are no words.
        ("photo", vec![]),
        ("unplaced", vec![]),
        ("\u{e000}unplaced", vec![]),
    ] {
        assert_eq!(story.found(text), names, "{text}");
    }
    assert_eq!(story.found("sea").len(), 1);
    story.is_indexed_truly();
}

#[test]
fn whatever_a_person_types_is_no_error() {
    let story = Story::begin();
    story.photo("a.jpg", 0);
    for text in [
        "\"",
        "\"\"",
        "'",
        "*",
        "a*",
        "-",
        "--a",
        "^a",
        "a OR",
        "NOT",
        "AND AND",
        "NEAR(a b)",
        "(",
        ")",
        "a)",
        "words:a",
        "{words}:a",
        "camera : a",
        "a + b",
        "\\",
        "\0",
        "a\0b",
        ";",
        "a';--",
        "%",
        "\u{301}",
        "a\u{301}",
        "\u{e000}",
        "\u{e000}photo\"",
        "🙂",
        "ꙮ🯰",
        "\u{1e900}x\u{1e4d0}y",
        "½",
        "a\u{fdd0}b",
        "x\" OR \"a",
        "gen 2026 canon",
        "·",
    ] {
        story.found(text);
        story.wanted(Filter {
            camera: Some(text.to_owned()),
            ..Filter::default()
        });
    }
    assert_eq!(story.found("\"a.jpg\""), ["a.jpg"]);
    assert_eq!(story.found("a* -"), ["a.jpg"]);
    let long = "word ".repeat(2_000);
    assert!(story.found(&long).is_empty());
}

#[test]
fn filters_hold_alone_and_together() {
    let story = Story::begin();
    let film = story.photo_of("film.mp4", 4 * DAY, |facts| {
        facts.format = Format::Mp4;
        facts.metadata.camera_model = Some("iPhone 13".to_owned());
        facts.metadata.camera_make = Some("Apple".to_owned());
        facts.metadata.description = Some("Not by a Canon".to_owned());
    });
    story.photo_of("raw.dng", 3 * DAY, |facts| {
        facts.format = Format::Dng;
        facts.metadata.rating = Some(5);
    });
    let placed = story.photo_of("placed.jpg", 2 * DAY, |facts| {
        at(facts, 0.0, -30.0);
        facts.metadata.rating = Some(3);
    });
    let plain = story.photo("plain.jpg", DAY);
    story.edit(
        plain,
        AssetEdit {
            favorite: Some(true),
            ..AssetEdit::default()
        },
    );
    let album = story.album(&[placed, film]);
    let check = |filter: Filter, names: &[&str]| {
        assert_eq!(story.wanted(filter.clone()), names, "{filter:?}");
        let mut grid = story
            .library
            .grid(&GridQuery {
                filter: filter.clone(),
                ..GridQuery::default()
            })
            .unwrap()
            .ids;
        if filter.album.is_some() {
            grid.reverse();
        }
        let seen: Vec<String> = grid
            .iter()
            .map(|id| story.library.asset(*id).unwrap().name)
            .collect();
        assert_eq!(seen, names, "{filter:?}");
    };
    let any = Filter::default;
    let kind = |kind| Filter {
        kind: Some(kind),
        ..any()
    };
    check(
        kind(AssetKind::Photo),
        &["raw.dng", "placed.jpg", "plain.jpg"],
    );
    check(kind(AssetKind::Video), &["film.mp4"]);
    check(kind(AssetKind::Raw), &["raw.dng"]);
    check(kind(AssetKind::Live), &[]);
    let stars = |least| Filter {
        rating_at_least: Some(least),
        ..any()
    };
    check(stars(3), &["raw.dng", "placed.jpg"]);
    check(stars(4), &["raw.dng"]);
    check(
        stars(0),
        &["film.mp4", "raw.dng", "placed.jpg", "plain.jpg"],
    );
    check(
        Filter {
            favorite: true,
            ..any()
        },
        &["plain.jpg"],
    );
    // Its place is known, though it has no name.
    check(
        Filter {
            placed: Some(true),
            ..any()
        },
        &["placed.jpg"],
    );
    check(
        Filter {
            placed: Some(false),
            ..any()
        },
        &["film.mp4", "raw.dng", "plain.jpg"],
    );
    let camera = |camera: &str| Filter {
        camera: Some(camera.to_owned()),
        ..any()
    };
    check(camera("canon"), &["raw.dng", "placed.jpg", "plain.jpg"]);
    check(camera("iphone 13 apple"), &["film.mp4"]);
    check(
        Filter {
            from: Some(2 * DAY),
            before: Some(3 * DAY),
            ..any()
        },
        &["placed.jpg"],
    );
    check(
        Filter {
            from: Some(3 * DAY + 1),
            ..any()
        },
        &["film.mp4"],
    );
    check(
        Filter {
            before: Some(3 * DAY),
            ..any()
        },
        &["placed.jpg", "plain.jpg"],
    );
    check(
        Filter {
            album: Some(album),
            ..any()
        },
        &["film.mp4", "placed.jpg"],
    );
    let both = Filter {
        album: Some(album),
        text: Some("canon".to_owned()),
        ..any()
    };
    check(both.clone(), &["film.mp4", "placed.jpg"]);
    check(
        Filter {
            placed: Some(true),
            rating_at_least: Some(3),
            ..both.clone()
        },
        &["placed.jpg"],
    );
    check(
        Filter {
            rating_at_least: Some(4),
            ..both
        },
        &[],
    );

    story.library.archive(&[placed], true).unwrap();
    check(camera("canon"), &["raw.dng", "placed.jpg", "plain.jpg"]);
    check(
        Filter {
            shelf: Some(Shelf::Archive),
            ..stars(1)
        },
        &["placed.jpg"],
    );
    story.library.trash(&[plain]).unwrap();
    check(camera("canon"), &["raw.dng", "placed.jpg"]);
    check(
        Filter {
            shelf: Some(Shelf::Trash),
            ..camera("canon")
        },
        &["plain.jpg"],
    );
}

#[test]
fn what_is_found_goes_on_where_its_page_ended() {
    let story = Story::begin();
    // Some share a second, some a moment, and some are from before 1970.
    for n in 0..40 {
        story.photo(&format!("{n}.jpg"), (n / 4 - 5) * 700);
    }
    let mut query = AssetQuery {
        filter: Filter {
            text: Some("jpg".to_owned()),
            ..Filter::default()
        },
        limit: Some(3),
        after: None,
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
    assert_eq!(names, story.found("jpg"));
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 40);
}

#[test]
fn any_page_of_the_timeline_is_a_part_of_the_whole() {
    let story = Story::begin();
    for n in 0..60 {
        story.photo(&format!("{n}.jpg"), (n / 2) * 11 * DAY);
    }
    let whole = story.library.grid(&GridQuery::default()).unwrap().ids;
    assert_eq!(whole.len(), 60);
    for text in [None, Some("jpg".to_owned())] {
        for first in 0..62 {
            let query = GridQuery {
                filter: Filter {
                    text: text.clone(),
                    ..Filter::default()
                },
                first,
                count: Some(7),
            };
            let page = story.library.grid(&query).unwrap().ids;
            let first = (first as usize).min(60);
            assert_eq!(page, whole[first..(first + 7).min(60)]);
        }
    }
}

/// Random numbers that are the same at each run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }
}

#[test]
fn the_index_says_what_the_assets_say_after_any_edits() {
    const WORDS: [&str; 5] = ["harbour", "harvest", "mountain", "moon", "night"];
    let story = Story::begin();
    let mut dice = Dice(7);
    let mut ids = Vec::new();
    for step in 0..300_u32 {
        match (dice.roll(6), ids.len()) {
            (0 | 1, _) | (_, 0) => {
                let (time, tag) = (dice.roll(2_000) as i64 * 499, WORDS[dice.roll(5)]);
                ids.push(story.photo_of(&format!("{step}.jpg"), time, |facts| {
                    facts.metadata.tags = vec![tag.to_owned(), "any".to_owned()];
                }));
            }
            (2, count) => {
                let gone = ids.swap_remove(dice.roll(count));
                story.library.trash(&[gone]).unwrap();
                story.library.empty_trash(None, false).unwrap();
            }
            (3, count) => {
                let moved = TakenAt {
                    local_ms: dice.roll(2_000) as i64 * 499,
                    offset_minutes: None,
                };
                story.edit(
                    ids[dice.roll(count)],
                    AssetEdit {
                        taken_at: Some(moved),
                        ..AssetEdit::default()
                    },
                );
            }
            (4, _) if !story.library.undoable().unwrap().is_empty() => {
                let gone = |e: LibraryError| assert!(e.to_string().contains("gone for good"));
                story.library.undo().map_or_else(gone, |_| ());
                ids.retain(|id| story.library.asset(*id).is_ok());
            }
            (_, count) => story.edit(
                ids[dice.roll(count)],
                AssetEdit {
                    title: Some(WORDS[dice.roll(5)].to_owned()),
                    rating: Some(dice.roll(6) as u8),
                    favorite: Some(dice.roll(2) == 0),
                    ..AssetEdit::default()
                },
            ),
        }
    }
    story.is_indexed_truly();
    let all = AssetQuery {
        limit: Some(1_000),
        ..AssetQuery::default()
    };
    let all = story.library.assets(&all).unwrap().assets;
    assert!(all.len() > 30, "{}", all.len());
    let says = |asset: &Asset, word: &str| {
        let mut words = asset.tags.iter().chain(&asset.title);
        words.any(|said| said.starts_with(word))
    };
    for word in ["har", "harbour", "mo", "moon", "night", "any"] {
        let found = AssetQuery {
            filter: Filter {
                text: Some(word.to_owned()),
                ..Filter::default()
            },
            limit: Some(1_000),
            after: None,
        };
        let found = story.library.assets(&found).unwrap().assets;
        let expected = all.iter().filter(|asset| says(asset, word)).count();
        assert_eq!(found.len(), expected, "{word}");
        assert!(found.iter().all(|asset| says(asset, word)), "{word}");
        let seconds = |asset: &Asset| asset.sorted_at / 1_000;
        assert!(
            found
                .windows(2)
                .all(|pair| seconds(&pair[0]) >= seconds(&pair[1]))
        );
    }
    for stars in 1..=5 {
        let found = story.wanted(Filter {
            rating_at_least: Some(stars),
            ..Filter::default()
        });
        let rated = all
            .iter()
            .filter(|asset| asset.rating >= Some(stars))
            .count();
        assert_eq!(found.len(), rated);
    }
}

#[test]
fn what_there_is_to_search_for_is_counted() {
    let story = Story::begin();
    story.photo_of("a.jpg", 0, |facts| {
        at(facts, 44.407, 8.934);
        facts.metadata.tags = vec!["sea".to_owned()];
    });
    let b = story.photo("b.jpg", 0);
    let counts = |story: &Story| {
        let suggestions = story.library.suggestions(10).unwrap();
        let plain = |rows: Vec<Suggestion>| -> Vec<(String, u64)> {
            rows.into_iter().map(|row| (row.name, row.count)).collect()
        };
        (
            plain(suggestions.cameras),
            plain(suggestions.places),
            plain(suggestions.tags),
        )
    };
    let (cameras, places, tags) = counts(&story);
    assert_eq!(cameras, [("Canon EOS 5D".to_owned(), 2)]);
    assert_eq!(places, [("Genoa, Liguria, Italy".to_owned(), 1)]);
    assert_eq!(tags, [("sea".to_owned(), 1)]);
    story.library.trash(&[b]).unwrap();
    assert_eq!(counts(&story).0, [("Canon EOS 5D".to_owned(), 1)]);
}
