//! Transparency laid on a light grey, which suits a light page and a dark one.

/// The grey, in all three channels, that shows through transparent pixels.
pub(crate) const GROUND: u8 = 0xf4;

/// Lays RGBA pixels on the ground, in their own memory, and leaves RGB.
pub(crate) fn on_ground(rgba: Vec<u8>) -> Vec<u8> {
    mixed(rgba, |channel, alpha| {
        u32::from(channel) * u32::from(alpha) + u32::from(GROUND) * u32::from(255 - alpha)
    })
}

/// The same for colours that were multiplied by their alpha already.
pub(crate) fn premultiplied_on_ground(rgba: Vec<u8>) -> Vec<u8> {
    mixed(rgba, |channel, alpha| {
        u32::from(channel) * 255 + u32::from(GROUND) * u32::from(255 - alpha)
    })
}

/// `sum` answers in 255ths.
fn mixed(mut rgba: Vec<u8>, sum: impl Fn(u8, u8) -> u32) -> Vec<u8> {
    let (mut from, mut to) = (0, 0);
    while let Some(&[red, green, blue, alpha]) = rgba.get(from..from + 4) {
        let channel = |channel| u8::try_from((sum(channel, alpha) + 127) / 255).unwrap_or(u8::MAX);
        let pixel = [channel(red), channel(green), channel(blue)];
        if let Some(place) = rgba.get_mut(to..to + 3) {
            place.copy_from_slice(&pixel);
        }
        from += 4;
        to += 3;
    }
    rgba.truncate(to);
    rgba
}
