//! Originals for visitors of a link that hides metadata: the picture as it was
//! taken, pixel for pixel, and nothing that was written beside it.

use crate::desk::{Desk, text, until};
use crate::fixtures::fixtures;
use crate::programs::{exiftool, film, have};
use crate::visitor::{Reply, Visitor};
use camera::{Exif, Scene, draw, jpeg};
use serde_json::Value;
use std::path::Path;

/// Tags of every group that takes words in a JPEG: forty of them.
const TAGS: [&str; 40] = [
    "EXIF:Make",
    "EXIF:Model",
    "EXIF:Artist",
    "EXIF:Copyright",
    "EXIF:ImageDescription",
    "EXIF:Software",
    "EXIF:SerialNumber",
    "EXIF:LensMake",
    "EXIF:LensModel",
    "EXIF:LensSerialNumber",
    "EXIF:OwnerName",
    "EXIF:UserComment",
    "EXIF:DocumentName",
    "EXIF:HostComputer",
    "EXIF:GPSAreaInformation",
    "EXIF:GPSProcessingMethod",
    "EXIF:ImageUniqueID",
    "XMP-dc:Title",
    "XMP-dc:Description",
    "XMP-dc:Creator",
    "XMP-dc:Subject",
    "XMP-dc:Rights",
    "XMP-photoshop:City",
    "XMP-photoshop:Country",
    "XMP-photoshop:Headline",
    "XMP-photoshop:Instructions",
    "XMP-aux:SerialNumber",
    "XMP-aux:Lens",
    "XMP-xmp:CreatorTool",
    "XMP-xmp:Label",
    "XMP-iptcExt:PersonInImage",
    "XMP-xmpMM:DocumentID",
    "IPTC:Keywords",
    "IPTC:By-line",
    "IPTC:Caption-Abstract",
    "IPTC:City",
    "IPTC:ObjectName",
    "IPTC:Sub-location",
    "Photoshop:URL",
    "Comment",
];

fn word(number: usize) -> String {
    format!("Zq{number:02}Verraten")
}

/// Whether bytes hold a word, in any case and in one or two bytes a letter.
fn tells(bytes: &[u8], word: &str) -> bool {
    let narrow: Vec<u8> = word.to_ascii_lowercase().into_bytes();
    let has = |pattern: &[u8]| {
        bytes
            .windows(pattern.len())
            .any(|part| part.eq_ignore_ascii_case(pattern))
    };
    let little: Vec<u8> = narrow.iter().flat_map(|letter| [*letter, 0]).collect();
    let big: Vec<u8> = narrow.iter().flat_map(|letter| [0, *letter]).collect();
    has(&narrow) || has(&little) || has(&big)
}

/// A photo with forty words in it, an ICC profile where there is one at hand,
/// a place and a time; returns the words, each checked to be there.
fn seeded_photo(path: &Path) -> Vec<String> {
    let picture = draw(Scene::Hills, 4, 900, 600);
    std::fs::write(path, jpeg(&picture, 88, &Exif::default()).unwrap()).unwrap();
    let words: Vec<String> = (0..TAGS.len()).map(word).collect();
    let mut arguments = vec!["-q".to_owned(), "-overwrite_original".to_owned()];
    let tags = TAGS.iter().zip(&words);
    arguments.extend(tags.map(|(tag, word)| format!("-{tag}={word}")));
    arguments.extend(
        [
            "-GPSLatitude=48.2049",
            "-GPSLatitudeRef=N",
            "-GPSLongitude=16.3710",
            "-GPSLongitudeRef=E",
            "-DateTimeOriginal=2019:03:04 05:06:07",
            "-Orientation=Horizontal (normal)",
        ]
        .map(str::to_owned),
    );
    arguments.push(path.to_str().unwrap().to_owned());
    exiftool(&arguments);
    let bytes = std::fs::read(path).unwrap();
    for (tag, word) in TAGS.iter().zip(&words) {
        assert!(tells(&bytes, word), "exiftool wrote no {tag}");
    }
    words
}

