//! ISO files by hand: in the clean copy every kept byte is where it was, and
//! every other byte of the media is zero.

use super::clean::{cleaned, seeds, without_seeds};
use crate::Format;

/// A box.
fn boxed(kind: &[u8; 4], parts: &[&[u8]]) -> Vec<u8> {
    let body = parts.concat();
    let length = u32::try_from(body.len() + 8).unwrap().to_be_bytes();
    [&length, &kind[..], &body].concat()
}

fn words() -> Vec<u8> {
    seeds().join("/").into_bytes()
}

const HEIC: &[u8] = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic";
const PRIMARY: &[u8] = b"the primary picture's coded bytes";
const ALPHA: &[u8] = b"its transparency";

/// A HEIC with a primary item, its alpha, a thumbnail, a depth map, EXIF in
/// `mdat` and XMP in `idat`. Gives where the primary item's bytes are.
pub(super) fn heic() -> (Vec<u8>, usize) {
    let names: [(u16, &[u8; 4]); 6] = [
        (1, b"hvc1"),
        (2, b"hvc1"),
        (3, b"Exif"),
        (4, b"mime"),
        (5, b"hvc1"),
        (6, b"hvc1"),
    ];
    let infos: Vec<u8> = names
        .iter()
        .flat_map(|(id, kind)| {
            let name = [&words()[..60], b"\0application/rdf+xml\0"].concat();
            boxed(
                b"infe",
                &[b"\x02\0\0\0", &id.to_be_bytes(), &[0, 0], &kind[..], &name],
            )
        })
        .collect();
    let iinf = boxed(b"iinf", &[&[0; 4], &6_u16.to_be_bytes(), &infos]);
    let reference = |kind: &[u8; 4], from: u8| boxed(kind, &[&[0, from, 0, 1, 0, 1]]);
    let references = [
        reference(b"thmb", 2),
        reference(b"cdsc", 3),
        reference(b"cdsc", 4),
        reference(b"auxl", 5),
        reference(b"auxl", 6),
    ];
    let iref = boxed(b"iref", &[&[0; 4], &references.concat()]);
    let depth = b"\0\0\0\0urn:mpeg:hevc:2015:auxid:2\0";
    let alpha = [&b"\0\0\0\0urn:mpeg:hevc:2015:auxid:1\0"[..], &words()[..20]].concat();
    let ipco = boxed(
        b"ipco",
        &[
            &boxed(b"ispe", &[&[0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 8]]),
            &boxed(b"auxC", &[depth]),
            &boxed(b"auxC", &[&alpha]),
            &boxed(b"irot", &[&[3]]),
            &boxed(b"udes", &[&words()]),
        ],
    );
    let links =
        b"\0\0\0\0\0\0\0\x04\0\x01\x03\x81\x84\x05\0\x02\x01\x81\0\x05\x01\x02\0\x06\x02\x01\x83";
    let iprp = boxed(b"iprp", &[&ipco, &boxed(b"ipma", &[links])]);
    let idat = boxed(b"idat", &[&words()]);
    let hdlr = boxed(b"hdlr", &[&[0; 8], b"pict", &[0; 12], &words(), &[0]]);
    let pieces: [&[u8]; 5] = [
        PRIMARY,
        b"Qx7Seed10 a thumbnail",
        &words(),
        b"Qx7Seed11 depth",
        ALPHA,
    ];
    let build = |start: u32| {
        let mut at = start;
        let mut rows = Vec::new();
        for (id, piece) in [1_u16, 2, 3, 5, 6].into_iter().zip(pieces) {
            rows.extend(id.to_be_bytes());
            rows.extend([0, 0, 0, 0, 0, 1]);
            rows.extend(at.to_be_bytes());
            rows.extend((piece.len() as u32).to_be_bytes());
            at += piece.len() as u32;
        }
        rows.extend(b"\0\x04\0\x01\0\0\0\x01\0\0\0\0");
        rows.extend((words().len() as u32).to_be_bytes());
        let iloc = boxed(b"iloc", &[b"\x01\0\0\0\x44\0\0\x06", &rows]);
        let pitm = boxed(b"pitm", &[b"\0\0\0\0\0\x01"]);
        boxed(
            b"meta",
            &[&[0; 4], &hdlr, &pitm, &iinf, &iref, &iprp, &idat, &iloc],
        )
    };
    let start = HEIC.len() + build(0).len() + 8;
    let meta = build(start as u32);
    let mdat = boxed(b"mdat", &pieces);
    let trailer = boxed(b"mpvd", &[&words()]);
    ([HEIC, &meta, &mdat, &trailer, b"Qx7Seed39"].concat(), start)
}

