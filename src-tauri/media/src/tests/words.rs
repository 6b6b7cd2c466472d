//! Words about a picture: XMP in all its spellings, IPTC, Windows' own tags, and
//! which of them is believed.

use exif::{Context, Tag, Value};

use super::camera::{exif, jpeg_of, quadrants, rationals, text, with_exif, with_segment};
use crate::metadata::read;
use crate::{Format, Metadata, Place, Taken, TakenFrom, sidecar};

/// A packet whose description has these attributes and elements.
fn packet(attributes: &str, elements: &str) -> String {
    format!(
        "<?xpacket begin='\u{feff}' id='W5M0MpCehiHzreSzNTczkc9d'?>\
         <x:xmpmeta xmlns:x='adobe:ns:meta/'>\
         <rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>\
         <rdf:Description rdf:about='' xmlns:dc='http://purl.org/dc/elements/1.1/' \
         xmlns:xap='http://ns.adobe.com/xap/1.0/' xmlns:e='http://ns.adobe.com/exif/1.0/' \
         xmlns:photoshop='http://ns.adobe.com/photoshop/1.0/' \
         xmlns:note='http://ns.adobe.com/xmp/note/' \
         xmlns:MicrosoftPhoto='http://ns.microsoft.com/photo/1.0' {attributes}>{elements}\
         </rdf:Description></rdf:RDF></x:xmpmeta>\n   \n<?xpacket end='w'?>"
    )
}

fn said(attributes: &str, elements: &str) -> Metadata {
    sidecar(packet(attributes, elements).as_bytes()).unwrap()
}

const WORDS: &str = "<dc:title><rdf:Alt><rdf:li xml:lang='de'>Am See</rdf:li>\
    <rdf:li xml:lang='x-default'>At the lake</rdf:li></rdf:Alt></dc:title>\
    <dc:description><rdf:Alt><rdf:li xml:lang='x-default'>Mum &amp; Dad</rdf:li></rdf:Alt>\
    </dc:description><dc:subject><rdf:Bag><rdf:li>sea</rdf:li><rdf:li>Výlet</rdf:li>\
    <rdf:li>sea</rdf:li></rdf:Bag></dc:subject>";

#[test]
fn a_sidecar_is_read_in_every_encoding() {
    let wanted = said("xap:Rating='4'", WORDS);
    assert_eq!(wanted.title.as_deref(), Some("At the lake"));
    assert_eq!(wanted.description.as_deref(), Some("Mum & Dad"));
    assert_eq!(wanted.tags, ["sea", "Výlet"]);
    assert_eq!(wanted.rating, Some(4));
    let utf8 = packet("xap:Rating='4'", WORDS);
    let units: Vec<u16> = format!("\u{feff}{utf8}").encode_utf16().collect();
    let little: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
    let big: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
    let marked = format!("\u{feff}{utf8}").into_bytes();
    let padded = [utf8.as_bytes(), &[0; 100]].concat();
    let torn = utf8.replace("</x:xmpmeta>", "").into_bytes();
    for xml in [
        little.clone(),
        little[2..].to_vec(),
        big,
        marked,
        padded,
        torn,
    ] {
        assert_eq!(sidecar(&xml).as_ref(), Some(&wanted));
    }
    assert_eq!(sidecar(b""), None);
    assert_eq!(sidecar(b"\xff\xd8\xff a picture"), None);
    assert_eq!(sidecar(b"<svg xmlns='http://www.w3.org/2000/svg'/>"), None);
}

#[test]
fn attributes_and_elements_say_the_same() {
    let attributes = said(
        "e:FNumber='28/10' e:ExposureTime='1/250' e:GPSLatitude='52,12.5N' \
         e:GPSLongitude='13,44,0W' e:GPSAltitude='1125/10' e:GPSAltitudeRef='1' \
         photoshop:DateCreated='2015-06-29T20:08:46.61-07:00'",
        "<e:ISOSpeedRatings><rdf:Seq><rdf:li>640</rdf:li></rdf:Seq></e:ISOSpeedRatings>",
    );
    let elements = said(
        "",
        "<e:FNumber>2.8</e:FNumber><e:ExposureTime>1/250</e:ExposureTime>\
         <e:GPSLatitude>52,12.5N</e:GPSLatitude><e:GPSLongitude>13,44,0W</e:GPSLongitude>\
         <e:GPSAltitude>112.5</e:GPSAltitude><e:GPSAltitudeRef>1</e:GPSAltitudeRef>\
         <e:DateTimeOriginal rdf:parseType='Resource'>\
         <rdf:value>2015-06-29T20:08:46.61-07:00</rdf:value></e:DateTimeOriginal>\
         <e:ISOSpeedRatings>640</e:ISOSpeedRatings>",
    );
    assert_eq!(attributes, elements);
    assert_eq!(attributes.f_number, Some(2.8));
    assert_eq!(attributes.exposure_time, Some(0.004));
    assert_eq!(attributes.iso, Some(640));
    let taken = Taken {
        local_ms: 1_435_608_526_610,
        offset_minutes: Some(-420),
        from: TakenFrom::Xmp,
    };
    assert_eq!(attributes.taken, Some(taken));
    let Place {
        latitude,
        longitude,
        altitude,
    } = attributes.place.unwrap();
    assert!((latitude - 52.208_333_3).abs() < 1e-6);
    assert!((longitude + 13.733_333_3).abs() < 1e-6);
    assert_eq!(altitude, Some(-112.5));
}

