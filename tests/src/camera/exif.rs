//! A writer of EXIF (CIPA DC-008), just enough for a test's camera: the tags we
//! read, and those that must never leak.

/// What the camera notes about a shot. Empty text and absent values are not
/// written at all.
#[derive(Clone, Debug, Default)]
pub struct Exif {
    /// How the stored picture lies: 1 upright to 8; 0 leaves the tag out.
    pub orientation: u16,
    /// Local wall clock, `2026:05:03 14:22:10`.
    pub taken: String,
    /// The clock's distance to UTC, `+02:00`.
    pub offset: String,
    /// Latitude and longitude in degrees, altitude in metres.
    pub place: Option<(f64, f64, f64)>,
    /// The camera's maker.
    pub make: String,
    /// The camera's model.
    pub model: String,
    /// The lens.
    pub lens: String,
    /// The camera body's serial number.
    pub serial: String,
    /// Who took it.
    pub artist: String,
    /// ImageDescription, what some cameras and most editors call the caption.
    pub caption: String,
    /// UserComment.
    pub comment: String,
    /// The aperture as an f-number, in tenths: 28 is f/2.8.
    pub aperture_tenths: Option<u32>,
    /// The exposure time as one over this many seconds.
    pub exposure_per_second: Option<u32>,
    /// ISO sensitivity.
    pub iso: Option<u16>,
    /// Focal length in millimetres.
    pub focal_length: Option<u32>,
    /// A JPEG embedded as the thumbnail (IFD1).
    pub thumbnail: Vec<u8>,
}

enum Value {
    Text(String),
    Byte(Vec<u8>),
    Short(u16),
    Long(u32),
    Rationals(Vec<(u32, u32)>),
    Undefined(Vec<u8>),
}

impl Value {
    /// The field's type, how many of it, and its bytes in little endian.
    fn encoded(&self) -> (u16, usize, Vec<u8>) {
        match self {
            Self::Byte(bytes) => (1, bytes.len(), bytes.clone()),
            Self::Text(text) => {
                let mut bytes = text.as_bytes().to_vec();
                bytes.push(0);
                (2, bytes.len(), bytes)
            }
            Self::Short(number) => (3, 1, number.to_le_bytes().to_vec()),
            Self::Long(number) => (4, 1, number.to_le_bytes().to_vec()),
            Self::Rationals(numbers) => {
                let bytes = numbers
                    .iter()
                    .flat_map(|(above, below)| [above.to_le_bytes(), below.to_le_bytes()])
                    .flatten()
                    .collect();
                (5, numbers.len(), bytes)
            }
            Self::Undefined(bytes) => (7, bytes.len(), bytes.clone()),
        }
    }
}

/// One image file directory. Its length is known before its pointers are, for a
/// pointer is four bytes whatever it points to.
#[derive(Default)]
struct Directory(Vec<(u16, Value)>);

impl Directory {
    fn add(&mut self, tag: u16, value: Value) {
        self.0.push((tag, value));
    }

    fn text(&mut self, tag: u16, text: &str) {
        if !text.is_empty() {
            self.add(tag, Value::Text(text.to_owned()));
        }
    }

    fn length(&self) -> usize {
        let outside: usize = self
            .0
            .iter()
            .map(|(_, value)| value.encoded().2.len())
            .filter(|length| *length > 4)
            .map(|length| length.next_multiple_of(2))
            .sum();
        2 + 12 * self.0.len() + 4 + outside
    }

    /// The directory's bytes when it stands at `at`, followed by the one at `next`.
    fn at(mut self, at: usize, next: usize) -> Vec<u8> {
        self.0.sort_by_key(|(tag, _)| *tag);
        let mut outside_at = at + 2 + 12 * self.0.len() + 4;
        let mut bytes = short(self.0.len()).to_vec();
        let mut outside = Vec::new();
        for (tag, value) in &self.0 {
            let (kind, count, mut body) = value.encoded();
            bytes.extend(tag.to_le_bytes());
            bytes.extend(kind.to_le_bytes());
            bytes.extend(long(count));
            if body.len() > 4 {
                bytes.extend(long(outside_at));
                body.resize(body.len().next_multiple_of(2), 0);
                outside_at += body.len();
                outside.extend(body);
            } else {
                body.resize(4, 0);
                bytes.extend(body);
            }
        }
        bytes.extend(long(next));
        bytes.extend(outside);
        bytes
    }
}