#[test]
fn a_heic_keeps_its_primary_picture_and_its_alpha_where_they_were() {
    let (original, start) = heic();
    let clean = without_seeds(Format::Heif, &original, 40);
    assert_eq!(&clean[start..start + PRIMARY.len()], PRIMARY);
    let alpha = clean.len() - ALPHA.len();
    assert_eq!(&clean[alpha..], ALPHA);
    assert_eq!(
        original.iter().position(|b| *b == b'i'),
        clean.iter().position(|b| *b == b'i')
    );
    assert!(
        clean[start + PRIMARY.len()..alpha]
            .iter()
            .all(|byte| *byte == 0)
    );
    for gone in [
        &b"thmb"[..],
        b"cdsc",
        b"Exif",
        b"mime",
        b"udes",
        b"auxid:2",
        b"mpvd",
    ] {
        let found = clean.windows(gone.len()).any(|window| window == gone);
        assert!(!found, "{}", gone.escape_ascii());
    }
    for kept in [&b"irot"[..], b"ispe", b"auxid:1", b"auxl", b"pitm"] {
        let found = clean.windows(kept.len()).any(|window| window == kept);
        assert!(found, "{}", kept.escape_ascii());
    }
}

#[test]
fn a_heic_whose_picture_and_exif_share_bytes_is_withheld() {
    let (mut original, start) = heic();
    // The EXIF item's offset becomes the primary's.
    let row = [
        &b"\0\x03\0\0\0\0\0\x01"[..],
        &((start + PRIMARY.len() + 21) as u32).to_be_bytes(),
    ];
    let at = original
        .windows(12)
        .position(|window| window == row.concat())
        .unwrap();
    original[at + 8..at + 12].copy_from_slice(&(start as u32).to_be_bytes());
    cleaned(Format::Heif, &original).unwrap_err();
}

#[test]
fn a_jpeg_xl_keeps_its_codestream_and_no_box_of_words() {
    let codestream = b"\xff\x0a and what follows";
    let signature = b"\0\0\0\x0cJXL \x0d\x0a\x87\x0a";
    let brand = boxed(b"ftyp", &[b"jxl \0\0\0\0jxl "]);
    let coded = boxed(b"jxlc", &[codestream]);
    let mut original = [&signature[..], &brand].concat();
    for kind in [b"Exif", b"xml ", b"jumb", b"jbrd", b"brob", b"uuid"] {
        original.extend(boxed(kind, &[&words()]));
    }
    original.extend(&coded);
    original.extend(boxed(b"xml ", &[&words()]));
    let clean = without_seeds(Format::Jxl, &original, 40);
    assert_eq!(clean, [&signature[..], &brand, &coded].concat());
    assert_eq!(cleaned(Format::Jxl, codestream).unwrap(), codestream);
}

const FRAME: &[u8] = b"a frame of the video";
const MP4: &[u8] = b"\0\0\0\x14ftypisom\0\0\0\0isom";

/// A track whose chunks are at `offsets`, one sample of `size` bytes in each.
fn track(id: u8, handler: &[u8; 4], entry: &[u8], offsets: &[u32], size: u32) -> Vec<u8> {
    let dated = b"\0\0\0\x07Qx7Seed\x01";
    let mut tkhd = vec![0; 84];
    tkhd[4..12].copy_from_slice(&dated[3..11]);
    tkhd[15] = id;
    let mut mdhd = vec![0; 24];
    mdhd[4..12].copy_from_slice(&dated[3..11]);
    let count = u32::try_from(offsets.len()).unwrap().to_be_bytes();
    let places: Vec<u8> = offsets
        .iter()
        .flat_map(|offset| offset.to_be_bytes())
        .collect();
    let stbl = boxed(
        b"stbl",
        &[
            &boxed(b"stsd", &[&[0; 4], &[0, 0, 0, 1], entry]),
            &boxed(b"stts", &[&[0; 4], &[0, 0, 0, 1], &count, &[0, 0, 0, 1]]),
            &boxed(
                b"stsc",
                &[b"\0\0\0\0\0\0\0\x01\0\0\0\x01\0\0\0\x01\0\0\0\x01"],
            ),
            &boxed(b"stsz", &[&[0; 4], &size.to_be_bytes(), &count]),
            &boxed(b"stco", &[&[0; 4], &count, &places]),
            &boxed(b"Seed", &[&words()]),
        ],
    );
    let alias = boxed(b"alis", &[&[0, 0, 0, 1], &words()]);
    let dref = boxed(b"dref", &[&[0; 4], &[0, 0, 0, 1], &alias]);
    let minf = boxed(
        b"minf",
        &[
            &boxed(b"vmhd", &[&[0; 12]]),
            &boxed(b"dinf", &[&dref]),
            &stbl,
        ],
    );
    let hdlr = boxed(
        b"hdlr",
        &[&[0; 8], handler, b"appl", &[0; 8], &words(), &[0]],
    );
    let mdia = boxed(b"mdia", &[&boxed(b"mdhd", &[&mdhd]), &hdlr, &minf]);
    let udta = boxed(b"udta", &[&boxed(b"\xa9nam", &[&words()])]);
    let uuid = boxed(b"uuid", &[&words()]);
    boxed(b"trak", &[&boxed(b"tkhd", &[&tkhd]), &mdia, &udta, &uuid])
}

