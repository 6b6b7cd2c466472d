//! Files that ExifTool filled with forty strings, in every tag it can write:
//! none is in the clean copy, ExifTool finds none, and the picture is the same.

use std::io::Cursor;
use std::process::Command;

use image::ImageFormat;

use super::camera::{jpeg_of, noise, quadrants};
use super::clean::{
    OnDisk, field, has, output, seeds, shown_by_others, told_by_exiftool, without_seeds,
};
use super::fixtures::fixtures;
use crate::{Format, Kind};

/// Tags of all groups that take words; a format that has no place for one
/// leaves it out.
const TAGS: &[&str] = &[
    "EXIF:Make",
    "EXIF:Model",
    "EXIF:Artist",
    "EXIF:Copyright",
    "EXIF:ImageDescription",
    "EXIF:Software",
    "EXIF:SerialNumber",
    "EXIF:LensModel",
    "EXIF:LensSerialNumber",
    "EXIF:OwnerName",
    "EXIF:UserComment",
    "EXIF:XPTitle",
    "EXIF:XPComment",
    "EXIF:XPAuthor",
    "EXIF:XPKeywords",
    "EXIF:GPSAreaInformation",
    "EXIF:GPSProcessingMethod",
    "EXIF:DocumentName",
    "EXIF:HostComputer",
    "XMP-dc:Title",
    "XMP-dc:Description",
    "XMP-dc:Creator",
    "XMP-dc:Subject",
    "XMP-dc:Rights",
    "XMP-photoshop:City",
    "XMP-photoshop:Headline",
    "XMP-aux:SerialNumber",
    "XMP-xmp:CreatorTool",
    "XMP-iptcExt:PersonInImage",
    "IPTC:Keywords",
    "IPTC:By-line",
    "IPTC:Caption-Abstract",
    "IPTC:City",
    "IPTC:ObjectName",
    "Photoshop:CopyrightFlag",
    "Comment",
    "PNG:Author",
    "PNG:Title",
    "ItemList:Title",
    "ItemList:Comment",
    "Keys:Artist",
    "Keys:Description",
    "Keys:LocationName",
    "UserData:Author",
    "UserData:Model",
    "QuickTime:Album",
];

/// Numbers that tell as much as words.
const NUMBERS: &[&str] = &[
    "-GPSLatitude=48.2049",
    "-GPSLatitudeRef=N",
    "-GPSLongitude=16.3710",
    "-GPSLongitudeRef=E",
    "-Keys:GPSCoordinates=48.2049, 16.3710, 171",
    "-DateTimeOriginal=2019:03:04 05:06:07",
    "-CreateDate=2019:03:04 05:06:07",
    "-QuickTime:TrackCreateDate=2019:03:04 05:06:07",
    "-QuickTime:MediaCreateDate=2019:03:04 05:06:07",
];

/// Names of what must not be told of a clean copy, in any group.
const TELLING: &[&str] = &[
    "GPS",
    "Serial",
    "2019:03",
    "Owner",
    "Artist",
    "Creator",
    "Author",
    "Comment",
    "Caption",
    "Keyword",
    "Subject",
    "Description\"",
    "XMP",
    "Thumbnail",
    "Software",
    "City",
    "Make\"",
    "Model\"",
];

/// `bytes` with a string in every tag that ExifTool can write.
fn seeded(bytes: &[u8], format: Format) -> Vec<u8> {
    let file = OnDisk::new(bytes, format);
    let mut command = Command::new("exiftool");
    command.args(["-q", "-q", "-m", "-overwrite_original"]);
    // Each tag by itself, because one that is refused refuses the others.
    for (tag, seed) in TAGS.iter().zip(seeds().iter().cycle()) {
        command.arg(format!("-{tag}={seed}"));
    }
    command.args(NUMBERS).arg(&file.0).status().unwrap();
    std::fs::read(&file.0).unwrap()
}

#[track_caller]
fn assert_clean(plain: &[u8], format: Format, at_least: usize) {
    let original = seeded(plain, format);
    let clean = without_seeds(format, &original, at_least);
    let told = told_by_exiftool(&clean, format);
    for name in TELLING {
        // A colour profile and a group of samples have descriptions, too.
        let own = ["Profile", "DeviceM", "SampleGroup"];
        let lines = told
            .lines()
            .filter(|line| !own.iter().any(|word| line.contains(word)));
        let found: Vec<&str> = lines.filter(|line| line.contains(name)).collect();
        assert!(found.is_empty(), "{format:?}: {name} in {found:#?}");
    }
    let needs = if format.kind() == Kind::Video {
        "ffmpeg"
    } else {
        "identify"
    };
    if has(needs, "assert_clean") {
        let shown = shown_by_others(&original, format);
        assert!(!shown.is_empty(), "{format:?}");
        assert_eq!(shown_by_others(&clean, format), shown, "{format:?}");
    }
    let profile = field(&original, format, "-ICC_Profile");
    assert_eq!(field(&clean, format, "-ICC_Profile"), profile, "{format:?}");
    let orientation = |bytes: &[u8]| field(bytes, format, "-Orientation");
    let upright = |way: Vec<u8>| if way == b"1" { Vec::new() } else { way };
    let ways = [&original, &clean].map(|bytes| upright(orientation(bytes)));
    if format != Format::Tiff {
        assert_eq!(ways[0], ways[1], "{format:?}");
    }
}

