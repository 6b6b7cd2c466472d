//! From a picture's own colours to sRGB, so that renditions need no profile.
//!
//! A profile that is broken, or of another kind than the pixels, is ignored: a
//! picture in slightly wrong colours is worth more than none.

use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};

use moxcms::{
    Chromaticity, CicpProfile, ColorPrimaries, ColorProfile, DataColorSpace, Layout,
    MatrixCoefficients, ToneReprCurve, TransformOptions,
};

use pixels::{Ink, Pixels};

/// Where a picture's colours are defined.
#[derive(Clone, Debug)]
pub(crate) enum Colour {
    /// Nothing is said: sRGB.
    Unstated,
    /// They are in sRGB, whatever else the file says.
    Srgb,
    /// By an embedded ICC profile.
    Profile(Vec<u8>),
    /// By code points (ITU-T H.273), as video and HEIF have them.
    Coded {
        /// `ColourPrimaries`.
        primaries: u32,
        /// `TransferCharacteristics`.
        transfer: u32,
    },
    /// By measures of the light, as PNG has them; what is missing is as in sRGB.
    Measured {
        /// The power that light is of the stored values.
        gamma: Option<f32>,
        /// The light of each channel, and of all together.
        primaries: Option<Chromaticities>,
    },
    /// By EXIF's interoperability index `R03` (DCF 2.0): Adobe RGB (1998).
    AdobeRgb,
}

/// Places in the CIE's xy diagram.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chromaticities {
    /// The white point.
    pub(crate) white: (f32, f32),
    /// Red alone.
    pub(crate) red: (f32, f32),
    /// Green alone.
    pub(crate) green: (f32, f32),
    /// Blue alone.
    pub(crate) blue: (f32, f32),
}

impl Chromaticities {
    /// Whether the white lies between the three, and all in the diagram.
    fn make_white(self) -> bool {
        let corners = [self.red, self.green, self.blue];
        let inside = |(x, y): &(f32, f32)| (0.0..=1.0).contains(x) && *y > 0.0 && *y <= 1.0;
        let side = |from: (f32, f32), to: (f32, f32)| {
            let (from, to) = (
                (from.0 - self.white.0, from.1 - self.white.1),
                (to.0 - self.white.0, to.1 - self.white.1),
            );
            from.0 * to.1 - from.1 * to.0
        };
        let sides = [
            side(self.red, self.green),
            side(self.green, self.blue),
            side(self.blue, self.red),
        ];
        corners.iter().all(inside)
            && (sides.iter().all(|side| *side > 0.0) || sides.iter().all(|side| *side < 0.0))
    }
}

impl Colour {
    /// By an embedded profile, when there is one.
    pub(crate) fn of_profile(icc: Option<Vec<u8>>) -> Colour {
        icc.map_or(Colour::Unstated, Colour::Profile)
    }

    /// What the metadata says of the colours, where the decoder found nothing:
    /// its profile, or that they are Adobe RGB.
    pub(crate) fn or_stated(self, icc: Option<Vec<u8>>, is_adobe_rgb: bool) -> Colour {
        match (self, icc) {
            (Colour::Unstated, Some(icc)) => Colour::Profile(icc),
            (Colour::Unstated, None) if is_adobe_rgb => Colour::AdobeRgb,
            (found, _) => found,
        }
    }

    /// The same pixels in sRGB, as light, no longer as printing inks.
    pub(crate) fn to_srgb(&self, pixels: Pixels) -> Pixels {
        let profile = match self {
            Colour::Unstated | Colour::Srgb => None,
            Colour::Profile(icc) => read_profile(icc),
            Colour::Coded {
                primaries,
                transfer,
            } => coded_profile(*primaries, *transfer),
            Colour::Measured { gamma, primaries } => Some(measured_profile(*gamma, *primaries)),
            Colour::AdobeRgb => Some(ColorProfile::new_adobe_rgb()),
        };
        // The profile is a stranger's program of curves and tables: whatever it
        // does to the converter, the picture survives.
        let converted = profile.and_then(|profile| {
            catch_unwind(AssertUnwindSafe(|| convert(&profile, &pixels)))
                .ok()
                .flatten()
        });
        match converted {
            Some(bytes) => Pixels {
                bytes,
                ink: Ink::Rgb,
                ..pixels
            },
            None => plain_rgb(pixels),
        }
    }
}

