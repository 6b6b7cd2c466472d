//! What machines say of albums and of changes on the wire, held to its bytes: an earlier program
//! understands a later one only while no field changes its number.

use prost::Message;

use crate::hex;
use crate::wire::{
    AddVisits, AlbumAssets, AlbumRow, AnswerOffer, AnswerPartner, AssetRow, CannotLodge,
    Contribute, Contributed, DeleteAlbum, EditAlbum, EditAssets, EditSharing, EndLink, HeldRow,
    Invite, KeepTwo, LeaveAlbum, LetGo, LinkRow, MakeLink, MemberRow, Moved, MovingRow, OfferRow,
    Part, PartRow, PartnerDropped, PartnerRow, RowKind, SaidRow, Say, SayFor, ServeLinks,
    ServedLinkRow, ServedPhotoRow, SetRole, Spot, Switch, TakeOver, TakeUpload, Taken, Unsay,
    UnsayFor, UploadTaken, Visited, VisitsOfDay, Wish, WishOf, WithdrawUpload,
};

fn written(message: &impl Message) -> String {
    hex(&message.encode_to_vec())
}

/// It is written so, and read again as what it is.
fn assert_understood(wish: Wish, bytes: &str) {
    assert_eq!(written(&wish), bytes);
    assert_eq!(Wish::decode(wish.encode_to_vec().as_slice()), Ok(wish));
}

#[test]
fn rows_of_shared_albums_stay_as_they_were() {
    let member = MemberRow {
        name: "B".to_owned(),
        role: 1,
        state: 2,
        asked_at: 3,
    };
    assert_eq!(written(&member), "0a0142100118022006");
    let said = SaidRow {
        asset: Some(vec![7]),
        text: Some("x".to_owned()),
        person: Some(vec![8]),
        name: "N".to_owned(),
        made_at: 1,
        edited_at: Some(2),
        mark: Some(vec![9]),
    };
    assert_eq!(written(&said), "0a01071201781a010822014e280230043a0109");
    let offer = OfferRow {
        title: "T".to_owned(),
        role: 2,
        state: 1,
        count: 9,
        asked_at: 1,
        heir: true,
        moved: true,
        ..OfferRow::default()
    };
    assert_eq!(written(&offer), "0a0154100218012009280230013801");
    let lodging = OfferRow {
        owns: true,
        lodge: Some(vec![1]),
        passing: true,
        owner: Some(vec![2]),
        owner_name: "A".to_owned(),
        home: Some(vec![3]),
        moves: 4,
        ..OfferRow::default()
    };
    assert_eq!(written(&lodging), "40014a010150015a01026201416a01037004");
    let link = LinkRow {
        address: "/".to_owned(),
        label: "L".to_owned(),
        expires_at: Some(1),
        person: Some(vec![6]),
    };
    assert_eq!(written(&link), "0a012f12014c1802220106");
    let partner = PartnerRow {
        state: 2,
        since: Some(1),
        captions: true,
        albums: true,
        asked_at: 1,
        count: 9,
        bytes: 5,
        decides: vec![6],
        decided_at: Some(2),
    };
    assert_eq!(written(&partner), "08021002180120012802300938054201064804");
    let in_albums = AssetRow {
        albums: vec![vec![7], vec![8]],
        ..AssetRow::default()
    };
    let moving = MovingRow {
        files: 1,
        bytes: 2,
        length: 3,
        hash: vec![7],
    };
    assert_eq!(written(&moving), "080110021803220107");
    let held = HeldRow {
        hash: vec![7],
        parts: vec![vec![8]],
    };
    assert_eq!(written(&held), "0a0107120108");
    let with_parts = AssetRow {
        parts: vec![PartRow {
            part: 1,
            hash: vec![7],
            bytes: 2,
            name: "N".to_owned(),
        }],
        ..AssetRow::default()
    };
    assert_eq!(
        written(&with_parts),
        "c2020a080112010718022201 4e".replace(' ', "")
    );
    assert_eq!(written(&in_albums), "ba020107ba020108");
    let kinds = [
        (RowKind::Asset, 1),
        (RowKind::Album, 2),
        (RowKind::AlbumAsset, 3),
        (RowKind::Card, 4),
        (RowKind::Member, 5),
        (RowKind::Said, 6),
        (RowKind::Offer, 7),
        (RowKind::Link, 8),
        (RowKind::Partner, 9),
        (RowKind::Held, 10),
        (RowKind::Moving, 11),
        (RowKind::ServedLink, 12),
        (RowKind::ServedPhoto, 13),
        (RowKind::ServedSaid, 14),
    ];
    for (kind, number) in kinds {
        assert_eq!(kind as u32, number);
        assert_eq!(RowKind::of(number), Some(kind));
    }
}

