//! Bytes on their way out, and the owner's own door to them. What a visitor may
//! have of these is decided in `access`.

use std::fs::{self, File, Metadata};
use std::io;
use std::time::UNIX_EPOCH;

use media::{CleanReader, Format, Recipe, Rendition, extension_of};

use crate::offsite::Bytes;
use crate::original::safe_name;
use crate::rendition::turned_name;
use crate::{Asset, AssetId, Download, Library, LibraryError, Turn};

/// Which bytes of a photo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// One of its renditions.
    Rendition(Rendition),
    /// The best copy that may be kept: for the owner the original, for a
    /// visitor what the link's terms allow.
    Download,
    /// A copy to keep at screen size, where the link allows downloads.
    Screen,
    /// The original without its metadata.
    Clean,
    /// A video in a form that browsers play.
    Film,
    /// The live part of a photo, in a form that browsers play.
    Motion,
}

/// Which bytes a visitor may keep of a photo or a video.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Form {
    /// The original, byte for byte.
    Original,
    /// The original without its metadata.
    Clean,
    /// The picture at screen size.
    Preview,
    /// The video as it was converted for browsers, which has no metadata.
    Film,
}

impl Form {
    /// The forms of a download of this size, best first: where one cannot be made
    /// clean it is withheld, and the next is given.
    pub(crate) fn of_download(
        asset: &Asset,
        size: Download,
        show_metadata: bool,
    ) -> &'static [Form] {
        match (size, asset.kind == "video") {
            (Download::None, _) => &[],
            (Download::Original, _) if show_metadata => &[Form::Original],
            (Download::Original, true) => &[Form::Clean, Form::Film],
            (Download::Original, false) => &[Form::Clean, Form::Preview],
            (Download::Screen, true) => Form::of_film(asset),
            (Download::Screen, false) => &[Form::Preview],
        }
    }

    /// The forms of a video to watch: never with its metadata, for a stream is no
    /// download.
    pub(crate) fn of_film(asset: &Asset) -> &'static [Form] {
        match asset.plays {
            true => &[Form::Clean, Form::Film],
            false => &[Form::Film],
        }
    }

    /// By what it is told from the others of the same asset.
    pub(crate) fn key(self, turn: Turn) -> String {
        match self {
            Form::Original => "original".to_owned(),
            Form::Clean => turned_name("clean", turn),
            Form::Preview => turned_name(Rendition::Preview.name(), turn),
            Form::Film => turned_name("video", turn),
        }
    }

    /// A file name; `index` is all it tells where metadata is hidden.
    pub(crate) fn name(self, asset: &Asset, index: Option<u64>) -> String {
        let extension = match self {
            Form::Original | Form::Clean => extension_of(&asset.mime),
            Form::Preview => Rendition::Preview.extension(),
            Form::Film => "mp4",
        };
        match (index, self) {
            (Some(index), _) => format!("photo-{:04}.{extension}", index + 1),
            (None, Form::Original | Form::Clean) => safe_name(&asset.name),
            (None, _) => safe_name(&format!("{}.{extension}", stem(asset))),
        }
    }

    /// What no decoder could show at import is not handed to one again at each
    /// visitor's wish.
    pub(crate) fn check(self, asset: &Asset) -> Result<(), LibraryError> {
        match (self, &asset.unseen) {
            (Form::Preview, Some(code)) => Err(LibraryError::Unseen(code.clone())),
            _ => Ok(()),
        }
    }
}

/// Bytes of an original, or of some of it, in order.
pub type Reading = CleanReader<File>;

/// Bytes on their way out.
pub struct Served {
    /// Open, at its start.
    pub body: Reading,
    /// Bytes.
    pub length: u64,
    /// Media type, from our own look at the bytes.
    pub mime: String,
    /// A file name that tells no more than the terms do.
    pub name: String,
    /// Changes with the bytes; keyed by the link, so it cannot be compared
    /// with another's. Without quotes.
    pub etag: String,
    /// Not to be kept: something better is on its way, or it is locked.
    pub is_for_now: bool,
}

