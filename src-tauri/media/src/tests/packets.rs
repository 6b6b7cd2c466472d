//! The places where each format keeps its metadata, in files made by hand.

use std::borrow::Cow;

use exif::{Tag, Value};

use super::camera::{exif, jpeg_of, quadrants, rationals, text, with_exif};
use crate::decode::orientation::Orientation;
use crate::metadata::read;
use crate::{Format, Metadata};

const XMP: &str = "<x:xmpmeta xmlns:x='adobe:ns:meta/'>\
    <rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>\
    <rdf:Description xmlns:xmp='http://ns.adobe.com/xap/1.0/' xmp:Rating='4'/></rdf:RDF></x:xmpmeta>";

/// EXIF of a camera by Leica, turned to the right.
fn leica() -> Vec<u8> {
    exif(vec![
        (Tag::Make, text("Leica")),
        (Tag::Orientation, Value::Short(vec![6])),
        (Tag::FNumber, rationals([(28, 10)])),
        (Tag::GPSLatitude, rationals([(51, 1), (2, 1), (30, 1)])),
        (Tag::GPSLatitudeRef, text("S")),
        (Tag::GPSLongitude, rationals([(13, 1), (44, 1), (0, 1)])),
        (Tag::GPSLongitudeRef, text("E")),
    ])
}

#[track_caller]
fn assert_leica(metadata: &Metadata) {
    assert_eq!(metadata.camera_make.as_deref(), Some("Leica"));
    assert_eq!(metadata.f_number, Some(2.8));
    assert!(metadata.place.is_some_and(|place| place.latitude < -51.0));
}

fn png(chunks: &[(&[u8; 4], Vec<u8>)]) -> Vec<u8> {
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    for (kind, body) in chunks {
        png.extend(u32::try_from(body.len()).unwrap().to_be_bytes());
        png.extend(*kind);
        png.extend(body);
        png.extend([0; 4]); // nobody checks the sums of metadata
    }
    png
}

/// Bytes as zlib stores them without compressing: up to 64 KiB.
fn stored_zlib(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).unwrap();
    let (mut low, mut high) = (1_u32, 0_u32);
    for byte in bytes {
        low = (low + u32::from(*byte)) % 65_521;
        high = (high + low) % 65_521;
    }
    [
        b"\x78\x01\x01",
        &length.to_le_bytes()[..],
        &(!length).to_le_bytes(),
        bytes,
        &(high << 16 | low).to_be_bytes(),
    ]
    .concat()
}

fn hexadecimal_profile(name: &str, bytes: &[u8]) -> Vec<u8> {
    let digits: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let lines: Vec<String> = digits.chunks(36).map(<[String]>::concat).collect();
    format!("\n{name}\n{:>8}\n{}\n", bytes.len(), lines.join("\n")).into_bytes()
}

#[test]
fn a_png_keeps_it_in_chunks_of_four_kinds() {
    let plain = png(&[
        (b"eXIf", leica()),
        (
            b"iTXt",
            [b"XML:com.adobe.xmp\0\0\0\0\0", XMP.as_bytes()].concat(),
        ),
    ]);
    let found = read(Format::Png, &plain);
    assert_leica(&found.metadata);
    assert_eq!(found.metadata.rating, Some(4));
    assert_eq!(found.orientation, Orientation::from_exif(6));

    let packed = stored_zlib(XMP.as_bytes());
    let head = b"XML:com.adobe.xmp\0\x01\0en\0translated\0";
    let packed = png(&[(b"iTXt", [&head[..], &packed].concat())]);
    assert_eq!(read(Format::Png, &packed).metadata.rating, Some(4));

    let tiff = [b"Exif\0\0", &leica()[..]].concat();
    let hexadecimals = hexadecimal_profile("exif", &tiff);
    let raw = [b"Raw profile type exif\0", &hexadecimals[..]].concat();
    assert_leica(&read(Format::Png, &png(&[(b"tEXt", raw)])).metadata);
    let packed = stored_zlib(&hexadecimals);
    let raw = [b"Raw profile type exif\0\0", &packed[..]].concat();
    assert_leica(&read(Format::Png, &png(&[(b"zTXt", raw)])).metadata);
    let iptc = hexadecimal_profile("iptc", b"\x1c\x02\x19\0\x03sea");
    let raw = [b"Raw profile type iptc\0", &iptc[..]].concat();
    assert_eq!(
        read(Format::Png, &png(&[(b"tEXt", raw)])).metadata.tags,
        ["sea"]
    );
}