#[test]
fn wishes_of_members_stay_as_they_were() {
    let album = vec![1];
    let wishes = [
        (
            WishOf::AnswerOffer(AnswerOffer {
                album: album.clone(),
                accept: true,
            }),
            "3a050a01011001",
        ),
        (
            WishOf::LeaveAlbum(LeaveAlbum {
                album: album.clone(),
                take: true,
            }),
            "42050a01011001",
        ),
        (
            WishOf::Contribute(Contribute {
                album: album.clone(),
                assets: vec![Contributed {
                    id: vec![2],
                    row: None,
                }],
                anew: true,
            }),
            "4a0a0a010112030a01021801",
        ),
        (
            WishOf::Say(Say {
                album: album.clone(),
                id: vec![2],
                asset: Some(vec![3]),
                text: Some("x".to_owned()),
            }),
            "520c0a01011201021a0103220178",
        ),
        (
            WishOf::Unsay(Unsay {
                album: album.clone(),
                ids: vec![vec![2]],
            }),
            "5a060a0101120102",
        ),
        (
            WishOf::MakeLink(MakeLink {
                album: album.clone(),
                id: vec![2],
                label: "L".to_owned(),
                expires_at: Some(1),
                download: "n".to_owned(),
                show_metadata: true,
            }),
            "62100a01011201021a014c20022a016e3001",
        ),
        (
            WishOf::EndLink(EndLink {
                album: album.clone(),
                link: vec![2],
            }),
            "6a060a0101120102",
        ),
        (
            WishOf::TakeOver(TakeOver {
                album: album.clone(),
                epoch: Some(2),
                revision: 3,
            }),
            "72070a010110021803",
        ),
        (
            WishOf::AnswerPartner(AnswerPartner { accept: true }),
            "7a020801",
        ),
        (WishOf::PartnerDropped(PartnerDropped {}), "820100"),
        (WishOf::KeepTwo(KeepTwo { on: true }), "8a01020801"),
        (WishOf::Moved(Moved {}), "920100"),
    ];
    for (of, bytes) in wishes {
        assert_understood(Wish { of: Some(of) }, bytes);
    }
}

#[test]
fn wishes_of_ones_own_machines_stay_as_they_were() {
    let assets = vec![vec![1]];
    let switch = || Switch {
        assets: assets.clone(),
        on: true,
    };
    let of_album = || AlbumAssets {
        album: vec![1],
        assets: vec![vec![2]],
        withdraws: None,
    };
    let wishes = [
        (
            WishOf::EditAssets(EditAssets {
                assets: assets.clone(),
                favorite: Some(true),
                rating: Some(5),
                title: Some("T".to_owned()),
                description: Some("D".to_owned()),
                taken: Some(Taken {
                    local: 3,
                    offset: Some(-60),
                }),
                shift_ms: Some(-1),
                spot: Some(Spot {
                    latitude: Some(1.0),
                    longitude: Some(2.0),
                }),
                add_tags: vec!["a".to_owned()],
                remove_tags: vec!["r".to_owned()],
                turn: 3,
            }),
            "0a310a0101100118052201542a0144320408061077380142\
             1209000000000000f03f1100000000000000404a01615201725803",
        ),
        (
            WishOf::EditAssets(EditAssets {
                assets: assets.clone(),
                spot: Some(Spot::default()),
                ..EditAssets::default()
            }),
            "0a050a01014200",
        ),
        (WishOf::Trash(switch()), "12050a01011001"),
        (WishOf::Archive(switch()), "1a050a01011001"),
        (
            WishOf::EditAlbum(EditAlbum {
                album: vec![1],
                title: Some("T".to_owned()),
                description: Some("D".to_owned()),
                cover: Some(vec![2]),
                make: true,
                order: None,
            }),
            "220e0a01011201541a01442201022801",
        ),
        (
            WishOf::EditAlbum(EditAlbum {
                album: vec![1],
                order: Some(1),
                ..EditAlbum::default()
            }),
            "22050a01013001",
        ),
        (WishOf::AddToAlbum(of_album()), "2a060a0101120102"),
        (WishOf::RemoveFromAlbum(of_album()), "32060a0101120102"),
        (
            WishOf::RemoveFromAlbum(AlbumAssets {
                withdraws: Some(vec![3]),
                ..of_album()
            }),
            "32090a01011201021a0103",
        ),
        (
            WishOf::DeleteAlbum(DeleteAlbum { album: vec![1] }),
            "9a01030a0101",
        ),
    ];
    for (of, bytes) in wishes {
        assert_understood(Wish { of: Some(of) }, bytes);
    }
}

