//! What a partner is told: whatever is cut, repeated or claimed, they see what is shown.

use prost::Message;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::household::{Household, person};
use super::partners::{WHOLE, seen};
use super::peers::{device, guest};
use super::{DAY, START, Story};
use crate::wire::{AssetRow, PartnerRow, Row, RowKind};
use crate::*;

/// Follows one page further, which may have been cut, and may come twice.
pub(super) fn follow_cut(
    random: &mut StdRng,
    right: &Guest,
    to: &Story,
    home: DeviceId,
    space: Space,
) {
    let from = to.library.feed_cursor(home, space).unwrap();
    let mut page = right.feed(space, from.epoch, from.revision).unwrap();
    if !page.rows.is_empty() && random.random_bool(0.5) {
        let kept = random.random_range(0..page.rows.len());
        page.rows.truncate(kept);
        page.revision = page.rows.last().map_or(from.revision, |row| row.revision);
        page.complete = false;
    }
    for _ in 0..random.random_range(1..3) {
        assert_eq!(to.library.receive(home, space, page.clone()).unwrap(), 0);
    }
}

/// After any changes, cuts and repeats, a partner sees what the library shows, and
/// nothing else (69).
#[test]
fn after_any_cuts_a_partner_sees_what_is_shown() {
    for seed in 0..12 {
        let mut random = StdRng::seed_from_u64(seed);
        let house = Household::begin();
        let library = &house.anna.library;
        let photos: Vec<AssetId> = (0..12)
            .map(|number| {
                house
                    .anna
                    .photo(&format!("{number}.jpg"), START + number * DAY)
            })
            .collect();
        let album = house.anna.album(&photos[..3]);
        library.set_pin(None, "1234").unwrap();
        let (anna, ben) = house.partners(PartnerRules {
            albums: true,
            ..WHOLE
        });
        house.ben.library.show_library(anna, true).unwrap();
        let (home, space) = (device(&house.anna).0, Space::Partner(ben));
        let right = guest(&house.anna, &house.ben);
        for _ in 0..40 {
            let pick = photos[random.random_range(0..photos.len())];
            let on = random.random_bool(0.5);
            let done = match random.random_range(0..6) {
                0 => library.archive(&[pick], on).map(|_| ()),
                1 if on => library.trash(&[pick]).map(|_| ()),
                1 => library.restore(&[pick]).map(|_| ()),
                2 => library.set_locked(&[pick], on).map(|_| ()),
                3 if on => library.add_to_album(album, &[pick]).map(|_| ()),
                3 => library.remove_from_album(album, &[pick]).map(|_| ()),
                4 => library
                    .edit_partner(
                        ben,
                        PartnerEdit {
                            since: Some(on.then(|| START + random.random_range(0..12) * DAY)),
                            captions: Some(random.random_bool(0.5)),
                            ..PartnerEdit::default()
                        },
                    )
                    .map(|_| ()),
                _ => Ok(()),
            };
            // A photo in the trash cannot be locked, and so on: nothing is changed then.
            let _ = done;
            if random.random_bool(0.6) {
                follow_cut(&mut random, &right, &house.ben, home, space);
            }
        }
        house.settle();
        let shown: Vec<AssetId> = library
            .catalog
            .read(|conn| {
                Ok(conn
                    .prepare(
                        "SELECT asset.id FROM partner_sees JOIN asset ON asset.id = partner_sees.asset
                          WHERE person = ?1 ORDER BY sorted_at DESC",
                    )?
                    .query_map([ben], |row| row.get(0))?
                    .collect::<Result<_, _>>()?)
            })
            .unwrap();
        let query = GridQuery {
            filter: Filter {
                partner: Some(anna),
                ..Filter::default()
            },
            ..GridQuery::default()
        };
        assert_eq!(
            house.ben.library.grid_ids(&query).unwrap(),
            shown,
            "seed {seed}"
        );
        let all = GridQuery::default();
        assert_eq!(
            house.ben.library.grid_ids(&all).unwrap(),
            shown,
            "seed {seed}"
        );
        let albums = house.ben.library.partner_albums(anna).unwrap();
        let in_album: u64 = albums.iter().map(|album| album.count).sum();
        let told: usize = library
            .album_assets(album)
            .unwrap()
            .iter()
            .filter(|id| shown.contains(id))
            .count();
        assert_eq!(in_album, told as u64, "seed {seed}");
        house.ben.is_indexed_truly();
    }
}

#[test]
fn a_library_that_was_not_accepted_is_not_taken() {
    let house = Household::begin();
    let (anna, ben) = (person(&house.anna), person(&house.ben));
    let home = device(&house.anna).0;
    let rules = PartnerRow {
        state: 2,
        asked_at: START,
        decides: home.bytes().to_vec(),
        ..PartnerRow::default()
    };
    let page = |space_kind: RowKind, id: Vec<u8>, body: Vec<u8>| Page {
        epoch: 1,
        revision: 1 << 40,
        complete: true,
        rows: vec![Row {
            kind: space_kind as u32,
            row: id,
            revision: 1 << 40,
            body: Some(body),
        }],
    };
    let shared = Space::Shared(ben);
    let library = &house.ben.library;
    // «You accepted», says her machine; he has not.
    let told = page(
        RowKind::Partner,
        ben.bytes().to_vec(),
        rules.encode_to_vec(),
    );
    assert_eq!(library.receive(home, shared, told).unwrap(), 0);
    assert_eq!(
        library.partner_library(anna).unwrap().state,
        PartnerState::Asked
    );
    let photo = AssetRow {
        hash: vec![1; 32],
        name: "unasked.jpg".to_owned(),
        mime: "image/jpeg".to_owned(),
        ..AssetRow::default()
    };
    let unasked = page(RowKind::Asset, vec![5; 16], photo.encode_to_vec());
    assert!(
        library
            .receive(home, Space::Partner(ben), unasked.clone())
            .is_err()
    );
    assert!(seen(&house.ben, anna).is_empty());
    // Accepted, she may tell of her own photos and not of his.
    library.answer_library(anna, true).unwrap();
    let his = house.ben.photo("his.jpg", START);
    let over = page(RowKind::Asset, his.bytes().to_vec(), photo.encode_to_vec());
    assert_eq!(library.receive(home, Space::Partner(ben), over).unwrap(), 1);
    assert_eq!(library.asset(his).unwrap().name, "his.jpg");
    let clara = device(&house.clara).0;
    assert!(
        library
            .receive(clara, Space::Partner(ben), unasked)
            .is_err()
    );
    // An offer for somebody else is none.
    let other = page(
        RowKind::Partner,
        anna.bytes().to_vec(),
        rules.encode_to_vec(),
    );
    assert_eq!(library.receive(clara, shared, other).unwrap(), 1);
    // What he said to Anna he did not say to Clara, whatever her machine names.
    let mut claimed = page(
        RowKind::Partner,
        ben.bytes().to_vec(),
        rules.encode_to_vec(),
    );
    claimed.revision += 1;
    claimed.rows[0].revision += 1;
    assert_eq!(library.receive(clara, shared, claimed).unwrap(), 0);
    let of_clara = library.partner_library(person(&house.clara)).unwrap();
    assert_eq!(of_clara.state, PartnerState::Asked);
}
