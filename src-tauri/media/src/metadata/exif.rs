//! EXIF's tags as [`Metadata`] (CIPA DC-008, "EXIF 2.32"; TIFF/EP, ISO 12234-2).
//!
//! Nothing here can fail a picture: what is broken or absurd is unknown. The
//! time is that of the exposure or of the scan; tag 306 (`DateTime`) is the time
//! of the last change and never stands in for it, for every editor rewrites it.

use crate::container::tiff::Tiff;
use crate::decode::orientation::Orientation;
use crate::metadata::directory::Directory;
use crate::metadata::taken::{MS_PER_DAY, days_since_1970, read_taken};
use crate::metadata::{place, text};
use crate::{Metadata, Place, Taken, TakenFrom};

/// What cameras write into `ImageDescription` when nobody described anything.
const BOILERPLATE: [&str; 12] = [
    "OLYMPUS DIGITAL CAMERA",
    "SONY DSC",
    "KODAK Digital Still Camera",
    "MINOLTA DIGITAL CAMERA",
    "SAMSUNG DIGITAL CAMERA",
    "SAMSUNG CAMERA PICTURES",
    "PENTAX DIGITAL CAMERA",
    "RICOH DIGITAL CAMERA",
    "DIGITAL CAMERA",
    "Exif_JPEG_PICTURE",
    "Exif JPEG",
    "default",
];

/// The directories of an EXIF structure.
pub(crate) struct Exif<'a> {
    primary: Directory<'a>,
    exposure: Option<Directory<'a>>,
    gps: Option<Directory<'a>>,
    thumbnail: Option<Directory<'a>>,
}

impl<'a> Exif<'a> {
    /// Reads a TIFF structure: that of an Exif segment or a whole TIFF or RAW.
    pub(crate) fn read(bytes: &'a [u8]) -> Option<Exif<'a>> {
        let tiff = Tiff::of_any_maker(bytes)?;
        let primary = Directory::read(bytes, tiff, tiff.first());
        let next = tiff.next(tiff.first()).filter(|at| *at != 0);
        Some(Exif {
            exposure: primary.below(0x8769),
            gps: primary.below(0x8825),
            thumbnail: next.map(|at| Directory::read(bytes, tiff, at)),
            primary,
        })
    }

    /// The same of three structures, as Canon's CR3 keeps the directories.
    pub(crate) fn read_apart(
        primary: &'a [u8],
        exposure: Option<&'a [u8]>,
        gps: Option<&'a [u8]>,
    ) -> Option<Exif<'a>> {
        let first = |bytes: &'a [u8]| Exif::read(bytes).map(|exif| exif.primary);
        Some(Exif {
            exposure: exposure.and_then(first),
            gps: gps.and_then(first),
            ..Exif::read(primary)?
        })
    }

    /// All that the tags say, but for the time of the GPS fix.
    pub(crate) fn metadata(&self) -> Metadata {
        let windows_words = |tag| {
            let bytes = self.primary.bytes(tag)?;
            // Windows writes these in little-endian UTF-16 whatever the rest is.
            Some(text::of_utf16(bytes, false))
        };
        let mut tags = Vec::new();
        if let Some(keywords) = windows_words(0x9c9e) {
            text::add_tags(&mut tags, keywords.split(';'));
        }
        Metadata {
            taken: self.taken(),
            place: self.place(),
            camera_make: self.line(0x010f),
            camera_model: self.line(0x0110),
            lens: self.lens(),
            f_number: self.f_number(),
            exposure_time: self.exposure_time(),
            iso: self.iso(),
            focal_length: self.positive(0x920a),
            rating: self.rating(),
            title: windows_words(0x9c9b).and_then(|title| text::line(&title)),
            description: self.description().or_else(|| {
                let comment = windows_words(0x9c9c)?;
                text::lines(&comment)
            }),
            tags,
            live: self.live(),
            // Of the body, the lens, and the body as DNG has it.
            serials: [0xa431, 0xa435, 0xc62f]
                .into_iter()
                .filter_map(|tag| self.line(tag))
                .collect(),
        }
    }

    /// How the stored pixels are to be turned.
    pub(crate) fn orientation(&self) -> Orientation {
        self.primary
            .unsigned(0x0112)
            .map_or(Orientation::UPRIGHT, Orientation::from_exif)
    }

