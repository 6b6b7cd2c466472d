//! Bytes on their way between machines: whole, right, resumed, and never another's.

use std::fs;
use std::io::{Read, Seek, SeekFrom, Write};

use crate::cases;
use crate::house::{Machine, pair, reached, story, until};
use library::{AssetId, Keep, KeptWhat, RemoteWhich};
use sync::Wanted;

cases![
    pictures_and_originals_come_bit_for_bit,
    a_broken_copy_goes_on_from_what_is_right,
    a_copy_that_rotted_on_the_way_is_not_kept,
    an_original_that_rotted_at_home_is_told_and_not_stored,
    a_rotten_original_is_had_from_another_machine,
    what_is_to_be_kept_comes_by_itself_and_goes_with_its_photo,
];

/// Larger than a group of 256 KiB, several times.
const LARGE: u32 = 700;

pub fn wanted(home: &Machine, asset: AssetId, what: KeptWhat) -> Wanted {
    Wanted {
        home: home.device(),
        asset,
        what,
    }
}

pub async fn read(machine: &Machine, wanted: Wanted) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut file = machine.peers.open(wanted).await.unwrap();
    file.read_to_end(&mut bytes).unwrap();
    bytes
}

pub async fn two(photos: u32) -> (Machine, Machine, Vec<AssetId>) {
    let (desk, laptop) = (Machine::new("Desk").await, Machine::new("Laptop").await);
    let ids = (0..photos).map(|seed| desk.photo(seed, LARGE)).collect();
    pair(&desk, &laptop, true).await;
    knows(&laptop, &desk, photos as usize).await;
    (desk, laptop, ids)
}

async fn knows(machine: &Machine, home: &Machine, photos: usize) {
    reached(machine, home.device()).await;
    until("the photos are known", || {
        let known = machine
            .library
            .remote_assets(home.device(), RemoteWhich::default(), None, 100);
        (known.unwrap().0.len() == photos).then_some(())
    })
    .await;
}

/// Turns a byte of a file round, keeping its length.
fn rot(path: &std::path::Path, at: u64) {
    let mut file = fs::File::options()
        .read(true)
        .write(true)
        .open(path)
        .unwrap();
    let mut byte = [0];
    file.seek(SeekFrom::Start(at)).unwrap();
    file.read_exact(&mut byte).unwrap();
    file.seek(SeekFrom::Start(at)).unwrap();
    file.write_all(&[byte[0] ^ 1]).unwrap();
}

fn pictures_and_originals_come_bit_for_bit() {
    story(async {
        let (desk, laptop, ids) = two(1).await;
        let original = read(&laptop, wanted(&desk, ids[0], KeptWhat::Original)).await;
        let there = fs::read(desk.original(ids[0])).unwrap();
        assert!(original.len() > 1 << 20 && original == there);
        for (what, rendition) in [
            (KeptWhat::Thumbnail, library::Rendition::Thumbnail),
            (KeptWhat::Preview, library::Rendition::Preview),
        ] {
            let mut there = Vec::new();
            let mut own = desk
                .library
                .own(ids[0], library::What::Rendition(rendition))
                .unwrap();
            own.body.read_to_end(&mut there).unwrap();
            assert!(read(&laptop, wanted(&desk, ids[0], what)).await == there);
        }
    });
}

fn a_broken_copy_goes_on_from_what_is_right() {
    story(async {
        let (desk, laptop, ids) = two(1).await;
        let there = fs::read(desk.original(ids[0])).unwrap();
        // What a try that broke off left: four groups and some of a fifth.
        let (home, what) = (desk.device(), KeptWhat::Original);
        let half = 4 * 256 * 1024;
        let mut part = laptop
            .library
            .open_arriving(home, ids[0], what, there.len() as u64)
            .unwrap();
        part.write_all(&there[..half + 1_000]).unwrap();
        drop(part);
        let before = desk.peers.sent();
        assert!(read(&laptop, wanted(&desk, ids[0], what)).await == there);
        let sent = desk.peers.sent() - before;
        let rest = (there.len() - half) as u64;
        assert!(
            (rest..rest + rest / 50).contains(&sent),
            "{sent} bytes for the last {rest}"
        );
    });
}

