//! What editors leave beside a photo: an XMP sidecar gives stars, tags and words,
//! and is itself no file that could not be imported.

use crate::desk::{Desk, text};
use crate::durability::originals;
use crate::fixtures::fixtures;
use camera::{Exif, jpeg, plain, quadrants};
use serde_json::{Value, json};
use std::ffi::OsStr;

fn photo(caption: &str) -> Vec<u8> {
    let exif = Exif {
        caption: caption.to_owned(),
        taken: "2026:05:03 14:22:10".to_owned(),
        offset: "+02:00".to_owned(),
        ..Exif::default()
    };
    jpeg(&quadrants(320, 240), 90, &exif).unwrap()
}

fn sidecar(rating: u8, tags: [&str; 2], description: &str) -> String {
    let [first, second] = tags;
    format!(
        r#"<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmp:Rating="{rating}">
<dc:subject><rdf:Bag><rdf:li>{first}</rdf:li><rdf:li>{second}</rdf:li></rdf:Bag></dc:subject>
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{description}</rdf:li></rdf:Alt></dc:description>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"#
    )
}

fn named(assets: &[Value], name: &str) -> Value {
    let found = assets.iter().find(|asset| asset["name"] == name);
    found.unwrap_or_else(|| panic!("no {name}")).clone()
}

#[test]
fn a_sidecar_gives_its_photo_stars_tags_and_words() {
    for option in [&[][..], &["--in-place"]] {
        let desk = Desk::new();
        desk.put("long.jpg", &photo("from the camera"));
        desk.put(
            "long.jpg.xmp",
            sidecar(4, ["harbour", "evening"], "By the sea").as_bytes(),
        );
        desk.put("short.jpg", &photo("short"));
        desk.put(
            "short.xmp",
            sidecar(2, ["Märchen", "夏"], "Im Wald").as_bytes(),
        );
        desk.put("none.jpg", &photo("none"));
        // Its photo is elsewhere; it is passed over all the same.
        desk.put(
            "alone.xmp",
            sidecar(5, ["no", "one"], "Nobody's").as_bytes(),
        );
        let photos = desk.photos();
        let mut words = vec![OsStr::new("import"), photos.as_os_str()];
        words.extend(option.iter().map(OsStr::new));
        let report = desk.tell(&words);
        assert_eq!(report["imported"], 3, "{report}");
        assert_eq!(report["skipped"], 3, "{report}");
        assert_eq!(report["failed"], json!([]), "{report}");

        let assets = desk.assets();
        let long = named(&assets, "long.jpg");
        assert_eq!(long["rating"], 4, "{long}");
        assert_eq!(long["tags"], json!(["harbour", "evening"]), "{long}");
        assert_eq!(long["description"], "By the sea", "{long}");
        assert_eq!(long["taken_at"], "2026-05-03T14:22:10+02:00", "{long}");
        let short = named(&assets, "short.jpg");
        assert_eq!(short["rating"], 2, "{short}");
        assert_eq!(short["tags"], json!(["Märchen", "夏"]), "{short}");
        assert_eq!(short["description"], "Im Wald", "{short}");
        let none = named(&assets, "none.jpg");
        assert_eq!(none["rating"], Value::Null, "{none}");
        assert_eq!(none["tags"], json!([]), "{none}");

        // They can be found by these words.
        let found = desk.tell(&["assets", "--query", "evening"]);
        assert_eq!(found["assets"].as_array().unwrap().len(), 1, "{found}");
    }
}

#[test]
fn a_sidecar_that_is_no_xmp_takes_nothing_from_its_photo() {
    let desk = Desk::new();
    desk.put("a.jpg", &photo("from the camera"));
    desk.put("a.jpg.xmp", b"<x:xmpmeta><rdf:RDF><rdf:Description");
    desk.put("b.jpg", &photo("as well"));
    desk.put("b.xmp", b"\x00\xff\xfe nothing of the kind");
    let report = desk.tell(&[OsStr::new("import"), desk.photos().as_os_str()]);
    assert_eq!(report["imported"], 2, "{report}");
    let assets = desk.assets();
    assert_eq!(named(&assets, "a.jpg")["description"], "from the camera");
    assert_eq!(named(&assets, "b.jpg")["description"], "as well");
}