#[test]
fn what_is_said_of_links_at_a_server_stays_as_it_was() {
    let link = ServedLinkRow {
        key: vec![7],
        name: Some("n".to_owned()),
        guessable: true,
        title: Some("T".to_owned()),
        description: "D".to_owned(),
        password_hash: Some("P".to_owned()),
        password_version: 1,
        expires_at: Some(2),
        download: 2,
        show_metadata: true,
        people: Some(3),
        seat_version: 4,
        paused: true,
        created_at: 5,
        is_drop_box: true,
        upload: Some(2),
        auto_accept: true,
        upload_files: 6,
        upload_bytes: 7,
        comments: true,
        order: 0,
    };
    assert_eq!(
        written(&link),
        "0a010712016e18012201542a01443201503801400448025001580360046801700a7801\
         800102880101900106980107a00101"
    );
    let ordered = ServedLinkRow {
        order: 1,
        ..ServedLinkRow::default()
    };
    assert_eq!(written(&ordered), "a80101");
    assert_eq!(written(&ServedPhotoRow { position: -1 }), "0801");
    let wishes = [
        (
            WishOf::ServeLinks(ServeLinks {
                on: true,
                lease_ms: 2,
                rest_ms: 3,
            }),
            "a20106080110021803",
        ),
        (
            WishOf::TakeUpload(TakeUpload {
                id: vec![1],
                link: vec![2],
                visitor: vec![3],
                visitor_name: "B".to_owned(),
                name: "N".to_owned(),
                bytes: 7,
                hash: vec![4],
                received_at: 1,
            }),
            "aa01160a01011201021a01032201422a014e30073a01044002",
        ),
        (
            WishOf::UploadTaken(UploadTaken {
                id: vec![1],
                refusal: Some("R".to_owned()),
            }),
            "b201060a0101120152",
        ),
        (
            WishOf::WithdrawUpload(WithdrawUpload { id: vec![1] }),
            "ba01030a0101",
        ),
        (
            WishOf::AddVisits(AddVisits {
                days: vec![VisitsOfDay {
                    link: vec![1],
                    day: 2,
                    visits: 3,
                    photos: 4,
                    downloads: 5,
                }],
                visits: vec![Visited {
                    link: vec![1],
                    token: vec![2],
                    began_at: 1,
                    last_at: 2,
                    device: "D".to_owned(),
                    photos: 6,
                    downloads: 7,
                }],
            }),
            "c201200a0b0a0101100218032004280512110a0101120102180220042a014430063807",
        ),
        (
            WishOf::SayFor(SayFor {
                link: vec![1],
                id: vec![2],
                asset: Some(vec![3]),
                text: Some("x".to_owned()),
                name: "B".to_owned(),
                mark: vec![4],
                proof: vec![5],
                made_at: 1,
            }),
            "ca01170a01011201021a01032201782a01423201043a01054002",
        ),
        (
            WishOf::UnsayFor(UnsayFor {
                link: vec![1],
                id: vec![2],
                proof: vec![3],
            }),
            "d201090a01011201021a0103",
        ),
        (
            WishOf::LetGo(LetGo {
                device: vec![1],
                assets: vec![vec![2], vec![3]],
            }),
            "8202090a0101120102120103",
        ),
    ];
    for (of, bytes) in wishes {
        assert_understood(Wish { of: Some(of) }, bytes);
    }
}

#[test]
fn what_an_albums_owner_asks_stays_as_it_was() {
    let (album, person) = (vec![1], vec![2]);
    let wishes = [
        (
            WishOf::Invite(Invite {
                album: album.clone(),
                people: vec![person.clone()],
                role: 1,
            }),
            "da01080a01011201021801",
        ),
        (
            WishOf::SetRole(SetRole {
                album: album.clone(),
                person: person.clone(),
                role: 2,
            }),
            "e201080a01011201021802",
        ),
        (
            WishOf::Part(Part {
                album: album.clone(),
                person: person.clone(),
                take: true,
            }),
            "ea01080a01011201021801",
        ),
        (
            WishOf::EditSharing(EditSharing {
                album: album.clone(),
                everyone: Some(0),
                originals: Some(true),
                linking: Some(false),
                talking: Some(true),
                keeping: Some(false),
            }),
            "f2010d0a010110001801200028013000",
        ),
        (
            WishOf::CannotLodge(CannotLodge {
                album,
                people: vec![person],
            }),
            "fa01060a0101120102",
        ),
    ];
    for (of, bytes) in wishes {
        assert_understood(Wish { of: Some(of) }, bytes);
    }
    let album = AlbumRow {
        everyone: 2,
        keeping: Some(false),
        ..AlbumRow::default()
    };
    assert_eq!(written(&album), "40024800");
    let ordered = AlbumRow {
        order: 1,
        ..AlbumRow::default()
    };
    assert_eq!(written(&ordered), "5001");
}
