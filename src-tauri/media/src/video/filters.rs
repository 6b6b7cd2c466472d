//! The filters between a video's own frames and an ordinary screen: size,
//! fields, tones and colours.

use super::probe::{Probed, VideoTrack};
use super::tools::Tools;

/// A frame of `size` made to fit in a box of `long` by `short` pixels, lying or
/// standing as the frame does; never enlarged, never nothing.
pub(super) fn fit(size: (u32, u32), long: u32, short: u32) -> (u32, u32) {
    let (width, height) = (u64::from(size.0.max(1)), u64::from(size.1.max(1)));
    let (longer, shorter) = (width.max(height), width.min(height));
    let (long, short) = (u64::from(long), u64::from(short));
    // The ratio that shrinks more, as a fraction.
    let (by, of) = if long * shorter <= short * longer {
        (long, longer)
    } else {
        (short, shorter)
    };
    if by >= of {
        return size;
    }
    let scaled = |length: u64| {
        u32::try_from((length * by + of / 2) / of)
            .unwrap_or(u32::MAX)
            .max(1)
    };
    (scaled(width), scaled(height))
}

/// The size, field and tone filters for frames of `size`, joined by commas;
/// `chosen` goes in between, where frames are small but not yet mapped. What
/// comes out is an ordinary screen's Rec. 709 or 601 in some layout of pixels.
pub(super) fn to_screen(tools: &Tools, probed: &Probed, size: (u32, u32), chosen: &str) -> String {
    let (width, height) = size;
    let scale =
        format!("scale={width}:{height}:flags=bicubic+accurate_rnd+full_chroma_int,setsar=1");
    let mut filters = vec![scale];
    if !chosen.is_empty() {
        filters.push(chosen.to_owned());
    }
    if tools.maps_tones() {
        filters.extend(to_rec709(&probed.video));
    }
    filters.join(",")
}

/// Whether the light is of a screen much brighter than ordinary ones: PQ or
/// HLG (Rec. ITU-R BT.2100).
fn is_hdr(video: &VideoTrack) -> bool {
    matches!(video.transfer.as_str(), "smpte2084" | "arib-std-b67")
}

/// Maps HDR's tones and the colours of Rec. 2020 and Display P3; what ordinary
/// screens show passes as it is.
///
/// The white of a page (203 candela, Rec. ITU-R BT.2408) becomes nearly that of
/// the screen; only what is brighter is compressed, so that faces look as they
/// do in an ordinary video.
fn to_rec709(video: &VideoTrack) -> Option<String> {
    let wide = matches!(video.primaries.as_str(), "bt2020" | "smpte432" | "smpte431");
    if !wide && !is_hdr(video) {
        return None;
    }
    // `zscale` wants every one of these named, and files forget some.
    let or = |known: &str, usual: &str| if known.is_empty() { usual } else { known }.to_owned();
    let named = format!(
        "setparams=color_trc={}:color_primaries={}:colorspace={}",
        or(&video.transfer, "bt709"),
        or(&video.primaries, "bt2020"),
        or(&video.matrix, "bt2020nc"),
    );
    Some(if is_hdr(video) {
        format!(
            "{named},zscale=t=linear:npl=203,format=gbrpf32le,zscale=p=bt709,\
             tonemap=mobius:param=0.5:desat=0,zscale=t=bt709:m=bt709:r=limited,format=yuv444p"
        )
    } else {
        format!("{named},zscale=p=bt709:t=bt709:m=bt709")
    })
}

/// Bits of one sample in a layout of pixels, by its name.
pub(super) fn bits(pixel_format: &str) -> u32 {
    let name = pixel_format.trim_end_matches("le").trim_end_matches("be");
    let deep = [9, 10, 12, 14, 16].into_iter().find(|bits| {
        let planar = name.ends_with(&format!("p{bits}"));
        planar || name == format!("gray{bits}") || name == format!("p0{bits}")
    });
    deep.unwrap_or(8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_fit_lying_and_standing() {
        assert_eq!(fit((3840, 2160), 1920, 1080), (1920, 1080));
        assert_eq!(fit((2160, 3840), 1920, 1080), (1080, 1920));
        assert_eq!(fit((1440, 1440), 1920, 1080), (1080, 1080));
        assert_eq!(fit((4000, 1000), 1920, 1080), (1920, 480));
        assert_eq!(fit((640, 360), 1920, 1080), (640, 360));
        assert_eq!(fit((1_000_000, 1), 1440, 1440), (1440, 1));
        assert_eq!(fit((0, 0), 1440, 1440), (0, 0));
    }

    #[test]
    fn depths_are_known_by_name() {
        for (name, deep) in [
            ("yuv420p", 8),
            ("yuvj420p", 8),
            ("yuv420p10le", 10),
            ("yuv422p10be", 10),
            ("yuv444p12le", 12),
            ("gray16le", 16),
            ("p010le", 10),
            ("bgr24", 8),
            ("", 8),
        ] {
            assert_eq!(bits(name), deep, "{name}");
        }
    }
}