/// The profile of code points, or `None` for those that mean sRGB or nothing:
/// video's own transfer curves are shown as sRGB by everyone.
fn coded_profile(primaries: u32, transfer: u32) -> Option<ColorProfile> {
    const BT709: u32 = 1;
    const UNSPECIFIED: u32 = 2;
    let plain_curve = matches!(transfer, 0 | 1 | UNSPECIFIED | 6 | 13 | 14 | 15);
    if plain_curve && matches!(primaries, 0 | BT709 | UNSPECIFIED) {
        return None;
    }
    let transfer = if plain_curve { 13 } else { transfer };
    Some(ColorProfile::new_from_cicp(CicpProfile {
        color_primaries: u8::try_from(primaries).ok()?.try_into().ok()?,
        transfer_characteristics: u8::try_from(transfer).ok()?.try_into().ok()?,
        matrix_coefficients: MatrixCoefficients::Identity,
        full_range: true,
    }))
}

/// The profile of measures. Primaries that do not make their white are nonsense.
fn measured_profile(gamma: Option<f32>, primaries: Option<Chromaticities>) -> ColorProfile {
    let stated = primaries.and_then(profile_of_primaries);
    let mut profile = stated.unwrap_or_else(ColorProfile::new_srgb);
    if let Some(gamma) = gamma {
        let curve = ToneReprCurve::Parametric(vec![gamma]);
        profile.cicp = None;
        profile.red_trc = Some(curve.clone());
        profile.green_trc = Some(curve.clone());
        profile.blue_trc = Some(curve);
    }
    profile
}

/// sRGB but for its primaries.
fn profile_of_primaries(stated: Chromaticities) -> Option<ColorProfile> {
    let place = |(x, y)| Chromaticity::new(x, y);
    let primaries = ColorPrimaries {
        red: place(stated.red),
        green: place(stated.green),
        blue: place(stated.blue),
    };
    let mut profile = ColorProfile::new_srgb();
    profile.update_rgb_colorimetry(place(stated.white).to_xyyb(), primaries);
    stated.make_white().then_some(profile)
}

fn read_profile(icc: &[u8]) -> Option<ColorProfile> {
    catch_unwind(|| ColorProfile::new_from_slice(icc).ok())
        .ok()
        .flatten()
}

/// The pixels in sRGB, or `None` when the profile does not fit them or would
/// change nothing.
fn convert(profile: &ColorProfile, pixels: &Pixels) -> Option<Vec<u8>> {
    let layout = match (pixels.ink, profile.color_space) {
        (Ink::Rgb | Ink::Ycbcr { .. }, DataColorSpace::Rgb) => Layout::Rgb,
        (Ink::Rgb | Ink::Ycbcr { .. }, DataColorSpace::Gray) => Layout::Gray,
        (Ink::Cmyk, DataColorSpace::Cmyk) => Layout::Rgba,
        _ => return None,
    };
    let transform = profile
        .create_transform_8bit(
            layout,
            &ColorProfile::new_srgb(),
            Layout::Rgb,
            TransformOptions::default(),
        )
        .ok()?;
    if layout == Layout::Rgb {
        let probe = probe_colours();
        let mut answer = vec![0; probe.len()];
        transform.transform(&probe, &mut answer).ok()?;
        if probe.iter().zip(&answer).all(|(a, b)| a.abs_diff(*b) <= 1) {
            return None;
        }
    }
    let light = match layout {
        Layout::Rgba => Cow::Borrowed(pixels),
        _ => pixels.rgb_at((pixels.width, pixels.height)).ok()?,
    };
    let source = match layout {
        Layout::Gray => Cow::Owned(light.bytes.iter().copied().step_by(3).collect()),
        _ => Cow::Borrowed(&light.bytes),
    };
    let mut bytes = vec![0; pixels.width as usize * pixels.height as usize * 3];
    transform.transform(&source, &mut bytes).ok()?;
    Some(bytes)
}

/// Colours all over the cube: a profile that leaves them alone is sRGB,
/// whatever it is called.
fn probe_colours() -> Vec<u8> {
    let steps = [0, 64, 128, 192, 255];
    let mut colours = Vec::with_capacity(375);
    for red in steps {
        for green in steps {
            for blue in steps {
                colours.extend([red, green, blue]);
            }
        }
    }
    colours
}

/// Without a usable profile: light is taken for sRGB, inks are multiplied.
fn plain_rgb(pixels: Pixels) -> Pixels {
    if pixels.ink != Ink::Cmyk {
        return pixels;
    }
    let mut bytes = Vec::with_capacity(pixels.bytes.len() / 4 * 3);
    for ink in pixels.bytes.chunks_exact(4) {
        let &[cyan, magenta, yellow, black] = ink else {
            continue;
        };
        let light = |ink: u8| {
            let product = u16::from(255 - ink) * u16::from(255 - black);
            u8::try_from((product + 127) / 255).unwrap_or(u8::MAX)
        };
        bytes.extend([light(cyan), light(magenta), light(yellow)]);
    }
    Pixels {
        bytes,
        ink: Ink::Rgb,
        ..pixels
    }
}
