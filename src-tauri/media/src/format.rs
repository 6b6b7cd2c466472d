//! The formats a photo library holds, by the names people use for them.

use serde::{Deserialize, Serialize};

/// A format whose pictures or videos are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Format {
    /// JPEG (ITU T.81), eight bits.
    Jpeg,
    /// PNG, also animated (its still picture is shown).
    Png,
    /// WebP, also animated (its first frame is shown).
    WebP,
    /// GIF, also animated (its first frame is shown).
    Gif,
    /// TIFF 6 and BigTIFF (its first page is shown).
    Tiff,
    /// Windows bitmap.
    Bmp,
    /// AV1 image file (AVIF).
    Avif,
    /// HEVC image file (ISO/IEC 23008-12): HEIC and its kin.
    Heif,
    /// JPEG XL (ISO/IEC 18181), bare or in its container.
    Jxl,
    /// Adobe's digital negative, also Apple ProRAW.
    Dng,
    /// Canon RAW, second version.
    Cr2,
    /// Canon RAW, third version.
    Cr3,
    /// Nikon RAW.
    Nef,
    /// Sony RAW.
    Arw,
    /// Fujifilm RAW.
    Raf,
    /// Olympus RAW.
    Orf,
    /// Panasonic RAW.
    Rw2,
    /// Pentax RAW.
    Pef,
    /// Samsung RAW.
    Srw,
    /// MPEG-4 video.
    Mp4,
    /// QuickTime video.
    Mov,
    /// WebM video.
    WebM,
    /// Matroska video.
    Mkv,
    /// AVI video.
    Avi,
    /// 3GPP video.
    ThreeGp,
}

/// How a format's files are turned into pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One picture, decoded whole.
    Photo,
    /// A sensor's readings, shown by the preview that the camera left inside.
    Raw,
    /// Moving pictures.
    Video,
}

impl Format {
    /// How its files are turned into pictures.
    pub fn kind(self) -> Kind {
        use Format::*;
        match self {
            Jpeg | Png | WebP | Gif | Tiff | Bmp | Avif | Heif | Jxl => Kind::Photo,
            Dng | Cr2 | Cr3 | Nef | Arw | Raf | Orf | Rw2 | Pef | Srw => Kind::Raw,
            Mp4 | Mov | WebM | Mkv | Avi | ThreeGp => Kind::Video,
        }
    }

    /// The media type, as registered with IANA, or the one in common use.
    pub fn mime(self) -> &'static str {
        self.row().0
    }

    /// The usual file name extension, without the dot.
    pub fn extension(self) -> &'static str {
        self.row().1
    }

    /// What people call it.
    pub fn name(self) -> &'static str {
        self.row().2
    }

    fn row(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Format::Jpeg => ("image/jpeg", "jpg", "JPEG"),
            Format::Png => ("image/png", "png", "PNG"),
            Format::WebP => ("image/webp", "webp", "WebP"),
            Format::Gif => ("image/gif", "gif", "GIF"),
            Format::Tiff => ("image/tiff", "tif", "TIFF"),
            Format::Bmp => ("image/bmp", "bmp", "BMP"),
            Format::Avif => ("image/avif", "avif", "AVIF"),
            Format::Heif => ("image/heic", "heic", "HEIC"),
            Format::Jxl => ("image/jxl", "jxl", "JPEG XL"),
            Format::Dng => ("image/x-adobe-dng", "dng", "DNG"),
            Format::Cr2 => ("image/x-canon-cr2", "cr2", "CR2"),
            Format::Cr3 => ("image/x-canon-cr3", "cr3", "CR3"),
            Format::Nef => ("image/x-nikon-nef", "nef", "NEF"),
            Format::Arw => ("image/x-sony-arw", "arw", "ARW"),
            Format::Raf => ("image/x-fuji-raf", "raf", "RAF"),
            Format::Orf => ("image/x-olympus-orf", "orf", "ORF"),
            Format::Rw2 => ("image/x-panasonic-rw2", "rw2", "RW2"),
            Format::Pef => ("image/x-pentax-pef", "pef", "PEF"),
            Format::Srw => ("image/x-samsung-srw", "srw", "SRW"),
            Format::Mp4 => ("video/mp4", "mp4", "MP4"),
            Format::Mov => ("video/quicktime", "mov", "MOV"),
            Format::WebM => ("video/webm", "webm", "WebM"),
            Format::Mkv => ("video/x-matroska", "mkv", "MKV"),
            Format::Avi => ("video/x-msvideo", "avi", "AVI"),
            Format::ThreeGp => ("video/3gpp", "3gp", "3GP"),
        }
    }
}

/// The usual file name extension for a media type of ours.
pub fn extension_of(mime: &str) -> &'static str {
    Format::of_mime(mime).map_or("bin", Format::extension)
}

const ALL: [Format; 25] = {
    use Format::*;
    [
        Jpeg, Png, WebP, Gif, Tiff, Bmp, Avif, Heif, Jxl, Dng, Cr2, Cr3, Nef, Arw, Raf, Orf, Rw2,
        Pef, Srw, Mp4, Mov, WebM, Mkv, Avi, ThreeGp,
    ]
};

impl Format {
    /// The format with this media type.
    pub fn of_mime(mime: &str) -> Option<Format> {
        ALL.into_iter().find(|format| format.mime() == mime)
    }
}
