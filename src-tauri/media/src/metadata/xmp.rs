//! XMP packets (ISO 16684-1), inside a file or as a sidecar beside it.
//!
//! A packet is parsed as the XML that it is, by the names of its namespaces:
//! prefixes are the writer's choice, and every editor chooses attributes or
//! elements as it likes.

use roxmltree::{Attribute, Document, Node, ParsingOptions};

use crate::Metadata;
use crate::metadata::taken::read_iso;
use crate::metadata::{place, text};
use crate::{Place, Taken, TakenFrom};

/// A packet larger than this is not looked at.
pub(crate) const MOST_BYTES: usize = 16 << 20;
/// A packet of more elements and texts than this is not looked at.
const MOST_NODES: u32 = 200_000;
/// Properties and values of one more than this are left out.
const MOST_VALUES: usize = 1_024;

const RDF: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
const XML: &str = "http://www.w3.org/XML/1998/namespace";

/// Names of the namespaces that are read, without the slash or hash at their
/// end, which some writers forget.
pub(crate) mod space {
    /// Adobe's additions to EXIF: the lens.
    pub(crate) const AUX: &str = "http://ns.adobe.com/exif/1.0/aux";
    /// Google's camera: motion photos.
    pub(crate) const CAMERA: &str = "http://ns.google.com/photos/1.0/camera";
    /// Dublin Core: title, description, subject.
    pub(crate) const DC: &str = "http://purl.org/dc/elements/1.1";
    /// EXIF in XMP, by Adobe.
    pub(crate) const EXIF: &str = "http://ns.adobe.com/exif/1.0";
    /// EXIF in XMP, by CIPA: what Adobe left out.
    pub(crate) const EXIF_EX: &str = "http://cipa.jp/exif/1.0";
    /// The items of Google's container.
    pub(crate) const ITEM: &str = "http://ns.google.com/photos/1.0/container/item";
    /// Windows: ratings in per cent.
    pub(crate) const MICROSOFT: &str = "http://ns.microsoft.com/photo/1.0";
    /// XMP about itself: where it goes on.
    pub(crate) const NOTE: &str = "http://ns.adobe.com/xmp/note";
    /// Photoshop: the time of the picture.
    pub(crate) const PHOTOSHOP: &str = "http://ns.adobe.com/photoshop/1.0";
    /// TIFF in XMP: the camera.
    pub(crate) const TIFF: &str = "http://ns.adobe.com/tiff/1.0";
    /// The basic schema: rating and time.
    pub(crate) const XMP: &str = "http://ns.adobe.com/xap/1.0";
}

const KNOWN: [&str; 11] = [
    space::AUX,
    space::CAMERA,
    space::DC,
    space::EXIF,
    space::EXIF_EX,
    space::ITEM,
    space::MICROSOFT,
    space::NOTE,
    space::PHOTOSHOP,
    space::TIFF,
    space::XMP,
];

/// The properties of a packet.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Xmp {
    properties: Vec<Property>,
    /// The parts of a file by Google's container format: picture first, then
    /// what is appended to it.
    pub(crate) parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq)]
struct Property {
    space: &'static str,
    name: String,
    values: Vec<String>,
}

/// One part of a file: an item of `Container:Directory`.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Part {
    /// What it is for: `Primary`, `MotionPhoto`, `GainMap` …
    pub(crate) semantic: String,
    /// How many bytes it has; not stated of the first.
    pub(crate) length: Option<u64>,
    /// Bytes between it and the next.
    pub(crate) padding: u64,
}

/// Reads an `.xmp` file beside a photo; `None` when it is none.
pub fn sidecar(xml: &[u8]) -> Option<Metadata> {
    Xmp::read(xml).map(|xmp| xmp.metadata())
}

impl Xmp {
    /// Reads a packet: UTF-8 or UTF-16, with or without a byte order mark.
    pub(crate) fn read(packet: &[u8]) -> Option<Xmp> {
        if packet.len() > MOST_BYTES {
            return None;
        }
        let packet = decode(packet);
        // Where the wrapping is broken, what it wraps is often whole.
        let parsed = parse(&packet).or_else(|| parse(description(&packet)?))?;
        let rdf = parsed
            .descendants()
            .find(|node| node.has_tag_name((RDF, "RDF")))?;
        let mut found = Xmp::default();
        for subject in rdf.children().filter(Node::is_element) {
            for attribute in subject.attributes() {
                let value = || vec![attribute.value().to_owned()];
                found.add(attribute.namespace(), attribute.name(), value);
            }
            for element in subject.children().filter(Node::is_element) {
                let name = element.tag_name();
                found.add(name.namespace(), name.name(), || values(element));
                if name.name() == "Directory" {
                    found.parts.extend(parts(element));
                }
            }
        }
        Some(found)
    }

