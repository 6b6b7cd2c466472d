//! Points on the Earth, in the ways that files write them down.

use crate::Place;

/// A point that can be one: within the sphere, and not 0°, 0°, which is what a
/// receiver without a fix writes.
pub(crate) fn checked(latitude: f64, longitude: f64, altitude: Option<f64>) -> Option<Place> {
    let within = (-90.0..=90.0).contains(&latitude) && (-180.0..=180.0).contains(&longitude);
    let nowhere = latitude == 0.0 && longitude == 0.0;
    (within && !nowhere).then_some(Place {
        latitude,
        longitude,
        altitude: altitude.filter(|metres| metres.abs() < 100_000.0),
    })
}

/// A coordinate of XMP (ISO 16684-2, "GPSCoordinate"): `DDD,MM.mmk` or
/// `DDD,MM,SSk`, where `k` is N, S, E or W. Also plain signed degrees, which
/// some write.
pub(crate) fn of_xmp(text: &str) -> Option<f64> {
    let text = text.trim();
    let (digits, sign) = match text.chars().next_back()?.to_ascii_uppercase() {
        'N' | 'E' => (text.get(..text.len() - 1)?, 1.0),
        'S' | 'W' => (text.get(..text.len() - 1)?, -1.0),
        _ => return finite(text),
    };
    let mut parts = digits.split(',');
    let mut degrees = finite(parts.next()?)?;
    for unit in [60.0, 3600.0] {
        degrees += parts.next().map_or(Some(0.0), finite)? / unit;
    }
    (parts.next().is_none() && degrees >= 0.0).then_some(sign * degrees)
}

/// A point by ISO 6709, annex H: `+DD.DDDD-DDD.DDDD+AAA.AAA/`, where degrees may
/// be followed by minutes and seconds without a mark between them.
pub(crate) fn of_iso_6709(text: &str) -> Option<Place> {
    let text = text.trim();
    let text = text.split(['/', 'C']).next()?;
    let mut starts: Vec<usize> = text.match_indices(['+', '-']).map(|(at, _)| at).collect();
    if starts.first() != Some(&0) {
        return None;
    }
    starts.push(text.len());
    let mut parts = starts.iter().zip(starts.iter().skip(1));
    let mut part = || {
        let (from, to) = parts.next()?;
        text.get(*from..*to)
    };
    let (latitude, longitude) = (part()?, part()?);
    let altitude = part().and_then(finite);
    checked(degrees(latitude, 2)?, degrees(longitude, 3)?, altitude)
}

/// `±D…[MM[SS]][.fraction]` with `whole` digits of degrees.
fn degrees(text: &str, whole: usize) -> Option<f64> {
    let (sign, digits) = text.split_at_checked(1)?;
    let integer = digits.split('.').next()?.len();
    let number = |from: usize, to: usize| finite(digits.get(from..to)?);
    let end = digits.len();
    let degrees = match integer.checked_sub(whole) {
        Some(2) => number(0, whole)? + number(whole, end)? / 60.0,
        Some(4) => {
            let minutes = number(whole, whole + 2)?;
            number(0, whole)? + minutes / 60.0 + number(whole + 2, end)? / 3600.0
        }
        _ => number(0, end)?,
    };
    Some(if sign == "-" { -degrees } else { degrees })
}

fn finite(text: &str) -> Option<f64> {
    let number: f64 = text.trim().parse().ok()?;
    number.is_finite().then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: Option<f64>, wanted: f64) -> bool {
        found.is_some_and(|found| (found - wanted).abs() < 1e-9)
    }

    #[test]
    fn coordinates_of_xmp() {
        assert!(near(of_xmp("52,12.5N"), 52.208_333_333_333_336));
        assert!(near(of_xmp("114,1,17.33W"), -114.021_480_555_555_55));
        assert!(near(of_xmp(" -56.5 "), -56.5));
        for text in [
            "", "N", "52,12.5", "52,x,1N", "1,2,3,4N", "-5,0N", "é", "infN",
        ] {
            assert_eq!(of_xmp(text), None, "{text:?}");
        }
    }

    #[test]
    fn points_of_iso_6709() {
        let apple = of_iso_6709("+52.2097-000.8955+103.640/").unwrap();
        assert!(near(Some(apple.latitude), 52.2097) && near(Some(apple.longitude), -0.8955));
        assert!(near(apple.altitude, 103.64));
        let minutes = of_iso_6709("+4012.22-07500.25CRSWGS_84/").unwrap();
        assert!(near(Some(minutes.latitude), 40.203_666_666_666_67));
        assert!(near(Some(minutes.longitude), -75.004_166_666_666_66));
        assert_eq!(minutes.altitude, None);
        let seconds = of_iso_6709("-401213.1+0750015.1+2.79/").unwrap();
        assert!(near(Some(seconds.latitude), -40.203_638_888_888_89));
        for text in [
            "",
            "/",
            "+1",
            "+91+001/",
            "+00.0000+000.0000/",
            "52+13/",
            "+é+1/",
        ] {
            assert_eq!(of_iso_6709(text), None, "{text:?}");
        }
    }
}