#[test]
fn other_programs_sidecars_are_read() {
    let Some(fixtures) = fixtures("other_programs_sidecars_are_read") else {
        return;
    };
    let desk = Desk::new();
    let folder = fixtures.join("sidecar-xmp");
    let report = desk.ask(&[OsStr::new("import"), folder.as_os_str()]).said;
    let failed = report["failed"].as_array().unwrap();
    assert!(
        failed
            .iter()
            .all(|failure| !failure["path"].as_str().unwrap().ends_with("xmp")),
        "{report}"
    );
    let assets = desk.assets();
    for name in [
        "20240107_110258.jpg",
        "20240121_102400.JPG",
        "testimagedesc1.jpg",
    ] {
        let asset = named(&assets, name);
        let told = ["rating", "title", "description"]
            .iter()
            .any(|field| !asset[*field].is_null());
        assert!(told || asset["tags"] != json!([]), "{asset}");
    }
}

/// The files under `originals/`, by their paths there.
fn kept(desk: &Desk) -> Vec<String> {
    let root = desk.library().join("originals");
    let mut paths: Vec<String> = originals(desk)
        .iter()
        .map(|path| path.strip_prefix(&root).unwrap().display().to_string())
        .collect();
    paths.sort();
    paths
}

fn findings(desk: &Desk) -> Value {
    desk.ask(&["verify", "--read-data"]).said["findings"].clone()
}

/// Two photos of one name with the sidecars of an editor and a phone, and one
/// with both names an editor may give.
fn put_photos_with_sidecars(desk: &Desk) {
    let other = plain(&quadrants(90, 60), image::ImageFormat::Png).unwrap();
    desk.put("IMG_1.jpg", &photo("one"));
    desk.put("IMG_1.png", &other);
    desk.put("IMG_1.xmp", sidecar(3, ["both", "of"], "Them").as_bytes());
    desk.put("IMG_1.AAE", b"<plist>adjusted</plist>");
    desk.put("b.jpg", &photo("two"));
    desk.put("b.jpg.xmp", sidecar(4, ["long", "name"], "Long").as_bytes());
    desk.put("b.xmp", sidecar(2, ["short", "name"], "Short").as_bytes());
}

#[test]
fn sidecars_travel_with_the_copies_of_their_photos() {
    let desk = Desk::new();
    put_photos_with_sidecars(&desk);
    let report = desk.tell(&[OsStr::new("import"), desk.photos().as_os_str()]);
    assert_eq!(report["imported"], 3, "{report}");
    let all = kept(&desk);
    for name in [
        "2026/2026-05/b.jpg",
        "2026/2026-05/b.jpg.xmp",
        "2026/2026-05/b.xmp",
        "2026/2026-05/IMG_1.jpg",
        "2026/2026-05/IMG_1.xmp",
        "2026/2026-05/IMG_1.AAE",
        // The other of the pair has no date of its own, and its own of both.
        "undated/IMG_1.png",
        "undated/IMG_1.xmp",
        "undated/IMG_1.AAE",
    ] {
        assert!(all.contains(&name.to_owned()), "{name} of {all:?}");
    }
    assert_eq!(all.len(), 9, "{all:?}");
    assert_eq!(findings(&desk), json!([]));

    // One of them is damaged, and told of; another import of the same is none the worse.
    let side = desk.library().join("originals/2026/2026-05/b.xmp");
    std::fs::write(&side, sidecar(1, ["short", "name"], "Short")).unwrap();
    let found = findings(&desk);
    assert_eq!(found[0]["problem"], "damaged", "{found}");
    assert_eq!(found[0]["path"], side.to_str().unwrap(), "{found}");

    // They go with their photo, and the user's own files stay.
    let id = text(&named(&desk.assets(), "b.jpg")["id"]);
    desk.tell(&["trash", &id]);
    desk.tell(&["trash", "empty", &id]);
    let left = kept(&desk);
    assert_eq!(left.len(), 6, "{left:?}");
    assert!(!left.iter().any(|path| path.contains("/b.")), "{left:?}");
    assert!(desk.photos().join("b.jpg.xmp").exists());
}