#[test]
fn stars_are_stars_and_per_cent_become_stars() {
    let rating = |attributes: &str| said(attributes, "").rating;
    assert_eq!(rating("xap:Rating='0'"), Some(0));
    assert_eq!(rating("xap:Rating='5.0'"), Some(5));
    assert_eq!(rating("xap:Rating='-1' MicrosoftPhoto:Rating='99'"), None);
    assert_eq!(rating("xap:Rating='9'"), None);
    assert_eq!(rating("xap:Rating='3' MicrosoftPhoto:Rating='99'"), Some(3));
    for (per_cent, stars) in [(1, 1), (25, 2), (50, 3), (75, 4), (99, 5), (100, 5)] {
        let found = rating(&format!("MicrosoftPhoto:Rating='{per_cent}'"));
        assert_eq!(found, Some(stars), "{per_cent} %");
    }
    assert_eq!(rating("MicrosoftPhoto:Rating='0'"), None);
}

#[test]
fn a_packet_of_bombs_is_refused() {
    let bomb = "<!DOCTYPE x [<!ENTITY a 'aaaaaaaa'><!ENTITY b '&a;&a;&a;'>]><x>&b;</x>";
    assert_eq!(sidecar(bomb.as_bytes()), None);
    let deep = format!("{}{}", "<a>".repeat(100_000), "</a>".repeat(100_000));
    assert_eq!(sidecar(deep.as_bytes()), None);
    let many = packet("", &"<dc:subject/>".repeat(300_000));
    assert_eq!(sidecar(many.as_bytes()), None);
    let endless = said("", &format!("<dc:title>{}</dc:title>", "x".repeat(1 << 20)));
    assert_eq!(endless.title.unwrap().len(), 256);
}

fn windows(text: &str) -> Value {
    let units = text.encode_utf16().chain([0]);
    Value::Byte(units.flat_map(u16::to_le_bytes).collect())
}

#[test]
fn words_are_believed_in_their_order() {
    let xp = |number| Tag(Context::Tiff, number);
    let jpeg = jpeg_of(&quadrants(16, 16));
    let tiff = exif(vec![
        (
            Tag::ImageDescription,
            text("OLYMPUS DIGITAL CAMERA         "),
        ),
        (xp(0x9c9b), windows("Titel von Windows")),
        (xp(0x9c9c), windows("Über den See")),
        (xp(0x9c9e), windows("sea;Öl")),
        (Tag(Context::Tiff, 0x4746), Value::Short(vec![2])),
    ]);
    let by_windows = read(Format::Jpeg, &with_exif(&jpeg, &tiff)).metadata;
    assert_eq!(by_windows.title.as_deref(), Some("Titel von Windows"));
    assert_eq!(by_windows.description.as_deref(), Some("Über den See"));
    assert_eq!(by_windows.tags, ["sea", "Öl"]);
    assert_eq!(by_windows.rating, Some(2));

    let records = b"\x1c\x02\x05\0\x09By agency\x1c\x02\x19\0\x05press\x1c\x02\x19\0\x03sea";
    let length = u32::try_from(records.len()).unwrap().to_be_bytes();
    let iptc = [b"Photoshop 3.0\08BIM\x04\x04\0\0", &length[..], records].concat();
    let with_iptc = with_segment(&with_exif(&jpeg, &tiff), 0xed, &iptc);
    let by_agency = read(Format::Jpeg, &with_iptc).metadata;
    assert_eq!(by_agency.title.as_deref(), Some("By agency"));
    assert_eq!(by_agency.tags, ["press", "sea"]);

    let xmp = [
        b"http://ns.adobe.com/xap/1.0/\0",
        packet("", WORDS).as_bytes(),
    ]
    .concat();
    let by_xmp = read(Format::Jpeg, &with_segment(&with_iptc, 0xe1, &xmp)).metadata;
    assert_eq!(by_xmp.title.as_deref(), Some("At the lake"));
    assert_eq!(by_xmp.tags, ["sea", "Výlet", "press"]);
    assert_eq!(by_xmp.rating, Some(2));
}