/// All that a visitor gets by any route below a link, films too, whole and in
/// part.
fn everything(visitor: &Visitor, path: &str) -> Vec<(String, Reply)> {
    let mut replies = Vec::new();
    for route in visitor.every_route(path) {
        replies.push((route.clone(), visitor.get(&route)));
        for part in ["bytes=0-4095", "bytes=-4096"] {
            replies.push((
                format!("{route} {part}"),
                visitor.send("GET", &route, &[("range", part)], &[]),
            ));
        }
    }
    replies
}

fn pixels(bytes: &[u8]) -> image::RgbImage {
    image::load_from_memory(bytes).unwrap().to_rgb8()
}

#[test]
fn none_of_forty_words_leaves_by_any_route_and_no_pixel_changes() {
    if !have("none_of_forty_words_leaves", &["exiftool"]) {
        return;
    }
    let desk = Desk::new();
    let name = "SeedNameQ7.jpg";
    let path = desk.photos().join(name);
    let mut words = seeded_photo(&path);
    words.extend(["SeedNameQ7", "2019:03:04", "2019-03-04", "48.2049"].map(str::to_owned));
    let original = std::fs::read(&path).unwrap();
    let ids = desk.import();
    let album = desk.album("Hills", &ids);
    let asset = desk.assets().pop().unwrap();
    assert_eq!(asset["camera_make"], word(0).as_str(), "{asset}");

    // By the command.
    let clean = desk.bytes_of(&asset, "clean");
    is_clean(&desk, "the clean copy", &clean, &words);
    assert_eq!(pixels(&clean), pixels(&original));

    // By every route of a link.
    let link = desk.link(&["--album", &album, "--download", "original"]);
    assert_eq!(link["show_metadata"], false, "{link}");
    let serving = desk.serve();
    let visitor = Visitor::new(&serving.url());
    let mut downloads = 0;
    for (route, reply) in everything(&visitor, &text(&link["path"])) {
        let all = reply.everything();
        for word in &words {
            assert!(!tells(&all, word), "{route} tells {word}");
        }
        if route.ends_with("/download") {
            downloads += 1;
            assert_eq!(reply.status, 200);
            assert_eq!(pixels(&reply.body), pixels(&original), "{route}");
            assert_eq!(reply.body, clean, "one clean copy, whoever asks");
        }
    }
    assert_eq!(downloads, 1);
    // Whoever may see metadata gets the file as it is.
    let shown = [
        "--album",
        &album,
        "--download",
        "original",
        "--show-metadata",
    ];
    let shown = desk.link(&shown);
    let whole = everything(&visitor, &text(&shown["path"]));
    assert!(whole.iter().any(|(_, reply)| reply.body == original));
}

/// Neither a word nor anything that exiftool calls metadata.
fn is_clean(desk: &Desk, what: &str, bytes: &[u8], words: &[String]) {
    for word in words {
        assert!(!tells(bytes, word), "{what} tells {word}");
    }
    let file = desk.path().join("to-look-at");
    std::fs::write(&file, bytes).unwrap();
    let asked = ["-ee", "-a", "-u", "-G0", "-j", file.to_str().unwrap()];
    let told: Value = serde_json::from_slice(&exiftool(&asked)).unwrap();
    std::fs::remove_file(&file).unwrap();
    let told = told[0].as_object().unwrap();
    for tag in told.keys() {
        let group = tag.split(':').next().unwrap();
        assert!(
            !["XMP", "IPTC", "Photoshop", "MakerNotes"].contains(&group),
            "{what} has {tag}"
        );
        assert!(
            group != "EXIF"
                || ["Orientation", "ExifByteOrder"]
                    .iter()
                    .any(|kept| tag.ends_with(kept)),
            "{what} has {tag}"
        );
        assert!(!tag.contains("GPS"), "{what} has {tag}");
    }
}