#[test]
fn photos_of_one_name_and_folder_each_get_the_sidecar_they_share() {
    let desk = Desk::new();
    put_photos_with_sidecars(&desk);
    let template = ["--template", "all"].map(OsStr::new);
    let photos = desk.photos();
    let words = [OsStr::new("import"), photos.as_os_str()];
    desk.tell(&[&words[..], &template].concat());
    let all = kept(&desk);
    let ending = |ending: &str| all.iter().filter(|path| path.ends_with(ending)).count();
    assert_eq!((ending(".AAE"), ending(".xmp")), (2, 4), "{all:?}");
    let assets = desk.assets();
    for name in ["IMG_1.jpg", "IMG_1.png"] {
        let id = text(&named(&assets, name)["id"]);
        let shown = desk.tell(&["asset", "show", &id]);
        let parts: Vec<&str> = shown["places"]
            .as_array()
            .unwrap()
            .iter()
            .map(|place| place["part"].as_str().unwrap())
            .collect();
        assert_eq!(parts, ["whole", "side", "side"], "{shown}");
    }
    assert_eq!(findings(&desk), json!([]));
}

#[test]
fn sidecars_are_written_out_with_their_photo() {
    for option in [&[][..], &["--in-place"]] {
        let desk = Desk::new();
        put_photos_with_sidecars(&desk);
        let photos = desk.photos();
        let mut words = vec![OsStr::new("import"), photos.as_os_str()];
        words.extend(option.iter().map(OsStr::new));
        desk.tell(&words);
        if !option.is_empty() {
            assert_eq!(
                kept(&desk),
                Vec::<String>::new(),
                "in place, nothing is copied"
            );
        }
        let id = text(&named(&desk.assets(), "b.jpg")["id"]);
        let out = desk.path().join("out");
        std::fs::create_dir(&out).unwrap();
        let to = out.join("beach.jpg");
        let to = to.to_str().unwrap();
        let words = ["asset", "write", &id, "--rendition", "original", "--to", to];
        let written = desk.tell(&[&words[..], &["--with-sidecars"]].concat());
        assert_eq!(
            written["sidecars"],
            json!([out.join("beach.jpg.xmp"), out.join("beach.xmp")]),
            "{written}"
        );
        let bytes = std::fs::read_to_string(out.join("beach.jpg.xmp")).unwrap();
        assert_eq!(bytes, sidecar(4, ["long", "name"], "Long"));
    }
}

#[test]
fn sidecars_are_taken_in_with_photos_that_the_catalog_lost() {
    let desk = Desk::new();
    desk.put("first.jpg", &photo("first"));
    desk.import();
    let backup = desk.tell(&["backup", "create"]);
    put_photos_with_sidecars(&desk);
    desk.import();
    let before = kept(&desk);
    desk.tell(&["backup", "restore", &text(&backup["backup"]["name"])]);
    assert!(!findings(&desk).as_array().unwrap().is_empty());
    desk.ask(&["doctor", "--repair"]);
    assert_eq!(findings(&desk), json!([]));
    assert_eq!(kept(&desk), before);
    let b = named(&desk.assets(), "b.jpg");
    assert_eq!(b["rating"], 4, "{b}");
    desk.tell(&["trash", &text(&b["id"])]);
    desk.tell(&["trash", "empty"]);
    assert_eq!(kept(&desk).len(), before.len() - 3);
}