    /// What this packet lacks, from another: extended XMP goes on where the
    /// first segment was full.
    pub(crate) fn or(mut self, other: Xmp) -> Xmp {
        self.properties.extend(other.properties);
        self.parts.extend(other.parts);
        self
    }

    /// A property's only or best value.
    pub(crate) fn value(&self, space: &str, name: &str) -> Option<&str> {
        self.values(space, name).first().map(String::as_str)
    }

    /// A property's values; of alternatives in several languages, the default.
    fn values(&self, space: &str, name: &str) -> &[String] {
        self.properties
            .iter()
            .find(|property| property.space == space && property.name == name)
            .map_or(&[], |property| &property.values)
    }

    fn add(&mut self, space: Option<&str>, name: &str, values: impl FnOnce() -> Vec<String>) {
        let space = space.unwrap_or_default().trim_end_matches(['/', '#']);
        let known = KNOWN.iter().find(|known| **known == space);
        if let (Some(space), true) = (known, self.properties.len() < MOST_VALUES) {
            self.properties.push(Property {
                space,
                name: name.to_owned(),
                values: values(),
            });
        }
    }

    /// All that the packet says, but for the time of the GPS fix.
    pub(crate) fn metadata(&self) -> Metadata {
        let line = |space, name| text::line(self.value(space, name)?);
        let mut tags = Vec::new();
        text::add_tags(&mut tags, self.values(space::DC, "subject"));
        Metadata {
            taken: self.taken(),
            place: self.place(),
            camera_make: line(space::TIFF, "Make"),
            camera_model: line(space::TIFF, "Model"),
            lens: line(space::EXIF_EX, "LensModel")
                .or_else(|| line(space::AUX, "Lens"))
                .filter(|lens| lens.chars().any(char::is_alphabetic)),
            f_number: self.positive(space::EXIF, "FNumber"),
            exposure_time: self.positive(space::EXIF, "ExposureTime"),
            iso: self.iso(),
            focal_length: self.positive(space::EXIF, "FocalLength"),
            rating: self.rating(),
            title: line(space::DC, "title"),
            description: self.value(space::DC, "description").and_then(text::lines),
            tags,
            live: None,
            serials: [
                (space::EXIF_EX, "BodySerialNumber"),
                (space::EXIF_EX, "LensSerialNumber"),
                (space::AUX, "SerialNumber"),
                (space::AUX, "LensSerialNumber"),
            ]
            .into_iter()
            .filter_map(|(space, name)| line(space, name))
            .collect(),
        }
    }

    /// The instant of the GPS fix in milliseconds since 1970 in UTC.
    pub(crate) fn gps_moment(&self) -> Option<i64> {
        let fix = read_iso(self.value(space::EXIF, "GPSTimeStamp")?, TakenFrom::Gps)?;
        let ahead = i64::from(fix.offset_minutes.unwrap_or(0)) * 60_000;
        Some(fix.local_ms - ahead)
    }

    /// The time of the exposure. `xmp:CreateDate` comes last: it is that of the
    /// file where an editor made a new one.
    fn taken(&self) -> Option<Taken> {
        [
            (space::EXIF, "DateTimeOriginal"),
            (space::PHOTOSHOP, "DateCreated"),
            (space::EXIF, "DateTimeDigitized"),
            (space::XMP, "CreateDate"),
        ]
        .into_iter()
        .find_map(|(space, name)| read_iso(self.value(space, name)?, TakenFrom::Xmp))
    }

    fn place(&self) -> Option<Place> {
        let coordinate = |name| place::of_xmp(self.value(space::EXIF, name)?);
        let below_sea = self.value(space::EXIF, "GPSAltitudeRef") == Some("1");
        let altitude = rational(self.value(space::EXIF, "GPSAltitude"))
            .map(|metres| if below_sea { -metres } else { metres });
        place::checked(
            coordinate("GPSLatitude")?,
            coordinate("GPSLongitude")?,
            altitude,
        )
    }

    fn iso(&self) -> Option<u32> {
        [
            (space::EXIF_EX, "PhotographicSensitivity"),
            (space::EXIF, "PhotographicSensitivity"),
            (space::EXIF, "ISOSpeedRatings"),
        ]
        .into_iter()
        .filter_map(|(space, name)| self.value(space, name)?.trim().parse().ok())
        .find(|iso| *iso > 0 && *iso != 65_535 && *iso < 100_000_000)
    }