/// A video with telemetry between its frames, the tables after the media.
pub(super) fn mp4() -> Vec<u8> {
    let telemetry = words();
    let media: Vec<u8> = [FRAME, &telemetry, FRAME, &telemetry, b"Qx7Seed12 a gap"].concat();
    let start = u32::try_from(MP4.len() + 8).unwrap();
    let (frame, sample) = (FRAME.len() as u32, telemetry.len() as u32);
    let mut name = [0; 32];
    name[..10].copy_from_slice(b"\x09Qx7Seed13");
    let entry = [
        &[0; 12][..],
        b"Qx7S",
        &[0; 26][..],
        &name,
        &[0, 24, 0xff, 0xff],
    ]
    .concat();
    let unknown = boxed(b"XtrA", &[&words()]);
    let visual = boxed(b"avc1", &[&entry, &boxed(b"avcC", &[b"sets"]), &unknown]);
    let telling = boxed(b"gpmd", &[&[0; 8], &words()]);
    let mut mvhd = vec![0; 100];
    mvhd[4..12].copy_from_slice(b"Qx7Seed1");
    let moov = boxed(
        b"moov",
        &[
            &boxed(b"mvhd", &[&mvhd]),
            &track(1, b"vide", &visual, &[start, start + frame + sample], frame),
            &track(
                2,
                b"meta",
                &telling,
                &[start + frame, start + 2 * frame + sample],
                sample,
            ),
            &boxed(b"udta", &[&boxed(b"\xa9xyz", &[&words()])]),
            &boxed(b"meta", &[&words()]),
        ],
    );
    let between = boxed(b"free", &[&words()]);
    let trailer = boxed(b"uuid", &[&words()]);
    [
        MP4,
        &boxed(b"mdat", &[&media]),
        &between,
        &moov,
        &trailer,
        &words(),
    ]
    .concat()
}

#[test]
fn a_video_keeps_its_frames_where_they_were_and_no_telemetry() {
    let original = mp4();
    let clean = without_seeds(Format::Mp4, &original, 40);
    let start = MP4.len() + 8;
    let frames: Vec<usize> = (0..clean.len())
        .filter(|at| clean[*at..].starts_with(FRAME))
        .collect();
    assert_eq!(frames, [start, start + FRAME.len() + words().len()]);
    assert!(
        clean[start + FRAME.len()..frames[1]]
            .iter()
            .all(|byte| *byte == 0)
    );
    let traks = clean.windows(4).filter(|window| window == b"trak").count();
    assert_eq!(traks, 1);
    for gone in [&b"udta"[..], b"uuid", b"gpmd", b"XtrA", b"appl"] {
        assert!(!clean.windows(4).any(|window| window == gone));
    }
}

#[test]
fn a_video_of_four_gigabytes_is_planned_by_its_tables() {
    use std::io::Cursor;
    // The same video, its media box moved behind four gigabytes of gap.
    struct Sparse(Cursor<Vec<u8>>, u64, u64);
    impl std::io::Read for Sparse {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let place = self.0.position();
            self.1 += buffer.len() as u64;
            match place.checked_sub(self.2) {
                Some(_) => Ok(0),
                None => self.0.read(buffer),
            }
        }
    }
    impl std::io::Seek for Sparse {
        fn seek(&mut self, to: std::io::SeekFrom) -> std::io::Result<u64> {
            match to {
                std::io::SeekFrom::End(_) => Ok(self.2 + (4 << 30)),
                to => self.0.seek(to),
            }
        }
    }
    let whole = mp4();
    let end = whole.len() - words().len();
    let mut bytes = whole[..end].to_vec();
    // A long box to the end of the file, whose body nobody reads.
    bytes.extend(b"\0\0\0\x01mdat");
    bytes.extend(((4_u64 << 30) + 16).to_be_bytes());
    let length = bytes.len() as u64;
    let mut file = Sparse(Cursor::new(bytes), 0, length);
    let recipe = crate::clean::clean(Format::Mp4, &mut file).unwrap();
    assert_eq!(recipe.length(), length + (4 << 30));
    assert!(file.1 < length + 1_000, "{} bytes were read", file.1);
    assert!(recipe.parts().len() < 200);
}
