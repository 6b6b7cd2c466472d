//! The words of a QuickTime or MPEG-4 header: Apple's keys, iTunes' list,
//! QuickTime's and 3GPP's user data, and the XML that Sony's cameras leave.

use roxmltree::{Document, Node, ParsingOptions};

use crate::container::bmff::{Atom, Atoms, atoms};
use crate::metadata::taken::read_iso;
use crate::metadata::{place, text};
use crate::{Metadata, Place, TakenFrom};

/// Keys and texts more than this are left out.
const MOST_TEXTS: usize = 1_024;
/// Sony's documents have a few hundred elements.
const MOST_NODES: u32 = 20_000;

/// Named texts of a header: Apple's keys by their names, others by the four
/// letters of their boxes.
#[derive(Default)]
struct Texts {
    texts: Vec<(String, String)>,
    place: Option<Place>,
}

/// What a `moov` box and the meta box of its video track say.
pub(crate) fn metadata(moov: &[u8], track: Option<&Atom>) -> Metadata {
    let mut texts = Texts::default();
    texts.take_meta(atoms(moov, 0));
    if let Some(track) = track {
        texts.take_meta(track.children());
    }
    for user_data in atoms(moov, 0).filter(|atom| atom.kind == *b"udta").take(8) {
        texts.take_meta(user_data.children());
        texts.take_user_data(user_data.children());
    }
    texts.metadata()
}

/// What Sony's `NonRealTimeMeta` document says, in a `meta` box at the top of the
/// file: the body of that box.
pub(crate) fn sony(meta: &[u8]) -> Metadata {
    sony_document(meta).unwrap_or_default()
}

fn sony_document(meta: &[u8]) -> Option<Metadata> {
    let xml = boxes_of_meta(meta).find_kind(b"xml ")?.body.get(4..)?;
    let xml = text::of_bytes(xml);
    let options = ParsingOptions {
        allow_dtd: false,
        nodes_limit: MOST_NODES,
        ..ParsingOptions::default()
    };
    let document = Document::parse_with_options(xml.trim_end_matches('\0'), options).ok()?;
    let find = |name: &str| {
        document
            .descendants()
            .find(|node| node.tag_name().name() == name)
    };
    let attribute = |node: Option<Node>, name: &str| text::line(node?.attribute(name)?);
    Some(Metadata {
        taken: attribute(find("CreationDate"), "value")
            .and_then(|date| read_iso(&date, TakenFrom::QuickTime)),
        camera_make: attribute(find("Device"), "manufacturer"),
        camera_model: attribute(find("Device"), "modelName"),
        lens: attribute(find("Lens"), "modelName"),
        ..Metadata::default()
    })
}

/// The boxes of a `meta` box's body: QuickTime's has none of the version and
/// flags that ISO gave it.
fn boxes_of_meta(meta: &[u8]) -> Atoms<'_> {
    match meta.get(4..8) {
        Some(b"hdlr") => atoms(meta, 0),
        _ => atoms(meta.get(4..).unwrap_or_default(), 0),
    }
}