    /// Stars. Windows has per cent (1, 25, 50, 75, 99; 0 is unrated) where XMP has
    /// none; −1, which XMP calls rejected, is no number of stars.
    fn rating(&self) -> Option<u8> {
        if let Some(stars) = rational(self.value(space::XMP, "Rating")) {
            return (0.0..=5.0).contains(&stars).then_some(stars.round() as u8);
        }
        let per_cent = rational(self.value(space::MICROSOFT, "Rating"))?;
        let rated = (1.0..=100.0).contains(&per_cent);
        rated.then_some(1 + ((per_cent - 1.0) / 24.0) as u8)
    }

    fn positive(&self, space: &str, name: &str) -> Option<f64> {
        rational(self.value(space, name)).filter(|number| *number > 0.0)
    }
}

/// A number as XMP writes it: `28/10`, or plainly, as some do.
fn rational(text: Option<&str>) -> Option<f64> {
    let text = text?.trim();
    let number = match text.split_once('/') {
        Some((above, below)) => above.parse::<f64>().ok()? / below.parse::<f64>().ok()?,
        None => text.parse().ok()?,
    };
    number.is_finite().then_some(number)
}

/// An element's values: the members of an array, those without a language or
/// with the default one first, or else its own text.
fn values(element: Node) -> Vec<String> {
    let array = element.children().find(|child| {
        ["Alt", "Bag", "Seq"]
            .iter()
            .any(|kind| child.has_tag_name((RDF, *kind)))
    });
    let Some(array) = array else {
        let inner = element
            .descendants()
            .find(|node| node.has_tag_name((RDF, "value")));
        return vec![own_text(inner.unwrap_or(element))];
    };
    let mut members: Vec<Node> = array
        .children()
        .filter(|node| node.has_tag_name((RDF, "li")))
        .take(MOST_VALUES)
        .collect();
    if array.has_tag_name((RDF, "Alt")) {
        members.sort_by_key(|member| {
            !matches!(member.attribute((XML, "lang")), None | Some("x-default"))
        });
    }
    members.into_iter().map(own_text).collect()
}

fn own_text(node: Node) -> String {
    node.children().filter_map(|child| child.text()).collect()
}

/// The items of a `Container:Directory`, written as attributes or elements.
fn parts(directory: Node) -> Vec<Part> {
    let members = directory
        .descendants()
        .filter(|node| node.has_tag_name((RDF, "li")));
    members
        .take(64)
        .map(|member| {
            let mut part = Part::default();
            let mut set = |space: Option<&str>, name: &str, value: &str| {
                if space.map(|space| space.trim_end_matches('/')) != Some(space::ITEM) {
                    return;
                }
                match name {
                    "Semantic" => part.semantic = value.to_owned(),
                    "Length" => part.length = value.trim().parse().ok(),
                    "Padding" => part.padding = value.trim().parse().unwrap_or(0),
                    _ => {}
                }
            };
            for node in member.descendants() {
                for attribute in node.attributes() {
                    set(
                        attribute.namespace(),
                        attribute.name(),
                        Attribute::value(&attribute),
                    );
                }
                let name = node.tag_name();
                set(
                    name.namespace(),
                    name.name(),
                    node.text().unwrap_or_default(),
                );
            }
            part
        })
        .collect()
}

/// The XML of a packet, without what may stand around it and without what XML
/// forbids.
fn decode(packet: &[u8]) -> String {
    let decoded = match packet {
        [0xfe, 0xff, ..] | [0, b'<', ..] => text::of_utf16(packet, true),
        [0xff, 0xfe, ..] | [b'<', 0, ..] => text::of_utf16(packet, false),
        _ => text::of_bytes(packet),
    };
    let start = decoded.find('<').unwrap_or(0);
    let end = decoded.rfind('>').map_or(0, |at| at + 1);
    decoded
        .get(start..end)
        .unwrap_or_default()
        .chars()
        .filter(|letter| !letter.is_control() || matches!(letter, '\t' | '\n' | '\r'))
        .filter(|letter| !matches!(letter, '\u{fffe}' | '\u{ffff}'))
        .collect()
}

fn parse(xml: &str) -> Option<Document<'_>> {
    let options = ParsingOptions {
        allow_dtd: false,
        nodes_limit: MOST_NODES,
        ..ParsingOptions::default()
    };
    Document::parse_with_options(xml, options).ok()
}

/// The part of a packet that matters: its `rdf:RDF` element.
fn description(packet: &str) -> Option<&str> {
    const END: &str = "</rdf:RDF>";
    let start = packet.find("<rdf:RDF")?;
    let end = packet.rfind(END)? + END.len();
    packet.get(start..end)
}