fn a_copy_that_rotted_on_the_way_is_not_kept() {
    story(async {
        let (desk, laptop, ids) = two(1).await;
        let there = fs::read(desk.original(ids[0])).unwrap();
        let (home, what) = (desk.device(), KeptWhat::Original);
        let mut part = laptop
            .library
            .open_arriving(home, ids[0], what, there.len() as u64)
            .unwrap();
        // What a power cut may leave: the length, and not the bytes.
        part.write_all(&vec![0; 512 * 1024]).unwrap();
        drop(part);
        let refused = laptop.peers.open(wanted(&desk, ids[0], what)).await;
        assert_eq!(refused.unwrap_err().code(), "forged");
        assert!(!laptop.library.is_kept(home, ids[0], what).unwrap());
        assert!(
            read(&laptop, wanted(&desk, ids[0], what)).await == there,
            "the next try is whole"
        );
    });
}

fn an_original_that_rotted_at_home_is_told_and_not_stored() {
    story(async {
        let (desk, laptop, ids) = two(2).await;
        let what = KeptWhat::Original;
        // One is read for the first time, the other has its tree of hashes already.
        read(&laptop, wanted(&desk, ids[1], what)).await;
        laptop
            .library
            .set_peer_keep(desk.device(), Keep::Nothing)
            .unwrap();
        for id in &ids[..1] {
            rot(&desk.original(*id), 900_000);
            let refused = laptop.peers.open(wanted(&desk, *id, what)).await;
            let told = refused.unwrap_err().to_string();
            assert!(told.contains("damaged"), "{told}");
            assert!(!laptop.library.is_kept(desk.device(), *id, what).unwrap());
        }
    });
}

fn a_rotten_original_is_had_from_another_machine() {
    story(async {
        let (desk, laptop, ids) = two(1).await;
        let there = fs::read(desk.original(ids[0])).unwrap();
        let what = KeptWhat::Original;
        assert!(read(&laptop, wanted(&desk, ids[0], what)).await == there);
        let third = Machine::new("Third").await;
        pair(&desk, &third, true).await;
        knows(&third, &desk, 1).await;
        // On one network they would find each other; here one is told where.
        let port = laptop.peers.addresses()[0].port();
        let address = format!("127.0.0.1:{port}");
        until("the third knows the laptop by the card", || {
            third
                .library
                .set_peer_address(laptop.device(), &address)
                .ok()
        })
        .await;
        reached(&third, laptop.device()).await;
        rot(&desk.original(ids[0]), 900_000);
        assert!(read(&third, wanted(&desk, ids[0], what)).await == there);
    });
}

fn what_is_to_be_kept_comes_by_itself_and_goes_with_its_photo() {
    story(async {
        let (desk, laptop, ids) = two(2).await;
        let home = desk.device();
        laptop.library.set_peer_keep(home, Keep::Originals).unwrap();
        let late = desk.photo(9, 60);
        until("all of them are here", || {
            let totals = laptop.library.replica_totals(home).unwrap();
            (totals.originals == 3 && totals.previews == 3).then_some(())
        })
        .await;
        desk.library.trash(&ids).unwrap();
        desk.library.empty_trash(None, false).unwrap();
        until("what its home deleted is gone here", || {
            (laptop.library.replica_totals(home).unwrap().originals == 1).then_some(())
        })
        .await;
        let there = laptop.library.open_kept(home, late, KeptWhat::Original);
        assert!(there.unwrap().is_some());
        let gone = laptop.library.open_kept(home, ids[0], KeptWhat::Original);
        assert!(gone.unwrap().is_none());
    });
}