impl Exif {
    /// The whole TIFF structure: header, IFD0, the EXIF and GPS directories,
    /// and IFD1 with the thumbnail when there is one.
    pub fn tiff(&self) -> Vec<u8> {
        let mut main = self.main();
        let exif = self.shot();
        let gps = self.place.map(position);
        main.add(0x8769, Value::Long(0));
        if gps.is_some() {
            main.add(0x8825, Value::Long(0));
        }
        let main_at = 8;
        let exif_at = main_at + main.length();
        let gps_at = exif_at + exif.length();
        let thumbnail_at = gps_at + gps.as_ref().map_or(0, Directory::length);
        for (tag, value) in &mut main.0 {
            match *tag {
                0x8769 => *value = Value::Long(u32::from_le_bytes(long(exif_at))),
                0x8825 => *value = Value::Long(u32::from_le_bytes(long(gps_at))),
                _ => {}
            }
        }
        let next = if self.thumbnail.is_empty() {
            0
        } else {
            thumbnail_at
        };
        let mut bytes = b"II*\0\x08\0\0\0".to_vec();
        bytes.extend(main.at(main_at, next));
        bytes.extend(exif.at(exif_at, 0));
        if let Some(gps) = gps {
            bytes.extend(gps.at(gps_at, 0));
        }
        if !self.thumbnail.is_empty() {
            bytes.extend(self.embedded(thumbnail_at));
        }
        bytes
    }

    fn main(&self) -> Directory {
        let mut main = Directory::default();
        main.text(0x010E, &self.caption);
        main.text(0x010F, &self.make);
        main.text(0x0110, &self.model);
        if self.orientation > 0 {
            main.add(0x0112, Value::Short(self.orientation));
        }
        main.text(0x0132, &self.taken);
        main.text(0x013B, &self.artist);
        main
    }

    fn shot(&self) -> Directory {
        let mut shot = Directory::default();
        if let Some(speed) = self.exposure_per_second {
            shot.add(0x829A, Value::Rationals(vec![(1, speed)]));
        }
        if let Some(tenths) = self.aperture_tenths {
            shot.add(0x829D, Value::Rationals(vec![(tenths, 10)]));
        }
        if let Some(iso) = self.iso {
            shot.add(0x8827, Value::Short(iso));
        }
        shot.add(0x9000, Value::Undefined(b"0232".to_vec()));
        shot.text(0x9003, &self.taken);
        shot.text(0x9004, &self.taken);
        shot.text(0x9010, &self.offset);
        shot.text(0x9011, &self.offset);
        if let Some(length) = self.focal_length {
            shot.add(0x920A, Value::Rationals(vec![(length, 1)]));
        }
        if !self.comment.is_empty() {
            let mut comment = b"ASCII\0\0\0".to_vec();
            comment.extend(self.comment.as_bytes());
            shot.add(0x9286, Value::Undefined(comment));
        }
        shot.text(0xA431, &self.serial);
        shot.text(0xA434, &self.lens);
        shot
    }

    fn embedded(&self, at: usize) -> Vec<u8> {
        let mut directory = Directory::default();
        directory.add(0x0103, Value::Short(6));
        directory.add(0x0201, Value::Long(0));
        directory.add(
            0x0202,
            Value::Long(u32::from_le_bytes(long(self.thumbnail.len()))),
        );
        let bytes_at = at + directory.length();
        for (tag, value) in &mut directory.0 {
            if *tag == 0x0201 {
                *value = Value::Long(u32::from_le_bytes(long(bytes_at)));
            }
        }
        let mut bytes = directory.at(at, 0);
        bytes.extend(&self.thumbnail);
        bytes
    }
}

/// The GPS directory: each angle as whole degrees, whole minutes, and seconds
/// in ten-thousandths.
fn position((latitude, longitude, altitude): (f64, f64, f64)) -> Directory {
    let mut gps = Directory::default();
    gps.add(0x0000, Value::Byte(vec![2, 3, 0, 0]));
    for (tag, degrees, names) in [
        (0x0001, latitude, ["N", "S"]),
        (0x0003, longitude, ["E", "W"]),
    ] {
        let [positive, negative] = names;
        let name = if degrees < 0.0 { negative } else { positive };
        gps.add(tag, Value::Text(name.to_owned()));
        gps.add(tag + 1, Value::Rationals(angle(degrees.abs())));
    }
    gps.add(0x0005, Value::Byte(vec![u8::from(altitude < 0.0)]));
    gps.add(
        0x0006,
        Value::Rationals(vec![(whole(altitude.abs() * 100.0), 100)]),
    );
    gps
}

fn angle(degrees: f64) -> Vec<(u32, u32)> {
    let minutes = degrees.fract() * 60.0;
    let seconds = minutes.fract() * 60.0;
    vec![
        (whole(degrees.trunc()), 1),
        (whole(minutes.trunc()), 1),
        (whole(seconds * 10_000.0), 10_000),
    ]
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "only ever small positive numbers, and a saturating cast"
)]
fn whole(number: f64) -> u32 {
    number.round() as u32
}

/// EXIF fits into one 64 KiB segment, so counts and offsets are small.
fn long(number: usize) -> [u8; 4] {
    u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes()
}

fn short(number: usize) -> [u8; 2] {
    u16::try_from(number).unwrap_or(u16::MAX).to_le_bytes()
}
