//! What a file says about itself, besides its pixels.
//!
//! Each source is read by itself into [`Metadata`]; here they are laid over each
//! other. Of the camera EXIF is believed first, for cameras write nothing else;
//! of words XMP, for programs write them there first.

mod directory;
mod exif;
mod gif;
mod iptc;
pub(crate) mod movie;
pub(crate) mod name;
pub(crate) mod packets;
mod place;
mod quicktime;
pub(crate) mod taken;
mod text;
pub(crate) mod xmp;

use crate::decode::orientation::Orientation;
use crate::metadata::exif::Exif;
use crate::metadata::taken::offset_between;
use crate::metadata::xmp::{Xmp, space};
use crate::motion::motion;
use crate::{Format, Metadata, Span};

/// A thumbnail larger than this is none.
const MOST_THUMBNAIL: usize = 1 << 20;

/// All that a picture says about itself.
pub(crate) struct Read {
    /// Time, place, camera and words.
    pub(crate) metadata: Metadata,
    /// How the stored pixels are to be turned. HEIF, AVIF and JPEG XL turn them by
    /// their own means, which decoders follow, so that of theirs it is upright.
    pub(crate) orientation: Orientation,
    /// Whether the camera says its pixels are Adobe RGB without a profile.
    pub(crate) is_adobe_rgb: bool,
    /// The colour profile of a JPEG, WebP, TIFF or RAW; others' decoders find it.
    pub(crate) icc: Option<Vec<u8>>,
    /// The JPEG beside the picture, not turned, at most a mebibyte. It may show
    /// what the picture was before somebody cropped it.
    pub(crate) thumbnail: Option<Vec<u8>>,
    /// The video inside a motion photo.
    pub(crate) motion: Option<Span>,
}

/// Reads what a picture says about itself. Never fails: what is broken, absurd or
/// not there is unknown.
pub(crate) fn read(format: Format, bytes: &[u8]) -> Read {
    let packets = packets::find(format, bytes);
    let (exposure, gps) = packets.apart;
    let exif = packets.exif.as_deref().and_then(|tiff| match exposure {
        Some(_) => Exif::read_apart(tiff, exposure, gps),
        None => Exif::read(tiff),
    });
    let exif = exif.as_ref();
    let xmp = read_xmp(&packets, exif);
    let iptc = packets.iptc.as_deref().or_else(|| exif?.iptc());

    let metadata = merged(
        exif.map(Exif::metadata).unwrap_or_default(),
        xmp.as_ref().map(Xmp::metadata).unwrap_or_default(),
        iptc.map(iptc::metadata).unwrap_or_default(),
    );
    let fix = exif
        .and_then(Exif::gps_moment)
        .or_else(|| xmp.as_ref()?.gps_moment());
    let own = Read {
        metadata: with_fix(metadata, fix),
        orientation: match format {
            Format::Heif | Format::Avif | Format::Jxl => Orientation::UPRIGHT,
            _ => exif.map_or(Orientation::UPRIGHT, Exif::orientation),
        },
        is_adobe_rgb: exif.is_some_and(Exif::is_adobe_rgb),
        icc: packets
            .icc
            .or_else(|| exif.and_then(Exif::icc).map(<[u8]>::to_vec)),
        thumbnail: exif
            .and_then(Exif::thumbnail)
            .filter(|jpeg| jpeg.len() <= MOST_THUMBNAIL)
            .map(<[u8]>::to_vec),
        motion: match format {
            Format::Jpeg | Format::Heif | Format::Avif => motion(bytes, xmp.as_ref()),
            _ => None,
        },
    };
    let preview = exif.and_then(Exif::panasonic_jpeg);
    match preview.filter(|_| format == Format::Rw2) {
        Some(jpeg) => {
            let inner = read(Format::Jpeg, jpeg);
            Read {
                metadata: inner.metadata.or(own.metadata),
                thumbnail: inner.thumbnail,
                ..own
            }
        }
        None => own,
    }
}

fn read_xmp(packets: &packets::Packets, exif: Option<&Exif>) -> Option<Xmp> {
    let packet = packets.xmp.as_deref().or_else(|| exif?.xmp())?;
    let xmp = Xmp::read(packet)?;
    let named = xmp.value(space::NOTE, "HasExtendedXMP").unwrap_or_default();
    let extended = packets
        .extended_xmp
        .iter()
        .find(|(name, _)| *name == named.as_bytes())
        .and_then(|(_, packet)| Xmp::read(packet));
    Some(match extended {
        Some(extended) => xmp.or(extended),
        None => xmp,
    })
}

/// Lays the sources of a picture over each other.
fn merged(exif: Metadata, xmp: Metadata, iptc: Metadata) -> Metadata {
    let mut words = xmp.clone();
    text::add_tags(&mut words.tags, &iptc.tags);
    // Windows repeats the tags in its own way, so that these only stand in.
    let words = words.or(iptc.clone()).or(exif.clone());
    Metadata {
        rating: words.rating,
        title: words.title,
        description: words.description,
        tags: words.tags,
        ..exif.or(xmp).or(iptc)
    }
}

/// Completes the time by the instant of the GPS fix: the zone that it lacks, or
/// all of it.
fn with_fix(mut metadata: Metadata, fix: Option<i64>) -> Metadata {
    let Some(utc_ms) = fix else {
        return metadata;
    };
    match &mut metadata.taken {
        Some(taken) if taken.offset_minutes.is_none() => {
            taken.offset_minutes = offset_between(taken.local_ms, utc_ms);
        }
        Some(_) => {}
        None => metadata.taken = Some(taken::of_utc(utc_ms, crate::TakenFrom::Gps)),
    }
    metadata
}
