//! What of a photo can be kept.

use std::borrow::Cow;

use media::Rendition;

use crate::hex;
use crate::peer::Keep;
use crate::wire::AssetRow;

/// Which bytes of a photo are kept or fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeptWhat {
    /// Its thumbnail.
    Thumbnail,
    /// Its preview.
    Preview,
    /// Its live part as browsers play it, without metadata.
    Motion,
    /// The video as browsers play it, where they do not play its original.
    Film,
    /// Its original.
    Original,
    /// A further file of it, by its hash: its live part, or a sidecar.
    Part([u8; 32]),
}

impl KeptWhat {
    /// Every copy of a photo but its further files.
    pub(crate) const EACH: [KeptWhat; 5] = [
        KeptWhat::Thumbnail,
        KeptWhat::Preview,
        KeptWhat::Original,
        KeptWhat::Motion,
        KeptWhat::Film,
    ];

    /// As a word.
    pub fn name(self) -> Cow<'static, str> {
        match self {
            KeptWhat::Thumbnail => "thumbnail".into(),
            KeptWhat::Preview => "preview".into(),
            KeptWhat::Motion => "motion".into(),
            KeptWhat::Film => "film".into(),
            KeptWhat::Original => "original".into(),
            KeptWhat::Part(hash) => format!("part-{}", hex(&hash)).into(),
        }
    }

    /// Whether it is made of the original, and can be again, where that is.
    pub fn is_made(self) -> bool {
        !matches!(self, KeptWhat::Original | KeptWhat::Part(_))
    }

    /// Whether it moves and was made: it comes in stream.
    pub(crate) fn is_film(self) -> bool {
        matches!(self, KeptWhat::Motion | KeptWhat::Film)
    }

    /// Whether it is small enough to come whole.
    pub fn is_picture(self) -> bool {
        self.rendition().is_some()
    }

    /// Whether a photo of others, a row of `asset`, has it to be brought here.
    pub(crate) fn there_is(self) -> &'static str {
        match self {
            KeptWhat::Thumbnail | KeptWhat::Preview => {
                "(asset.unseen IS NULL AND asset.thumbhash <> x''
                  AND NOT EXISTS (SELECT 1 FROM original WHERE original.asset = asset.id))"
            }
            KeptWhat::Motion => "EXISTS (SELECT 1 FROM motion WHERE motion.asset = asset.id)",
            // Browsers play WebM; visitors get it without metadata only as a film.
            KeptWhat::Film => {
                "(asset.kind = 'video' AND (NOT asset.plays OR asset.mime = 'video/webm') AND asset.unseen IS NULL
                  AND NOT EXISTS (SELECT 1 FROM original WHERE original.asset = asset.id))"
            }
            KeptWhat::Original | KeptWhat::Part(_) => {
                "NOT EXISTS (SELECT 1 FROM original WHERE original.asset = asset.id)"
            }
        }
    }

    /// The same of a photo that is only told of.
    pub(crate) fn is_told(self, row: &AssetRow) -> bool {
        match self {
            KeptWhat::Thumbnail | KeptWhat::Preview => {
                row.unseen.is_none() && !row.thumbhash.is_empty()
            }
            KeptWhat::Motion => row.motion.is_some(),
            KeptWhat::Film => {
                row.is_video && (!row.plays || row.mime == "video/webm") && row.unseen.is_none()
            }
            KeptWhat::Original | KeptWhat::Part(_) => true,
        }
    }

    /// The copy that a rendition is kept as.
    pub(crate) fn of(rendition: Rendition) -> Option<KeptWhat> {
        match rendition {
            Rendition::Thumbnail | Rendition::First => Some(KeptWhat::Thumbnail),
            Rendition::Preview => Some(KeptWhat::Preview),
            Rendition::Card => None,
        }
    }

    pub(crate) fn is_in(self, keep: Keep) -> bool {
        match keep {
            Keep::Nothing => false,
            Keep::Previews => self.rendition().is_some(),
            Keep::Originals => true,
        }
    }

    pub(super) fn rendition(self) -> Option<Rendition> {
        match self {
            KeptWhat::Thumbnail => Some(Rendition::Thumbnail),
            KeptWhat::Preview => Some(Rendition::Preview),
            KeptWhat::Motion | KeptWhat::Film | KeptWhat::Original | KeptWhat::Part(_) => None,
        }
    }
}