impl Library {
    /// Bytes of one of the library's assets, for the owner at this machine.
    pub fn own(&self, asset: AssetId, what: What) -> Result<Served, LibraryError> {
        let asset = self.asset(asset)?;
        let is_locked = asset.is_locked;
        if is_locked {
            self.check_open()?;
        }
        let mut served = self.own_bytes(&asset, what)?;
        served.is_for_now |= is_locked;
        Ok(served)
    }

    /// What is kept here to stand in, for the owner at this machine, while nobody is there
    /// who has it: the live part of somebody else's photo, or their video, as its file came.
    pub fn own_meanwhile(
        &self,
        asset: AssetId,
        what: What,
    ) -> Result<Option<Served>, LibraryError> {
        let asset = self.asset(asset)?;
        let served = match what {
            What::Motion => {
                let film = self.open_told_motion(&asset)?;
                film.map(|film| moving(&asset, film, None, String::new()))
            }
            What::Film => self.serve_original(&asset, String::new()).ok(),
            _ => None,
        };
        Ok(served.map(|served| Served {
            is_for_now: true,
            ..served
        }))
    }

    fn own_bytes(&self, asset: &Asset, what: What) -> Result<Served, LibraryError> {
        let etag = blake3::Hash::from_bytes(asset.hash).to_hex().to_string();
        match what {
            What::Rendition(Rendition::Thumbnail) => match self.open_first_sight(asset)? {
                Some(first) => {
                    let mut served =
                        Served::whole(first, "image/webp".to_owned(), String::new(), etag)?;
                    served.is_for_now = true;
                    Ok(served)
                }
                None => self.serve_rendition(asset, Rendition::Thumbnail, None, etag),
            },
            What::Rendition(rendition) => self.serve_rendition(asset, rendition, None, etag),
            What::Download => self.serve_original(asset, etag),
            What::Screen => self.serve_rendition(asset, Rendition::Preview, None, etag),
            What::Clean => self.serve_clean(asset, safe_name(&asset.name), etag),
            // The converted film of what is no MP4 can be turned, too.
            What::Film if asset.plays && (asset.turn == Turn::None || is_mp4(&asset.mime)) => {
                self.serve_original(asset, etag)?.turned(asset.turn)
            }
            What::Film => self.serve_film(asset, None, etag),
            What::Motion => Ok(moving(asset, self.open_playing_motion(asset)?, None, etag)),
        }
    }

    /// An asset in one of the forms that visitors may keep.
    pub(crate) fn open_form(
        &self,
        asset: &Asset,
        form: Form,
        name: String,
        etag: &str,
    ) -> Result<Served, LibraryError> {
        form.check(asset)?;
        let etag = etag.to_owned();
        match form {
            Form::Original => Ok(Served {
                name,
                ..self.serve_original(asset, etag)?
            }),
            Form::Clean => self.serve_clean(asset, name, etag),
            Form::Preview => self.serve_rendition(asset, Rendition::Preview, Some(name), etag),
            Form::Film => {
                let film = self.open_converted_film(asset)?;
                Served::whole(film, "video/mp4".to_owned(), name, format!("{etag}-video"))?
                    .turned(asset.turn)
            }
        }
    }

    /// When the file was last written that a form is read from; `None` when it is
    /// to be made anew.
    ///
    /// # Errors
    /// Why there is none.
    pub(crate) fn modified_ns(
        &self,
        asset: &Asset,
        form: Form,
    ) -> Result<Option<i64>, LibraryError> {
        let metadata = match form {
            Form::Original | Form::Clean => match self.find_original(asset)? {
                Bytes::Here(file, _) => file.metadata()?,
                Bytes::Away(absent) => return Ok(absent.modified_ns()),
            },
            Form::Film => self.open_converted_film(asset)?.0.metadata()?,
            Form::Preview => {
                self.check_bytes_here(asset)?;
                let path = self.rendition_path(&asset.hash, Rendition::Preview, asset.turn);
                match fs::metadata(path) {
                    Ok(metadata) => metadata,
                    Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
                    Err(error) => return Err(error.into()),
                }
            }
        };
        Ok(Some(modified_ns(&metadata)?))
    }

