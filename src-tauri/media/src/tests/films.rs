//! Headers of films, made by hand: what they say, and what they keep to
//! themselves.

use std::io::{Cursor, Read, Result, Seek, SeekFrom};

use crate::{CleanReader, Format, Recipe, TakenFrom, Turn, VideoMetadata, read_video};

fn atom(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 8).unwrap().to_be_bytes();
    [&length[..], kind, body].concat()
}

fn longs(numbers: &[u32]) -> Vec<u8> {
    numbers
        .iter()
        .flat_map(|number| number.to_be_bytes())
        .collect()
}

/// A movie header: made at this second since 1904, so many ticks of 600.
fn mvhd(made: u32, ticks: u32) -> Vec<u8> {
    atom(
        b"mvhd",
        &[longs(&[0, made, made, 600, ticks]), vec![0; 80]].concat(),
    )
}

const ONE: u32 = 0x1_0000;
const MINUS: u32 = 0xffff_0000;

/// A track of pictures by its matrix's first row.
fn track(enabled: u32, across: u32, down: u32, (width, height): (u32, u32)) -> Vec<u8> {
    let matrix = [across, down, 0, 0, 0, 0, 0, 0, 0x4000_0000];
    let size = [width << 16, height << 16];
    let head = longs(&[enabled, 0, 0, 1, 0, 600, 0, 0, 0, 0]);
    let tkhd = atom(b"tkhd", &[head, longs(&matrix), longs(&size)].concat());
    let entry = [vec![0; 24], longs(&[(640 << 16) | 480]), vec![0; 50]].concat();
    let stsd = atom(b"stsd", &[longs(&[0, 1]), atom(b"avc1", &entry)].concat());
    let media = [
        atom(b"hdlr", b"\0\0\0\0mhlrvide\0\0\0\0"),
        atom(b"minf", &atom(b"stbl", &stsd)),
    ]
    .concat();
    atom(b"trak", &[tkhd, atom(b"mdia", &media)].concat())
}

fn film(parts: &[Vec<u8>]) -> Vec<u8> {
    let head = atom(b"ftyp", b"qt  \0\0\0\0qt  ");
    let pictures = atom(b"mdat", &[0xaa; 5000]);
    [head, pictures, atom(b"moov", &parts.concat())].concat()
}

fn read(parts: &[Vec<u8>]) -> VideoMetadata {
    read_video(Format::Mov, Cursor::new(film(parts)))
}

/// Seconds from 1904 to 2024-04-13T20:38:00Z.
const EVENING: u32 = 2_082_844_800 + 1_713_040_680;

