//! Disagreements with ExifTool that are understood: file, field, reason.

use Reason::*;

/// Why we say something else than ExifTool, or nothing.
#[derive(Clone, Copy, Debug)]
pub(super) enum Reason {
    /// EXIF's APEX value stands in for the plain one; ExifTool names it otherwise.
    Apex,
    /// The camera wrote its own name as a description.
    Boilerplate,
    /// What is seen is cropped; ExifTool gives the size before.
    Crop,
    /// The zone is told from the GPS fix.
    FixZone,
    /// Only the maker's undocumented note says it.
    MakerNote,
    /// Only a segment of before EXIF says it: Olympus's APP12, Canon's CIFF.
    MakerSegment,
    /// The number means that there is none: ISO 65535, a rating of −1.
    NoNumber,
    /// A header of OS/2, which ExifTool reads by the places of an older one.
    Os2Header,
    /// UTF-8 of no stated charset, which ExifTool takes for Latin-1.
    Utf8,
    /// photoshop:DateCreated is the time of the picture, xmp:CreateDate that of the file.
    XmpDate,
    /// XMP names the lens under `aux:Lens`.
    XmpLens,
    /// XMP states the zone of the same wall clock.
    XmpZone,
    /// IPTC's zone is zero, which is what programs write that know none.
    ZeroZone,
}

/// The disagreements.
#[rustfmt::skip]
pub(super) const ACCEPTED: &[(&str, &str, Reason)] = &[
    ("albums/cyclamen_persicum.jpg", "zone", XmpZone),
    ("albums/el_torcal_rocks.jpg", "lens", XmpLens),
    ("albums/prairie_falcon.jpg", "lens", XmpLens),
    ("albums/tanners_ridge.jpg", "lens", XmpLens),
    ("captions-tags/Chars_exiftool.jpg", "rating", NoNumber),
    ("captions-tags/digikam.jpg", "zone", FixZone),
    ("damaged/corrupted.jpg", "description", Boilerplate),
    ("damaged/endless_loop.jpg", "lens", MakerNote),
    ("dates/big_ben_no_tsoffset_but_gps_utc.jpg", "zone", FixZone),
    ("dates/big_ben_no_tsoffset_but_gps_utc_off_by_1min.jpg", "zone", FixZone),
    ("dates/big_ben_no_tsoffset_but_gps_utc_off_by_1min_no_xmpgps.jpg", "zone", FixZone),
    ("dates/date_issue.jpg", "zone", FixZone),
    ("exif/cameras/Canon_DIGITAL_IXUS_400.jpg", "iso", MakerNote),
    ("exif/cameras/Canon_DIGITAL_IXUS_400.jpg", "zone", XmpZone),
    ("exif/cameras/Fujifilm_FinePix6900ZOOM.jpg", "exposure", Apex),
    ("exif/cameras/Reconyx_HC500_Hyperfire.jpg", "taken", MakerNote),
    ("exif/cameras/Samsung_Digimax_i50_MP3.jpg", "description", Boilerplate),
    ("exif/exif-org/canon-ixus.jpg", "iso", MakerNote),
    ("exif/exif-org/fujifilm-dx10.jpg", "exposure", Apex),
    ("exif/exif-org/fujifilm-finepix40i.jpg", "exposure", Apex),
    ("exif/exif-org/fujifilm-mx1700.jpg", "exposure", Apex),
    ("exif/exif-org/kodak-dc240.jpg", "aperture", MakerNote),
    ("exif/exif-org/kodak-dc240.jpg", "exposure", MakerNote),
    ("exif/exif-org/kodak-dc240.jpg", "iso", NoNumber),
    ("exif/exif-org/olympus-c960.jpg", "description", Boilerplate),
    ("exif/exif-org/olympus-d320l.jpg", "aperture", MakerSegment),
    ("exif/exif-org/olympus-d320l.jpg", "exposure", MakerSegment),
    ("exif/exif-org/olympus-d320l.jpg", "taken", MakerSegment),
    ("exif/exif-org/ricoh-rdc5300.jpg", "aperture", Apex),
    ("exif/exif-org/ricoh-rdc5300.jpg", "exposure", Apex),
    ("exif/exif-org/sony-d700.jpg", "aperture", Apex),
    ("exif/exif-org/sony-d700.jpg", "exposure", Apex),
    ("exif/exif-org/sony-powershota5.jpg", "focal length", MakerSegment),
    ("exif/exif-org/sony-powershota5.jpg", "make", MakerSegment),
    ("exif/exif-org/sony-powershota5.jpg", "model", MakerSegment),
    ("exif/exif-org/sony-powershota5.jpg", "taken", MakerSegment),
    ("exif/jolla.jpg", "zone", XmpZone),
    ("exif/tests/11-tests.jpg", "iso", MakerNote),
    ("exif/tests/28-hex_value.jpg", "iso", MakerNote),
    ("exif/tests/35-empty.jpg", "iso", MakerNote),
    ("formats/avif/kimono.crop.avif", "height", Crop),
    ("formats/avif/kimono.crop.avif", "width", Crop),
    ("formats/bmp/rgb24rle24.bmp", "height", Os2Header),
    ("formats/heic/IMG_2682.heic", "zone", FixZone),
    ("formats/raw/DNG.dng", "lens", XmpLens),
    ("formats/raw/DNG.dng", "zone", XmpZone),
    ("gps/thompson-springs.jpg", "lens", XmpLens),
    ("motion-live/motion_photo_pixel_synth.jpg", "zone", FixZone),
    ("names/its  a along directory name. with special caracters(_.-.,-.,) 1234 56789 űáéú őóüö/IMG_8943.jpg", "lens", XmpLens),
    ("names/its  a along directory name. with special caracters(_.-.,-.,) 1234 56789 űáéú őóüö/IMG_8943.jpg", "zone", ZeroZone),
    ("names/its  a along directory name. with special caracters(_.-.,-.,) 1234 56789 űáéú őóüö/subdirectory/IMG_8824.jpg", "lens", XmpLens),
    ("names/its  a along directory name. with special caracters(_.-.,-.,) 1234 56789 űáéú őóüö/subdirectory/IMG_8824.jpg", "zone", ZeroZone),
    ("orientation/broken_orientation_exif.jpg", "zone", FixZone),
    ("photos/IMG_1252.jpg", "lens", XmpLens),
    ("photos/IMG_1252.jpg", "zone", ZeroZone),
    ("photos/IMG_1401.jpg", "lens", XmpLens),
    ("photos/IMG_1401.jpg", "zone", ZeroZone),
    ("sidecar-xmp/2000.xmp", "taken", XmpDate),
    ("sidecar-xmp/2000.xmp", "zone", XmpDate),
    ("sidecar-xmp/2010.xmp", "taken", XmpDate),
    ("sidecar-xmp/2010.xmp", "zone", XmpDate),
    ("sidecar-xmp/2020.xmp", "taken", XmpDate),
    ("sidecar-xmp/2020.xmp", "zone", XmpDate),
    ("sidecar-xmp/20240107_110258.jpg", "tags", Utf8),
    ("sidecar-xmp/20240121_102400.JPG", "tags", Utf8),
    ("sidecar-xmp/20240121_102400.JPG.xmp", "taken", XmpDate),
    ("sidecar-xmp/testimagedesc1.xmp", "lens", XmpLens),
];