impl Texts {
    fn metadata(&self) -> Metadata {
        let mut tags = Vec::new();
        if let Some(keywords) = self.first(&["com.apple.quicktime.keywords"]) {
            text::add_tags(&mut tags, keywords.split(','));
        }
        let line = |names: &'static [&'static str]| text::line(self.first(names)?);
        let apple_or_user = self
            .first(&["com.apple.quicktime.location.ISO6709", "©xyz"])
            .and_then(place::of_iso_6709);
        Metadata {
            taken: self
                .all(&["com.apple.quicktime.creationdate", "©day"])
                .find_map(|date| read_iso(date, TakenFrom::QuickTime)),
            place: apple_or_user.or(self.place),
            camera_make: line(&[
                "com.apple.quicktime.make",
                "com.android.manufacturer",
                "©mak",
            ]),
            camera_model: line(&["com.apple.quicktime.model", "com.android.model", "©mod"]),
            lens: line(&["com.apple.quicktime.camera.lens_model"]),
            rating: self
                .first(&["com.apple.quicktime.rating.user"])
                .and_then(|stars| stars.trim().parse::<f64>().ok())
                .filter(|stars| (0.0..=5.0).contains(stars))
                .map(|stars| stars.round() as u8),
            title: line(&[
                "com.apple.quicktime.title",
                "com.apple.quicktime.displayname",
                "©nam",
                "titl",
            ]),
            description: self
                .first(&["com.apple.quicktime.description", "desc", "©des", "dscp"])
                .and_then(text::lines),
            tags,
            live: line(&["com.apple.quicktime.content.identifier"]),
            ..Metadata::default()
        }
    }

    fn first(&self, names: &'static [&'static str]) -> Option<&str> {
        self.all(names).next()
    }

    /// The texts by these names, those of the first name first.
    fn all(&self, names: &'static [&'static str]) -> impl Iterator<Item = &str> {
        names.iter().flat_map(|name| {
            let named = self.texts.iter().filter(move |(own, _)| own == name);
            named.map(|(_, text)| text.as_str())
        })
    }

    fn add(&mut self, name: String, text: String) {
        if self.texts.len() < MOST_TEXTS && !text.trim().is_empty() {
            self.texts.push((name, text));
        }
    }

    /// Takes the list of a `meta` box among `boxes`: by keys, or as iTunes has it.
    fn take_meta(&mut self, boxes: Atoms) {
        let Some(meta) = boxes.into_iter().find(|atom| atom.kind == *b"meta") else {
            return;
        };
        let boxes = boxes_of_meta(meta.body);
        let keys = boxes.clone().find_kind(b"keys");
        let keys = keys.map(|keys| names_of(&keys)).unwrap_or_default();
        let Some(list) = boxes.clone().find_kind(b"ilst") else {
            return;
        };
        for entry in list.children().take(MOST_TEXTS) {
            let index = usize::try_from(u32::from_be_bytes(entry.kind)).ok();
            let by_key = index.and_then(|index| keys.get(index.checked_sub(1)?));
            let name = by_key.cloned().unwrap_or_else(|| letters(entry.kind));
            let text = entry.children().find_kind(b"data").and_then(|data| {
                let (kind, rest) = data.body.split_first_chunk::<4>()?;
                let text = rest.get(4..)?;
                match u32::from_be_bytes(*kind) {
                    1 => Some(text::of_bytes(text)),
                    2 => Some(text::of_utf16(text, true)),
                    _ => None,
                }
            });
            self.add(name, text.unwrap_or_default());
        }
    }

    /// Takes the texts of a `udta` box.
    fn take_user_data(&mut self, boxes: Atoms) {
        for entry in boxes.take(MOST_TEXTS) {
            match &entry.kind {
                b"loci" => self.place = self.place.or_else(|| place_of_3gpp(entry.body)),
                b"titl" | b"dscp" => {
                    // Version and flags, then a packed language.
                    let text = entry.body.get(6..).map(zero_ended).unwrap_or_default();
                    self.add(letters(entry.kind), text);
                }
                [0xa9, ..] => {
                    // A length, then a language.
                    let text = entry
                        .body
                        .split_first_chunk::<2>()
                        .and_then(|(length, rest)| {
                            let length = usize::from(u16::from_be_bytes(*length));
                            rest.get(2..)?.get(..length)
                        });
                    let text = text.map(text::of_bytes).unwrap_or_default();
                    self.add(letters(entry.kind), text);
                }
                _ => {}
            }
        }
    }
}

/// The names in a `keys` box: version and flags, a count, and for each its size,
/// its namespace and itself.
fn names_of(keys: &Atom) -> Vec<String> {
    keys.children_after(8)
        .take(MOST_TEXTS)
        .map(|key| text::of_bytes(key.body))
        .collect()
}

/// The four letters of a box's type; QuickTime's begin with ©.
fn letters(kind: [u8; 4]) -> String {
    kind.into_iter().map(char::from).collect()
}

/// A text that a zero ends, in UTF-8 or, after its mark, in UTF-16.
fn zero_ended(bytes: &[u8]) -> String {
    match bytes.strip_prefix(b"\xfe\xff") {
        Some(wide) => text::of_utf16(wide, true),
        None => text::of_bytes(bytes.split(|byte| *byte == 0).next().unwrap_or_default()),
    }
}

/// The point of a `loci` box (3GPP TS 26.244, 8.8): version and flags, a
/// language, a name, a role, then longitude, latitude and altitude in 16.16.
fn place_of_3gpp(body: &[u8]) -> Option<Place> {
    let name = body.get(6..)?;
    let after = match name.strip_prefix(b"\xfe\xff") {
        Some(wide) => {
            let (units, _) = wide.as_chunks::<2>();
            let end = units.iter().position(|unit| *unit == [0, 0])?;
            wide.get(end * 2 + 2..)?
        }
        None => {
            let end = name.iter().position(|byte| *byte == 0)?;
            name.get(end + 1..)?
        }
    };
    let (numbers, _) = after.get(1..)?.as_chunks::<4>();
    let number = |index: usize| {
        let fixed = i32::from_be_bytes(*numbers.get(index)?);
        Some(f64::from(fixed) / 65_536.0)
    };
    place::checked(number(1)?, number(0)?, number(2))
}