#[test]
fn a_png_of_bombs_costs_little() {
    // Sixteen mebibytes of zeros in sixteen kilobytes, two thousand times.
    let bomb = miniz_oxide::deflate::compress_to_vec_zlib(&vec![0; 16 << 20], 6);
    let raw = [b"Raw profile type exif\0\0", &bomb[..]].concat();
    let chunks: Vec<_> = (0..2000).map(|_| (b"zTXt", raw.clone())).collect();
    let begun = std::time::Instant::now();
    read(Format::Png, &png(&chunks));
    let took = begun.elapsed();
    assert!(took.as_secs() < 10, "{took:?}");
}

#[test]
fn a_webp_keeps_it_in_chunks_with_or_without_a_head() {
    for head in [&b""[..], b"Exif\0\0"] {
        let tiff = [head, &leica()].concat();
        let mut webp = b"RIFF\0\0\0\0WEBP".to_vec();
        for (kind, body) in [
            (b"EXIF", &tiff[..]),
            (b"XMP ", XMP.as_bytes()),
            (b"ICCP", b"profile"),
        ] {
            webp.extend(kind);
            webp.extend(u32::try_from(body.len()).unwrap().to_le_bytes());
            webp.extend(body);
            webp.extend(vec![0; body.len() % 2]);
        }
        let found = read(Format::WebP, &webp);
        assert_leica(&found.metadata);
        assert_eq!(found.metadata.rating, Some(4));
        assert_eq!(found.icc.as_deref(), Some(&b"profile"[..]));
    }
}

fn atom(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 8).unwrap().to_be_bytes();
    [&length[..], kind, body].concat()
}

#[test]
fn a_heic_keeps_it_in_items() {
    let tiff = [b"\0\0\0\x06Exif\0\0", &leica()[..]].concat();
    let info = |id: u8, kind: &[u8; 4], rest: &[u8]| {
        atom(
            b"infe",
            &[&[2, 0, 0, 0, 0, id, 0, 0], &kind[..], rest].concat(),
        )
    };
    let infos = [
        info(1, b"Exif", b"\0"),
        info(2, b"mime", b"\0application/rdf+xml\0"),
    ];
    let iinf = atom(
        b"iinf",
        &[&[0, 0, 0, 0, 0, 2], &infos.concat()[..]].concat(),
    );
    let location = |id: u8, at: usize, length: usize| {
        let number = |number: usize| u32::try_from(number).unwrap().to_be_bytes();
        [&[0, id, 0, 1, 0, 0, 0, 1], &number(at)[..], &number(length)].concat()
    };
    let locations = [
        location(1, 0, tiff.len()),
        location(2, tiff.len(), XMP.len()),
    ];
    let iloc = [&[1, 0, 0, 0, 0x44, 0, 0, 2], &locations.concat()[..]].concat();
    let stored = [&tiff, XMP.as_bytes()].concat();
    let boxes = [iinf, atom(b"iloc", &iloc), atom(b"idat", &stored)].concat();
    let heic = [
        atom(b"ftyp", b"heic\0\0\0\0"),
        atom(b"meta", &[&[0; 4], &boxes[..]].concat()),
    ]
    .concat();
    let found = read(Format::Heif, &heic);
    assert_leica(&found.metadata);
    assert_eq!(found.metadata.rating, Some(4));
    // HEIF turns pictures by a box of its own; EXIF's word would turn them twice.
    assert_eq!(found.orientation, Orientation::UPRIGHT);
}

#[test]
fn a_jpeg_xl_keeps_it_in_boxes_also_compressed() {
    let tiff = [&[0; 4], &leica()[..]].concat();
    let plain = [
        b"\0\0\0\x0cJXL \r\n\x87\n".to_vec(),
        atom(b"Exif", &tiff),
        atom(b"xml ", XMP.as_bytes()),
    ]
    .concat();
    let found = read(Format::Jxl, &plain);
    assert_leica(&found.metadata);
    assert_eq!(found.metadata.rating, Some(4));

    // Brotli stores as it is: a window of 16 bits, one block, its length less one.
    let length = u32::try_from(XMP.len() - 1).unwrap();
    let header = length << 4 | 1 << 20;
    let stream = [&header.to_le_bytes()[..3], XMP.as_bytes(), &[3]].concat();
    let packed = [
        b"\0\0\0\x0cJXL \r\n\x87\n".to_vec(),
        atom(b"brob", &[b"xml ", &stream[..]].concat()),
    ]
    .concat();
    assert_eq!(read(Format::Jxl, &packed).metadata.rating, Some(4));
    let bomb = atom(b"brob", &[b"Exif", &[0xff; 64][..]].concat());
    assert_eq!(read(Format::Jxl, &bomb).metadata, Metadata::default());
}