#[test]
fn a_film_for_visitors_tells_neither_place_nor_time() {
    if !have("a_film_for_visitors", &["exiftool", "ffmpeg", "ffprobe"]) {
        return;
    }
    let desk = Desk::new();
    let path = desk.photos().join("SeedNameQ8.mov");
    let words = ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac"];
    let told = [
        "-metadata",
        "title=Zq50Verraten",
        "-metadata",
        "creation_time=2019-03-04T05:06:07Z",
        "-metadata:s:v",
        "handler_name=Zq51Verraten",
    ];
    film(&path, "320x240", 2.0, &[&words[..], &told].concat());
    exiftool(&[
        "-q",
        "-overwrite_original",
        "-Keys:GPSCoordinates=48.2049, 16.3710, 171",
        "-Keys:Description=Zq52Verraten",
        "-UserData:Author=Zq53Verraten",
        "-XMP-dc:Title=Zq54Verraten",
        path.to_str().unwrap(),
    ]);
    let words: Vec<String> = (50..55)
        .map(word)
        .chain(["SeedNameQ8", "48.2049"].map(str::to_owned))
        .collect();
    let original = std::fs::read(&path).unwrap();
    assert!(words[..5].iter().all(|word| tells(&original, word)));
    let ids = desk.import();
    let album = desk.album("Films", &ids);
    let asset = desk.assets().pop().unwrap();
    assert!(
        (asset["latitude"].as_f64().unwrap() - 48.2049).abs() < 1e-4,
        "{asset}"
    );
    is_clean(
        &desk,
        "the clean copy",
        &desk.bytes_of(&asset, "clean"),
        &words,
    );

    for download in ["none", "screen", "original"] {
        let link = desk.link(&["--album", &album, "--download", download]);
        let serving = desk.serve();
        let visitor = Visitor::new(&serving.url());
        until("the film is converted", || {
            let routes = visitor.every_route(&text(&link["path"]));
            let video = routes.iter().find(|route| route.ends_with("/video"))?;
            (visitor.get(video).status == 200).then_some(())
        });
        let mut films = 0;
        for (route, reply) in everything(&visitor, &text(&link["path"])) {
            let all = reply.everything();
            for word in &words {
                assert!(!tells(&all, word), "{route} tells {word}");
            }
            let kind = reply.header("content-type").unwrap_or_default();
            if reply.status == 200 && kind.starts_with("video/") {
                films += 1;
                is_clean(&desk, &route, &reply.body, &words);
            }
        }
        // To watch; to keep; and where originals are, at screen size as well.
        let expected = match download {
            "none" => 1,
            "screen" => 2,
            _ => 3,
        };
        assert_eq!(films, expected, "{download}");
    }
}

#[test]
fn what_cannot_be_cleaned_is_withheld_and_says_so() {
    let test = "what_cannot_be_cleaned_is_withheld";
    let Some(fixtures) = fixtures(test) else {
        return;
    };
    let desk = Desk::new();
    let bytes = std::fs::read(fixtures.join("formats/raw/canon-r6.cr3")).unwrap();
    desk.put("a.cr3", &bytes);
    let ids = desk.import();
    let album = desk.album("Raw", &ids);
    let asset = desk.assets().pop().unwrap();
    assert_eq!(desk.refusal_of(&asset, "clean")["code"], "cannot_clean");
    let link = desk.link(&["--album", &album, "--download", "original"]);
    let serving = desk.serve();
    let visitor = Visitor::new(&serving.url());
    let download = visitor
        .routes(&text(&link["path"]))
        .into_iter()
        .find(|route| route.ends_with("/download"))
        .unwrap();
    let reply = visitor.get(&download);
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(reply.header("content-type"), Some("image/jpeg"));
    assert_eq!(reply.body, desk.bytes_of(&asset, "preview"));
}