fn apple(keys: &[(&str, &str)]) -> Vec<u8> {
    let names: Vec<Vec<u8>> = keys
        .iter()
        .map(|(key, _)| atom(b"mdta", key.as_bytes()))
        .collect();
    let values = keys.iter().zip(1_u32..).map(|((_, value), index)| {
        let body = [longs(&[1, 0]), value.as_bytes().to_vec()].concat();
        atom(&index.to_be_bytes(), &atom(b"data", &body))
    });
    let count = u32::try_from(keys.len()).unwrap();
    let body = [
        atom(b"hdlr", b"\0\0\0\0\0\0\0\0mdta\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
        atom(b"keys", &[longs(&[0, count]), names.concat()].concat()),
        atom(b"ilst", &values.flatten().collect::<Vec<u8>>()),
    ]
    .concat();
    atom(b"meta", &body)
}

#[test]
fn a_film_has_the_size_it_is_seen_in() {
    let shape = |track| {
        let found = read(&[mvhd(EVENING, 740), track]);
        assert_eq!(found.duration_ms, Some(1233));
        (found.width, found.height, found.turned)
    };
    let size = (1920, 1080);
    let (wide, high) = (Some(1920), Some(1080));
    assert_eq!(shape(track(1, ONE, 0, size)), (wide, high, 0));
    assert_eq!(shape(track(1, 0, ONE, size)), (high, wide, 90));
    assert_eq!(shape(track(1, MINUS, 0, size)), (wide, high, 180));
    assert_eq!(shape(track(1, 0, MINUS, size)), (high, wide, 270));
    assert_eq!(shape(track(1, ONE, 0, (0, 0))), (Some(640), Some(480), 0));
    let cover = track(0, ONE, 0, (100, 100));
    let both = [cover.clone(), track(1, ONE, 0, size)].concat();
    assert_eq!(shape(both), (wide, high, 0));
    assert_eq!(shape(cover), (Some(100), Some(100), 0));
    assert_eq!(shape(Vec::new()), (None, None, 0));
}

#[test]
fn apples_wall_clock_is_believed_before_the_headers_utc() {
    let keys = apple(&[
        ("com.apple.quicktime.make", "Apple"),
        ("com.apple.quicktime.model", "iPhone 6s"),
        (
            "com.apple.quicktime.creationdate",
            "2024-04-13T22:38:00+0200",
        ),
        (
            "com.apple.quicktime.location.ISO6709",
            "+52.2097-000.8955+103.640/",
        ),
        (
            "com.apple.quicktime.content.identifier",
            "E905E6C6-C747-4805",
        ),
        ("com.apple.quicktime.title", "A train"),
    ]);
    let found = read(&[mvhd(EVENING, 600), keys]).metadata;
    let taken = found.taken.unwrap();
    assert_eq!(taken.local_ms, 1_713_047_880_000);
    assert_eq!(taken.offset_minutes, Some(120));
    assert_eq!(found.camera_make.as_deref(), Some("Apple"));
    assert_eq!(found.camera_model.as_deref(), Some("iPhone 6s"));
    assert_eq!(found.live.as_deref(), Some("E905E6C6-C747-4805"));
    assert_eq!(found.title.as_deref(), Some("A train"));
    assert_eq!(found.place.unwrap().altitude, Some(103.64));

    let clock = |made| read(&[mvhd(made, 600)]).metadata.taken;
    let utc = clock(EVENING).unwrap();
    assert_eq!(
        (utc.local_ms, utc.offset_minutes),
        (1_713_040_680_000, Some(0))
    );
    assert_eq!(utc.from, TakenFrom::QuickTime);
    // A camera that counts from 1970.
    assert_eq!(clock(1_713_040_680), clock(EVENING));
    for unset in [0, 1, 2_082_844_800, u32::MAX - 1] {
        assert_eq!(
            clock(unset).filter(|_| unset < u32::MAX - 1),
            None,
            "{unset}"
        );
    }
}

#[test]
fn user_data_of_quicktime_itunes_and_3gpp() {
    let text = |kind: &[u8; 4], text: &str| {
        let length = u16::try_from(text.len()).unwrap().to_be_bytes();
        atom(
            kind,
            &[&length[..], &[0x15, 0xc7], text.as_bytes()].concat(),
        )
    };
    let android = atom(
        b"udta",
        &[
            text(b"\xa9xyz", "+27.2939+112.6932/"),
            text(b"\xa9mak", "Google"),
            text(b"\xa9mod", "Pixel"),
            text(b"\xa9day", "2024-04-13T20:38:00"),
        ]
        .concat(),
    );
    let found = read(&[mvhd(0, 600), android]).metadata;
    assert!((found.place.unwrap().longitude - 112.6932).abs() < 1e-9);
    assert_eq!(found.camera_make.as_deref(), Some("Google"));
    assert_eq!(found.camera_model.as_deref(), Some("Pixel"));
    assert_eq!(found.taken.unwrap().offset_minutes, None);

    let entry = |kind: &[u8; 4], text: &str| {
        let data = [longs(&[1, 0]), text.as_bytes().to_vec()].concat();
        atom(kind, &atom(b"data", &data))
    };
    let list = [entry(b"\xa9nam", "Titel"), entry(b"desc", "Zwei\r\nZeilen")].concat();
    let meta = [
        longs(&[0]),
        atom(b"hdlr", b"\0\0\0\0\0\0\0\0mdirappl\0\0\0\0\0\0\0\0\0\0"),
        atom(b"ilst", &list),
    ]
    .concat();
    let found = read(&[atom(b"udta", &atom(b"meta", &meta))]).metadata;
    assert_eq!(found.title.as_deref(), Some("Titel"));
    assert_eq!(found.description.as_deref(), Some("Zwei\nZeilen"));

    for name in [&b"Here\0"[..], b"\xfe\xff\0H\0\0"] {
        let point = longs(&[114 << 16, 0x0016_8000, 50 << 16]);
        let body = [b"\0\0\0\0\x15\xc7", name, b"\0", &point, b"earth\0\0"].concat();
        let found = read(&[atom(b"udta", &atom(b"loci", &body))]).metadata;
        let place = found.place.unwrap();
        assert_eq!((place.latitude, place.longitude), (22.5, 114.0));
        assert_eq!(place.altitude, Some(50.0));
    }
}

#[test]
fn sonys_document_and_xmp_stand_beside_the_header() {
    let xml = r#"<?xml version="1.0" encoding="UTF-8"?>
        <NonRealTimeMeta xmlns="urn:schemas-professionalDisc:nonRealTimeMeta:ver.2.00">
        <CreationDate value="2024-04-13T22:38:00+02:00"/>
        <Device manufacturer="Sony" modelName="ILCE-7M4"/><Lens modelName="FE 35mm F1.8"/>
        </NonRealTimeMeta>"#;
    let meta = [
        longs(&[0]),
        atom(b"hdlr", b"\0\0\0\0\0\0\0\0nrtm\0\0\0\0\0\0\0\0\0\0\0\0\0"),
        atom(b"xml ", &[&[0; 4], xml.as_bytes()].concat()),
    ]
    .concat();
    let sony = [film(&[mvhd(EVENING, 600)]), atom(b"meta", &meta)].concat();
    let found = read_video(Format::Mp4, Cursor::new(sony)).metadata;
    assert_eq!(found.camera_model.as_deref(), Some("ILCE-7M4"));
    assert_eq!(found.lens.as_deref(), Some("FE 35mm F1.8"));
    assert_eq!(found.taken.unwrap().offset_minutes, Some(120));

    let xmp = "<x:xmpmeta xmlns:x='adobe:ns:meta/'>\
        <rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>\
        <rdf:Description xmlns:xmp='http://ns.adobe.com/xap/1.0/' \
        xmp:CreateDate='2024-04-13T15:38:00-05:00' xmp:Rating='3'/></rdf:RDF></x:xmpmeta>";
    let uuid = b"\xbe\x7a\xcf\xcb\x97\xa9\x42\xe8\x9c\x71\x99\x94\x91\xe3\xaf\xac";
    let adobe = [
        film(&[mvhd(EVENING, 600)]),
        atom(b"uuid", &[uuid, xmp.as_bytes()].concat()),
    ]
    .concat();
    let found = read_video(Format::Mp4, Cursor::new(adobe)).metadata;
    assert_eq!(found.rating, Some(3));
    assert_eq!(found.taken.unwrap().offset_minutes, Some(-300));
}

/// A file that remembers how far it was read.
struct Watched {
    file: Cursor<Vec<u8>>,
    read: usize,
}

impl Read for Watched {
    fn read(&mut self, into: &mut [u8]) -> Result<usize> {
        let length = self.file.read(into)?;
        self.read += length;
        Ok(length)
    }
}

impl Seek for Watched {
    fn seek(&mut self, to: SeekFrom) -> Result<u64> {
        self.file.seek(to)
    }
}

#[test]
fn the_pictures_of_a_film_are_never_read() {
    let mut watched = Watched {
        file: Cursor::new(film(&[mvhd(EVENING, 600)])),
        read: 0,
    };
    assert!(
        read_video(Format::Mov, &mut watched)
            .metadata
            .taken
            .is_some()
    );
    assert!(watched.read < 300, "{} bytes", watched.read);
    // Lengths that lie cost nothing.
    let huge = [&longs(&[1])[..], b"moov", &[0x7f; 8], &[0; 64]].concat();
    let endless = [&longs(&[0])[..], b"moov", &mvhd(EVENING, 600)].concat();
    assert_eq!(
        read_video(Format::Mov, Cursor::new(huge)),
        VideoMetadata::default()
    );
    let found = read_video(Format::Mov, Cursor::new(endless));
    assert_eq!(found.duration_ms, Some(1000));
    let other = read_video(Format::Mkv, Cursor::new(film(&[mvhd(EVENING, 600)])));
    assert_eq!(other, VideoMetadata::default());
}

#[test]
fn a_turned_film_is_the_same_bytes_with_another_matrix() {
    let size = (1920, 1080);
    for (across, down, held) in [(ONE, 0, 0), (0, ONE, 90), (MINUS, 0, 180), (0, MINUS, 270)] {
        let bytes = film(&[mvhd(EVENING, 740), track(1, across, down, size)]);
        for quarters in 0..4 {
            let turn = Turn::of_quarters(quarters);
            let whole = Recipe::whole(bytes.len() as u64);
            let reader = CleanReader::new(Cursor::new(&bytes), whole).unwrap();
            let mut turned = Vec::new();
            reader
                .film_turned(turn)
                .unwrap()
                .read_to_end(&mut turned)
                .unwrap();
            let found = read_video(Format::Mov, Cursor::new(&turned));
            assert_eq!(i64::from(found.turned), (held + quarters * 90) % 360);
            assert_eq!(turned.len(), bytes.len());
            let differ = bytes
                .iter()
                .zip(&turned)
                .filter(|(one, other)| one != other);
            assert!(differ.count() <= 36, "only the matrix");
        }
    }
}

#[test]
fn what_is_no_film_is_not_turned() {
    let bytes = [0x1a_u8, 0x45, 0xdf, 0xa3, 1, 2, 3, 4, 5, 6, 7, 8];
    let whole = Recipe::whole(bytes.len() as u64);
    let reader = CleanReader::new(Cursor::new(&bytes), whole).unwrap();
    let mut turned = Vec::new();
    reader
        .film_turned(Turn::Half)
        .unwrap()
        .read_to_end(&mut turned)
        .unwrap();
    assert_eq!(turned, bytes);
}