    pub(crate) fn serve_rendition(
        &self,
        asset: &Asset,
        rendition: Rendition,
        name: Option<String>,
        etag: String,
    ) -> Result<Served, LibraryError> {
        let file = self.open_rendition(asset, rendition)?;
        let name = name
            .unwrap_or_else(|| safe_name(&format!("{}.{}", stem(asset), rendition.extension())));
        let etag = format!("{etag}-{}", turned_name(rendition.name(), asset.turn));
        Served::whole(file, rendition.mime().to_owned(), name, etag)
    }

    pub(crate) fn serve_original(
        &self,
        asset: &Asset,
        etag: String,
    ) -> Result<Served, LibraryError> {
        let file = (self.open_original(asset)?, asset.bytes);
        let etag = format!("{etag}-original");
        Served::whole(file, asset.mime.clone(), safe_name(&asset.name), etag)
    }

    pub(crate) fn serve_clean(
        &self,
        asset: &Asset,
        name: String,
        etag: String,
    ) -> Result<Served, LibraryError> {
        let body = self.open_clean(asset)?;
        Ok(Served {
            length: body.length(),
            body,
            mime: asset.mime.clone(),
            name,
            etag: format!("{etag}-{}", turned_name("clean", asset.turn)),
            is_for_now: false,
        })
    }

    /// The live part of a photo as visitors may have it.
    pub(crate) fn serve_clean_motion(
        &self,
        asset: &Asset,
        name: Option<String>,
        etag: String,
    ) -> Result<Served, LibraryError> {
        Ok(moving(asset, self.open_clean_motion(asset)?, name, etag))
    }

    /// A video converted for browsers, which has no metadata.
    pub(crate) fn serve_film(
        &self,
        asset: &Asset,
        name: Option<String>,
        etag: String,
    ) -> Result<Served, LibraryError> {
        let file = self.open_film(asset)?;
        let name = name.unwrap_or_else(|| safe_name(&format!("{}.mp4", stem(asset))));
        Served::whole(file, "video/mp4".to_owned(), name, format!("{etag}-video"))?
            .turned(asset.turn)
    }
}

impl Served {
    /// When the file was last written that it is read from, nanoseconds since 1970.
    pub(crate) fn modified_ns(&self) -> io::Result<i64> {
        modified_ns(&self.body.file().metadata()?)
    }

    /// The same film, seen turned.
    pub(crate) fn turned(self, turn: Turn) -> Result<Served, LibraryError> {
        if turn == Turn::None {
            return Ok(self);
        }
        Ok(Served {
            body: self.body.film_turned(turn)?,
            etag: turned_name(&self.etag, turn),
            ..self
        })
    }

    /// All of a file.
    pub fn whole(
        (file, length): (File, u64),
        mime: String,
        name: String,
        etag: String,
    ) -> Result<Served, LibraryError> {
        Ok(Served {
            body: CleanReader::new(file, Recipe::whole(length))?,
            length,
            mime,
            name,
            etag,
            is_for_now: false,
        })
    }
}

fn modified_ns(metadata: &Metadata) -> io::Result<i64> {
    let since = metadata.modified()?.duration_since(UNIX_EPOCH);
    Ok(since.map_or(0, |since| {
        i64::try_from(since.as_nanos()).unwrap_or(i64::MAX)
    }))
}

/// Whether films of this type say in a matrix how they are to be seen.
fn is_mp4(mime: &str) -> bool {
    use Format::{Mov, Mp4, ThreeGp};
    matches!(Format::of_mime(mime), Some(Mp4 | Mov | ThreeGp))
}

/// The file's name without its ending.
pub(crate) fn stem(asset: &Asset) -> &str {
    asset.name.rsplit_once('.').map_or(&*asset.name, |(s, _)| s)
}

/// The live part of a photo as it is served.
fn moving(
    asset: &Asset,
    (body, mime): (CleanReader<File>, String),
    name: Option<String>,
    etag: String,
) -> Served {
    Served {
        length: body.length(),
        body,
        mime,
        name: name.unwrap_or_else(|| safe_name(&format!("{}.mp4", stem(asset)))),
        etag: format!("{etag}-{}", turned_name("motion", asset.turn)),
        is_for_now: false,
    }
}