    /// Whether the camera says its pixels are Adobe RGB without a profile.
    pub(crate) fn is_adobe_rgb(&self) -> bool {
        self.exposure
            .as_ref()
            .and_then(|exposure| exposure.below(0xa005)?.text(1))
            .is_some_and(|index| index.trim() == "R03")
    }

    /// The colour profile of a TIFF (ICC.1, annex B.2).
    pub(crate) fn icc(&self) -> Option<&'a [u8]> {
        self.primary.bytes(0x8773)
    }

    /// The XMP packet of a TIFF (XMP specification, part 3).
    pub(crate) fn xmp(&self) -> Option<&'a [u8]> {
        self.primary.bytes(0x02bc)
    }

    /// The IPTC-IIM records of a TIFF, whatever type it gives them.
    pub(crate) fn iptc(&self) -> Option<&'a [u8]> {
        self.primary.bytes(0x83bb)
    }

    /// The JPEG that Panasonic's RW2 holds, which knows more than its directory.
    pub(crate) fn panasonic_jpeg(&self) -> Option<&'a [u8]> {
        self.primary.bytes(0x002e)
    }

    /// The small JPEG beside the picture, as it is stored: not turned.
    pub(crate) fn thumbnail(&self) -> Option<&'a [u8]> {
        let jpeg = self.thumbnail.as_ref()?.run(0x0201, 0x0202)?;
        jpeg.starts_with(b"\xff\xd8\xff").then_some(jpeg)
    }

    /// The instant of the GPS fix in milliseconds since 1970 in UTC. The system
    /// began in 1980; a date before is none.
    pub(crate) fn gps_moment(&self) -> Option<i64> {
        let gps = self.gps.as_ref()?;
        let date = gps.text(0x001d)?;
        let mut numbers = date
            .split(|letter: char| !letter.is_ascii_digit())
            .filter_map(|part| part.parse::<i64>().ok());
        let (year, month, day) = (numbers.next()?, numbers.next()?, numbers.next()?);
        let part = |index, most: f64| {
            let number = gps.number(0x0007, index)?;
            (0.0..most).contains(&number).then_some(number)
        };
        let seconds = (part(0, 24.0)? * 60.0 + part(1, 60.0)?) * 60.0 + part(2, 61.0)?;
        let days = days_since_1970(year, month, day).filter(|_| year >= 1980)?;
        Some(days * MS_PER_DAY + (seconds * 1000.0) as i64)
    }

    /// The time of the exposure, or else of the scan. An offset that is missing
    /// there is taken from a moment that shows the same wall clock: some phones
    /// write it beside the time of the last change alone.
    fn taken(&self) -> Option<Taken> {
        let exposure = self.exposure.as_ref();
        let of = |moment, fraction, offset, directory: Option<&Directory>| {
            let detail = |tag| exposure?.text(tag);
            read_taken(
                &directory?.text(moment)?,
                detail(fraction).as_deref(),
                detail(offset).as_deref(),
                TakenFrom::Exif,
            )
        };
        let original = of(0x9003, 0x9291, 0x9011, exposure)
            .or_else(|| of(0x9003, 0x9291, 0x9011, Some(&self.primary)));
        let digitized = of(0x9004, 0x9292, 0x9012, exposure);
        let changed = of(0x0132, 0x9290, 0x9010, Some(&self.primary));
        let mut taken = original.or(digitized)?;
        let second = |taken: &Taken| taken.local_ms.div_euclid(1000);
        for other in [digitized, changed].into_iter().flatten() {
            if taken.offset_minutes.is_none() && second(&other) == second(&taken) {
                taken.offset_minutes = other.offset_minutes;
            }
        }
        Some(taken)
    }

    fn place(&self) -> Option<Place> {
        let gps = self.gps.as_ref()?;
        let below_sea = gps.unsigned(0x0005) == Some(1);
        let altitude = gps
            .number(0x0006, 0)
            .map(|metres| if below_sea { -metres } else { metres });
        place::checked(
            degrees(gps, 0x0002, 0x0001, ['N', 'S'])?,
            degrees(gps, 0x0004, 0x0003, ['E', 'W'])?,
            altitude,
        )
    }

    fn lens(&self) -> Option<String> {
        self.line(0xa434)
            .filter(|lens| lens.chars().any(char::is_alphanumeric))
    }

    /// The f-number, or else APEX's aperture value `2 log₂ N`.
    fn f_number(&self) -> Option<f64> {
        self.positive(0x829d).or_else(|| {
            let apex = self.number(0x9202).filter(|apex| *apex > 0.0)?;
            Some((apex / 2.0).exp2()).filter(|f_number| *f_number < 200.0)
        })
    }

    /// The exposure in seconds, or else by APEX's time value `−log₂ t`.
    fn exposure_time(&self) -> Option<f64> {
        self.positive(0x829a).or_else(|| {
            let apex = self.number(0x9201).filter(|apex| apex.abs() < 20.0)?;
            Some((-apex).exp2())
        })
    }

    /// The sensitivity; 65535 means "too high for this tag, see the others".
    /// Panasonic's RW2 has a tag of its own.
    fn iso(&self) -> Option<u32> {
        let exposure = self.exposure.as_ref();
        let tags = [0x8827, 0x8831, 0x8832, 0x8833];
        tags.into_iter()
            .map(|tag| exposure.and_then(|exposure| exposure.unsigned(tag)))
            .chain([0x8827, 0x0017].map(|tag| self.primary.unsigned(tag)))
            .flatten()
            .find(|iso| *iso > 0 && *iso != 65_535 && *iso < 100_000_000)
    }

    /// Stars, as Windows writes them.
    fn rating(&self) -> Option<u8> {
        let stars = self.primary.unsigned(0x4746)?;
        u8::try_from(stars).ok().filter(|stars| *stars <= 5)
    }

    /// The description, unless the camera made it up. DJI and others put the
    /// path on the card there, Huawei and Vivo a code of the mode in small letters.
    fn description(&self) -> Option<String> {
        let found = text::lines(&self.primary.text(0x010e)?)?;
        let boilerplate = BOILERPLATE.contains(&found.as_str())
            || found.starts_with("DCIM\\")
            || found.starts_with("<Digimax")
            || (found.len() <= 5 && found.bytes().all(|byte| byte.is_ascii_lowercase()));
        (!boilerplate).then_some(found)
    }

    /// Apple's maker note (tag 17 of a directory after "Apple iOS", big-endian)
    /// has the identifier that a Live Photo's picture and video share.
    fn live(&self) -> Option<String> {
        let note = self.exposure.as_ref()?.bytes(0x927c)?;
        let big_endian = match note
            .strip_prefix(b"Apple iOS\0\0\x01")?
            .first_chunk::<2>()?
        {
            b"MM" => true,
            b"II" => false,
            _ => return None,
        };
        let tiff = Tiff::headless(note, big_endian);
        let identifier = Directory::read(note, tiff, 14).text(17)?;
        text::line(&identifier)
    }

    fn line(&self, tag: u16) -> Option<String> {
        let exposure = self.exposure.as_ref();
        let found = exposure.and_then(|exposure| exposure.text(tag));
        text::line(&found.or_else(|| self.primary.text(tag))?)
    }

    /// A number of the exposure; TIFF/EP keeps these in the first directory.
    fn number(&self, tag: u16) -> Option<f64> {
        let exposure = self.exposure.as_ref();
        exposure
            .and_then(|exposure| exposure.number(tag, 0))
            .or_else(|| self.primary.number(tag, 0))
    }

    fn positive(&self, tag: u16) -> Option<f64> {
        self.number(tag).filter(|number| *number > 0.0)
    }
}

fn degrees(gps: &Directory, tag: u16, reference: u16, signs: [char; 2]) -> Option<f64> {
    let [positive, negative] = signs;
    let reference = gps.text(reference)?;
    let sign = match reference.trim().chars().next()?.to_ascii_uppercase() {
        letter if letter == positive => 1.0,
        letter if letter == negative => -1.0,
        _ => return None,
    };
    let part = |index| gps.number(tag, index);
    // Some write whole degrees and leave minutes or seconds as 0/0.
    let degrees = part(0)? + part(1).unwrap_or(0.0) / 60.0 + part(2).unwrap_or(0.0) / 3600.0;
    (degrees >= 0.0).then_some(sign * degrees)
}
