//! What editors leave beside a photo: an XMP sidecar gives stars, tags and words,
//! and is itself no file that could not be imported.

use crate::desk::Desk;
use crate::fixtures::fixtures;
use camera::{Exif, jpeg, quadrants};
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