#[test]
fn raw_pictures_are_read_behind_their_makers_magic() {
    let tiff = leica();
    for (format, magic) in [
        (Format::Dng, &b"II*\0"[..]),
        (Format::Orf, b"IIRO"),
        (Format::Orf, b"IIRS"),
        (Format::Rw2, b"IIU\0"),
    ] {
        let raw = [magic, &tiff[4..]].concat();
        let found = read(format, &raw);
        assert_leica(&found.metadata);
        assert_eq!(found.orientation, Orientation::from_exif(6));
    }

    let jpeg = with_exif(&jpeg_of(&quadrants(16, 16)), &tiff);
    let mut raf = b"FUJIFILMCCD-RAW 0201".to_vec();
    raf.resize(84, 0);
    raf.extend(100_u32.to_be_bytes());
    raf.extend(u32::try_from(jpeg.len()).unwrap().to_be_bytes());
    raf.resize(100, 0);
    raf.extend(&jpeg);
    assert_leica(&read(Format::Raf, &raf).metadata);

    let canon = b"\x85\xc0\xb6\x87\x82\x0f\x11\xe0\x81\x11\xf4\xce\x46\x2b\x6a\x48";
    let apart = |tag: u16, kind: u16, count: u32, value: &[u8]| {
        let head = [
            &b"II*\0\x08\0\0\0\x01\0"[..],
            &tag.to_le_bytes(),
            &kind.to_le_bytes(),
        ];
        let rest = [
            &count.to_le_bytes()[..],
            &26_u32.to_le_bytes(),
            &[0; 4],
            value,
        ];
        [head.concat(), rest.concat()].concat()
    };
    let exposure = [28_u32.to_le_bytes(), 10_u32.to_le_bytes()].concat();
    let boxes = [
        canon.to_vec(),
        atom(b"CMT1", &apart(0x010f, 2, 6, b"Leica\0")),
        atom(b"CMT2", &apart(0x829d, 5, 1, &exposure)),
    ]
    .concat();
    let cr3 = atom(b"moov", &atom(b"uuid", &boxes));
    let found = read(Format::Cr3, &cr3).metadata;
    assert_eq!(found.camera_make.as_deref(), Some("Leica"));
    assert_eq!(found.f_number, Some(2.8));
}

#[test]
fn the_thumbnail_and_apples_identifier_are_found() {
    let mut tiff = exif(vec![(
        Tag::MakerNote,
        Value::Undefined(
            [
                &b"Apple iOS\0\0\x01MM\0\x01\0\x11\0\x02\0\0\0\x06\0\0\0\x20\0\0\0\0"[..],
                b"E905E\0",
            ]
            .concat(),
            0,
        ),
    )]);
    let jpeg = jpeg_of(&quadrants(16, 12));
    // The writer leaves no second directory: one is put behind, with the picture.
    let directory = tiff.len();
    let count = usize::from(u16::from_le_bytes([tiff[8], tiff[9]]));
    let next = 10 + count * 12;
    tiff.splice(
        next..next + 4,
        u32::try_from(directory).unwrap().to_le_bytes(),
    );
    tiff.extend(2_u16.to_le_bytes());
    for (tag, value) in [(0x0201_u16, directory + 30), (0x0202, jpeg.len())] {
        tiff.extend(tag.to_le_bytes());
        tiff.extend([4, 0, 1, 0, 0, 0]);
        tiff.extend(u32::try_from(value).unwrap().to_le_bytes());
    }
    tiff.extend([0; 4]);
    tiff.extend(&jpeg);
    let found = read(Format::Jpeg, &with_exif(&jpeg, &tiff));
    assert_eq!(found.metadata.live.as_deref(), Some("E905E"));
    assert_eq!(found.thumbnail.map(Cow::from), Some(Cow::from(&jpeg)));
    tiff.truncate(tiff.len() - 1);
    assert_eq!(read(Format::Jpeg, &with_exif(&jpeg, &tiff)).thumbnail, None);
}