#[test]
fn extended_xmp_is_joined_by_its_name() {
    let name = "0123456789ABCDEF0123456789ABCDEF";
    let main = packet(&format!("note:HasExtendedXMP='{name}' xap:Rating='4'"), "");
    let rest = packet("", WORDS);
    let (first, second) = rest.as_bytes().split_at(200);
    let segment = |guid: &str, at: usize, piece: &[u8]| {
        [
            b"http://ns.adobe.com/xmp/extension/\0",
            guid.as_bytes(),
            &u32::try_from(rest.len()).unwrap().to_be_bytes(),
            &u32::try_from(at).unwrap().to_be_bytes(),
            piece,
        ]
        .concat()
    };
    let main = [b"http://ns.adobe.com/xap/1.0/\0", main.as_bytes()].concat();
    let jpeg = with_segment(&jpeg_of(&quadrants(16, 16)), 0xe1, &main);
    let half = with_segment(&jpeg, 0xe1, &segment(name, 200, second));
    let whole = with_segment(&half, 0xe1, &segment(name, 0, first));
    let found = read(Format::Jpeg, &whole).metadata;
    assert_eq!(found.rating, Some(4));
    assert_eq!(found.title.as_deref(), Some("At the lake"));
    assert_eq!(read(Format::Jpeg, &half).metadata.title, None);
    let other = with_segment(&half, 0xe1, &segment(&name.to_lowercase(), 0, first));
    assert_eq!(read(Format::Jpeg, &other).metadata.title, None);
}

#[test]
fn what_one_lacks_the_other_gives() {
    let own = Metadata {
        title: Some("Own".into()),
        taken: Some(Taken {
            local_ms: 1_000_250,
            offset_minutes: None,
            from: TakenFrom::Exif,
        }),
        ..Metadata::default()
    };
    let other = Metadata {
        title: Some("Other".into()),
        iso: Some(100),
        tags: vec!["sea".into()],
        taken: Some(Taken {
            local_ms: 1_000_000,
            offset_minutes: Some(60),
            from: TakenFrom::Xmp,
        }),
        ..Metadata::default()
    };
    let both = own.clone().or(other.clone());
    assert_eq!(both.title.as_deref(), Some("Own"));
    assert_eq!(both.iso, Some(100));
    assert_eq!(both.tags, ["sea"]);
    let taken = both.taken.unwrap();
    assert_eq!((taken.local_ms, taken.from), (1_000_250, TakenFrom::Exif));
    assert_eq!(
        taken.offset_minutes,
        Some(60),
        "the same second, so the same zone"
    );
    let later = Taken {
        local_ms: 1_001_000,
        ..other.taken.unwrap()
    };
    let later = Metadata {
        taken: Some(later),
        ..other
    };
    assert_eq!(own.or(later).taken.unwrap().offset_minutes, None);
}

#[test]
fn the_zone_comes_from_the_fix_when_the_camera_says_none() {
    let with = |moment: &str, offset: Option<&str>| {
        let mut tags = vec![
            (Tag::DateTimeOriginal, text(moment)),
            (Tag::GPSDateStamp, text("2023:06:07")),
            (
                Tag::GPSTimeStamp,
                rationals([(12, 1), (45, 1), (5599, 100)]),
            ),
        ];
        tags.extend(offset.map(|offset| (Tag::OffsetTimeOriginal, text(offset))));
        let jpeg = with_exif(&jpeg_of(&quadrants(16, 16)), &exif(tags));
        read(Format::Jpeg, &jpeg).metadata.taken.unwrap()
    };
    assert_eq!(with("2023:06:07 13:45:55", None).offset_minutes, Some(60));
    assert_eq!(
        with("2023:06:07 13:45:55", Some("+02:00")).offset_minutes,
        Some(120)
    );
    assert_eq!(with("2023:06:07 13:50:00", None).offset_minutes, None);
    let unset = with("0000:00:00 00:00:00", None);
    let wanted = Taken {
        local_ms: 1_686_141_955_990,
        offset_minutes: Some(0),
        from: TakenFrom::Gps,
    };
    assert_eq!(unset, wanted);
}
