//! A photo that carries a telling word in every place a photo can carry one,
//! to look for in what a visitor of a link with hidden metadata gets.

use crate::scene::Scene;
use crate::{Exif, Failure, draw, jpeg, with_segment};

/// The photo and what to look for.
pub struct Seeded {
    /// A JPEG file.
    pub bytes: Vec<u8>,
    /// Every telling word, each unlike anything else in the file.
    pub words: Vec<String>,
}

/// Draws the photo. `number` makes its words and its pixels its own.
///
/// # Errors
/// When a picture cannot be encoded.
pub fn seeded(number: u16) -> Result<Seeded, Failure> {
    let mut words = Vec::new();
    let mut word = |place: &str| {
        let word = format!("Seed{place}Q{number:04}");
        words.push(word.clone());
        word
    };
    let small = draw(Scene::Dunes, u64::from(number), 160, 120);
    let thumbnail = jpeg(
        &small,
        70,
        &Exif {
            caption: word("ThumbnailCaption"),
            ..Exif::default()
        },
    )?;
    let exif = Exif {
        orientation: 1,
        taken: "2021:07:19 04:53:17".to_owned(),
        offset: "+05:45".to_owned(),
        place: Some((27.717_245, 85.323_961, 1_337.42)),
        make: word("Make"),
        model: word("Model"),
        lens: word("Lens"),
        serial: word("Serial"),
        artist: word("Artist"),
        caption: word("Caption"),
        comment: word("Comment"),
        aperture_tenths: Some(19),
        exposure_per_second: Some(1_733),
        iso: Some(643),
        focal_length: Some(77),
        thumbnail,
    };
    let picture = draw(Scene::Hills, u64::from(number), 1200, 800);
    let mut bytes = jpeg(&picture, 85, &exif)?;
    let xmp = format!(
        "http://ns.adobe.com/xap/1.0/\0<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF \
         xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"><rdf:Description \
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:exif=\"http://ns.adobe.com/exif/1.0/\" \
         exif:GPSLatitude=\"27,43.0347N\" dc:format=\"{}\"><dc:description><rdf:Alt><rdf:li \
         xml:lang=\"x-default\">{}</rdf:li></rdf:Alt></dc:description></rdf:Description></rdf:RDF></x:xmpmeta>",
        word("XmpAttribute"),
        word("XmpText"),
    );
    bytes = with_segment(&bytes, 0xE1, xmp.as_bytes());
    bytes = with_segment(&bytes, 0xED, &iptc(&word("IptcCaption")));
    bytes = with_segment(&bytes, 0xFE, word("JpegComment").as_bytes());
    bytes = with_segment(&bytes, 0xEF, word("UnknownSegment").as_bytes());
    // What motion photos and some editors put behind the picture's end.
    bytes.extend(word("Trailer").as_bytes());
    Ok(Seeded { bytes, words })
}

/// A Photoshop APP13 segment with one IPTC record, 2:120, the caption.
fn iptc(caption: &str) -> Vec<u8> {
    let length = u16::try_from(caption.len()).unwrap_or(u16::MAX);
    let mut record = vec![0x1C, 2, 120];
    record.extend(length.to_be_bytes());
    record.extend(caption.as_bytes());
    let mut bytes = b"Photoshop 3.0\08BIM\x04\x04\0\0".to_vec();
    bytes.extend(
        u32::try_from(record.len())
            .unwrap_or(u32::MAX)
            .to_be_bytes(),
    );
    bytes.extend(record);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_in_the_file_and_the_file_decodes() {
        let photo = seeded(7).unwrap();
        for word in &photo.words {
            assert!(
                photo
                    .bytes
                    .windows(word.len())
                    .any(|part| part == word.as_bytes()),
                "{word}"
            );
        }
        assert_eq!(photo.words.len(), 14);
        image::load_from_memory(&photo.bytes).unwrap();
    }
}
