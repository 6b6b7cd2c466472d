//! Files that pose as films and name other files to be read: nothing of those
//! is ever seen.

use std::fs::File;
use std::path::Path;
use std::process::Command;

use media::video::{Tools, playable, poster, probe};
use media::{Format, Sniff, sniff};

use crate::Case;
use crate::films::{Films, PHONE, SILENT, probed};

pub(crate) const CASES: &[Case] = &[
    ("a_playlist_is_no_film", a_playlist_is_no_film),
    (
        "a_film_cannot_borrow_from_another",
        a_film_cannot_borrow_from_another,
    ),
    ("odd_names_reach_no_program", odd_names_reach_no_program),
];

const CONTAINERS: [Format; 6] = [
    Format::Mp4,
    Format::Mov,
    Format::ThreeGp,
    Format::WebM,
    Format::Mkv,
    Format::Avi,
];

fn a_playlist_is_no_film(tools: &Tools) {
    let films = Films::new();
    let secret = films.record("secret.mp4", SILENT, PHONE);
    let secret = secret.to_str().unwrap();
    let scripts = [
        format!("#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:3,\nfile://{secret}\n#EXT-X-ENDLIST\n"),
        "#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n".to_owned(),
        format!("ffconcat version 1.0\nfile '{secret}'\n"),
        format!("v=0\nc=IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\na=x {secret}\n"),
    ];
    for script in scripts {
        assert_eq!(sniff(script.as_bytes()), Sniff::Unknown);
        let posing = films.path("posing.mp4");
        std::fs::write(&posing, &script).unwrap();
        for format in CONTAINERS {
            let outcome = probe(tools, &File::open(&posing).unwrap(), format);
            assert!(outcome.is_err(), "{script}: {outcome:?}");
        }
    }
    // The first of them works where nobody takes care.
    let careless = films.path("careless.ffconcat");
    std::fs::write(
        &careless,
        format!("ffconcat version 1.0\nfile '{secret}'\n"),
    )
    .unwrap();
    let mut command = Command::new("ffprobe");
    command
        .args(["-v", "error", "-f", "concat", "-safe", "0"])
        .arg(&careless);
    assert!(command.status().unwrap().success());
}

/// QuickTime lets a film say that its pictures lie in another file (the `alis`
/// entry of `dref`). The film here has nothing but headers of its own.
fn a_film_cannot_borrow_from_another(tools: &Tools) {
    let films = Films::new();
    let secret = films.record("secret.mov", SILENT, PHONE);
    let bytes = std::fs::read(&secret).unwrap();
    let thief = films.path("thief.mov");
    std::fs::write(&thief, borrowing(&bytes, secret.to_str().unwrap())).unwrap();

    let mut careless = Command::new("ffmpeg");
    careless.args([
        "-nostdin",
        "-v",
        "error",
        "-enable_drefs",
        "1",
        "-use_absolute_path",
        "1",
    ]);
    careless
        .arg("-i")
        .arg(&thief)
        .args(["-frames:v", "1", "-f", "md5", "-"]);
    let output = careless.output().unwrap();
    assert!(
        output.status.success(),
        "it works where nobody takes care: {output:?}"
    );

    // The headers are its own and may be read; pictures there are none.
    let known = probe(tools, &File::open(&thief).unwrap(), Format::Mov);
    if let Ok(known) = known {
        let input = File::open(&thief).unwrap();
        let seen = poster(tools, &input, &known);
        assert!(
            seen.is_err(),
            "{} bytes of another's film",
            seen.unwrap().len()
        );
        let output = films.path("made.mp4");
        assert!(playable(tools, &input, &known, &output, |_| true).is_err());
        assert!(!output.exists());
    }
}

/// The headers of `film`, with every data reference naming `path`.
fn borrowing(film: &[u8], path: &str) -> Vec<u8> {
    let mut alias = vec![0; 10];
    alias.extend([0; 28]); // volume
    alias.extend([0; 12]);
    alias.extend([0; 64]); // file name
    alias.extend([0; 16]);
    alias.extend([0, 1, 0, 1]); // levels from here, and to there
    alias.extend([0; 16]);
    let length = u16::try_from(path.len()).unwrap();
    alias.extend(2_u16.to_be_bytes()); // what follows is an absolute path
    alias.extend(length.to_be_bytes());
    alias.extend(path.as_bytes());
    alias.resize(alias.len() + path.len() % 2, 0);
    alias.extend([0xff; 4]);
    alias.resize(alias.len().max(200), 0);
    let alias = atom(b"alis", &[&[0; 4][..], &alias].concat());
    let references = [&[0, 0, 0, 0, 0, 0, 0, 1][..], &alias].concat();
    film_atoms(film)
        .into_iter()
        .filter(|(kind, _)| kind != b"mdat" && kind != b"free" && kind != b"wide")
        .map(|(kind, body)| rewritten(&kind, body, &references))
        .collect::<Vec<_>>()
        .concat()
}

fn rewritten(kind: &[u8; 4], body: &[u8], references: &[u8]) -> Vec<u8> {
    match kind {
        b"dref" => atom(kind, references),
        b"moov" | b"trak" | b"mdia" | b"minf" | b"dinf" => {
            let children = film_atoms(body).into_iter();
            let children = children.map(|(kind, body)| rewritten(&kind, body, references));
            atom(kind, &children.collect::<Vec<_>>().concat())
        }
        _ => atom(kind, body),
    }
}

fn film_atoms(mut bytes: &[u8]) -> Vec<([u8; 4], &[u8])> {
    let mut found = Vec::new();
    while bytes.len() >= 8 {
        let length = u32::from_be_bytes(bytes[..4].try_into().unwrap()) as usize;
        found.push((bytes[4..8].try_into().unwrap(), &bytes[8..length]));
        bytes = &bytes[length..];
    }
    found
}

fn atom(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 8).unwrap().to_be_bytes();
    [&length[..], kind, body].concat()
}

fn odd_names_reach_no_program(tools: &Tools) {
    let films = Films::new();
    let film = films.record("plain.mov", SILENT, PHONE);
    for name in [
        "-i",
        "a%03d.mov",
        "http:evil.mov",
        "'$(touch x)'.mov",
        "a\nb.mov",
    ] {
        let odd = films.path(name);
        std::fs::copy(&film, &odd).unwrap();
        let known = probed(tools, &odd);
        let output = films.path(&format!("{name}.made"));
        let input = File::open(&odd).unwrap();
        playable(tools, &input, &known, Path::new(&output), |_| true).unwrap();
        assert!(output.metadata().unwrap().len() > 0, "{name}");
    }
}