fn written(format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let scene = image::DynamicImage::ImageRgb8(noise(64, 48));
    scene.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

#[test]
fn pictures_that_exiftool_filled_are_clean() {
    if !has("exiftool", "pictures_that_exiftool_filled_are_clean") {
        return;
    }
    assert_clean(&jpeg_of(&quadrants(64, 48)), Format::Jpeg, 30);
    assert_clean(&written(ImageFormat::Png), Format::Png, 30);
    assert_clean(&written(ImageFormat::WebP), Format::WebP, 20);
    assert_clean(&written(ImageFormat::Gif), Format::Gif, 9);
    assert_clean(&written(ImageFormat::Tiff), Format::Tiff, 30);
}

#[test]
fn heic_and_avif_that_exiftool_filled_are_clean() {
    let test = "heic_and_avif_that_exiftool_filled_are_clean";
    let Some(folder) = fixtures(test) else {
        return;
    };
    if !has("exiftool", test) {
        return;
    }
    for (file, format) in [
        ("formats/heic/samplefilehub.heif", Format::Heif),
        ("formats/heic/IMG_5195.HEIC", Format::Heif),
        ("formats/avif/kimono.rotate90.avif", Format::Avif),
    ] {
        let bytes = std::fs::read(folder.join(file)).unwrap();
        assert_clean(&bytes, format, 20);
    }
}

/// A second of a test picture and a tone, by ffmpeg.
fn video(format: Format, options: &[&str]) -> Vec<u8> {
    let file = OnDisk::new(b"", format);
    let made = Command::new("ffmpeg")
        .args([
            "-v",
            "error",
            "-y",
            "-f",
            "lavfi",
            "-i",
            "testsrc=size=128x96:rate=10:duration=1",
        ])
        .args([
            "-f",
            "lavfi",
            "-i",
            "sine=duration=1",
            "-pix_fmt",
            "yuv420p",
        ])
        .args([
            "-metadata",
            "title=Qx7Seed00",
            "-metadata:s:v",
            "handler_name=Qx7Seed01",
        ])
        .args(["-timecode", "05:06:07:00"])
        .args(options)
        .arg(&file.0)
        .status()
        .unwrap();
    assert!(made.success(), "{format:?} {options:?}");
    std::fs::read(&file.0).unwrap()
}

#[test]
fn videos_that_exiftool_filled_are_clean() {
    let test = "videos_that_exiftool_filled_are_clean";
    if !has("exiftool", test) || !has("ffmpeg", test) {
        return;
    }
    assert_clean(&video(Format::Mp4, &[]), Format::Mp4, 15);
    assert_clean(
        &video(Format::Mp4, &["-movflags", "faststart"]),
        Format::Mp4,
        15,
    );
    assert_clean(&video(Format::Mov, &["-c:a", "pcm_s16be"]), Format::Mov, 15);
    assert_clean(
        &video(Format::Mov, &["-c:v", "mjpeg", "-c:a", "adpcm_ima_qt"]),
        Format::Mov,
        15,
    );
    assert_clean(&video(Format::Mov, &["-c:v", "prores"]), Format::Mov, 15);
    let phone = [
        "-c:v",
        "h263",
        "-s",
        "176x144",
        "-c:a",
        "aac",
        "-timecode",
        "",
    ];
    assert_clean(&video(Format::ThreeGp, &phone), Format::ThreeGp, 5);
    let fragmented = video(Format::Mp4, &["-movflags", "frag_keyframe+empty_moov"]);
    let error = super::clean::cleaned(Format::Mp4, &fragmented).unwrap_err();
    assert!(error.to_string().contains("fragments"), "{error}");
}

#[test]
fn subtitles_and_chapters_of_a_video_go() {
    let test = "subtitles_and_chapters_of_a_video_go";
    if !has("ffmpeg", test) {
        return;
    }
    let words = OnDisk::new(
        b"1\n00:00:00,000 --> 00:00:01,000\nQx7Seed02\n",
        Format::Mkv,
    );
    let chapters = b";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/10\nSTART=0\nEND=10\ntitle=Qx7Seed03\n";
    let chapters = OnDisk::new(chapters, Format::Mkv);
    let [words, chapters] = [&words, &chapters].map(|file| file.0.to_str().unwrap().to_owned());
    let plain = OnDisk::new(&video(Format::Mp4, &[]), Format::Mp4);
    let inputs = [
        "-v",
        "error",
        "-f",
        "srt",
        "-i",
        &words,
        "-f",
        "ffmetadata",
        "-i",
        &chapters,
        "-i",
    ];
    let target = OnDisk::new(b"", Format::Mp4);
    let path = target.0.to_str().unwrap().to_owned();
    let maps = [
        "-map",
        "2:v",
        "-map",
        "2:a",
        "-map",
        "0:s",
        "-map_chapters",
        "1",
        "-c",
        "copy",
        "-c:s",
        "mov_text",
        "-y",
        &path,
    ];
    output("ffmpeg", &inputs, &plain, &maps);
    let original = std::fs::read(&target.0).unwrap();
    let clean = without_seeds(Format::Mp4, &original, 3);
    assert_eq!(
        shown_by_others(&clean, Format::Mp4),
        shown_by_others(&original, Format::Mp4)
    );
}
