//! Why a visitor's file does not come in, and what they can do.

use std::borrow::Cow;

use library::UploadError;

use super::Language::{self, English, German};

impl Language {
    /// Heads the page that says so.
    pub(crate) fn not_received(self) -> &'static str {
        self.pick("This was not received", "Das ist nicht angekommen")
    }

    /// Why, and what to do.
    pub(crate) fn not_received_advice(self, why: UploadError) -> Cow<'static, str> {
        match why {
            UploadError::TooMany(files) => {
                let files = self.number(files);
                match self {
                    English => format!(
                        "This link takes no more than {files} files, and that many are here. Ask \
                         the person who sent it to allow more."
                    ),
                    German => format!(
                        "Dieser Link nimmt höchstens {files} Dateien an, und so viele sind schon \
                         da. Bitte die Person, die ihn geschickt hat, mehr zu erlauben."
                    ),
                }
                .into()
            }
            UploadError::TooMuch(bytes) => {
                let bytes = self.size(bytes);
                match self {
                    English => format!(
                        "This link takes no more than {bytes} in all, and that is reached. Ask \
                         the person who sent it to allow more."
                    ),
                    German => format!(
                        "Dieser Link nimmt zusammen höchstens {bytes} an, und die sind erreicht. \
                         Bitte die Person, die ihn geschickt hat, mehr zu erlauben."
                    ),
                }
                .into()
            }
            UploadError::TooLarge(bytes) => {
                let bytes = self.size(bytes);
                match self {
                    English => format!(
                        "This file is too large: one of its kind may have {bytes} at most."
                    ),
                    German => format!(
                        "Diese Datei ist zu groß: Eine solche darf höchstens {bytes} haben."
                    ),
                }
                .into()
            }
            UploadError::NoRoom => self
                .pick(
                    "There is no room for this on the computer of the person who sent the link. \
                     Please tell them, and try again later.",
                    "Auf dem Computer der Person, die den Link geschickt hat, ist kein Platz mehr. \
                     Bitte sag ihr Bescheid und versuche es später noch einmal.",
                )
                .into(),
            UploadError::Kind => self
                .pick(
                    "This is not a photo or video that can be sent here: JPEG, PNG, HEIC, WebP, \
                     AVIF, GIF, TIFF, RAW, MP4, MOV and WebM can.",
                    "Das ist kein Foto oder Video, das sich hier schicken lässt. JPEG, PNG, HEIC, \
                     WebP, AVIF, GIF, TIFF, RAW, MP4, MOV und WebM gehen.",
                )
                .into(),
            UploadError::Offset(_) => self
                .pick(
                    "The file did not go on where it stopped; it is tried again.",
                    "Die Datei ging nicht dort weiter, wo sie stehen blieb; es wird noch einmal \
                     versucht.",
                )
                .into(),
            UploadError::Checksum => self
                .pick(
                    "What arrived is not what was sent; it is sent again.",
                    "Angekommen ist etwas anderes, als geschickt wurde; es wird noch einmal \
                     geschickt.",
                )
                .into(),
            UploadError::Expired => self
                .pick(
                    "This upload stood still for too long. Please choose the file once more.",
                    "Diese Übertragung stand zu lange still. Bitte wähle die Datei noch einmal aus.",
                )
                .into(),
            UploadError::TooLate => self
                .pick(
                    "What was sent can be withdrawn for twelve hours. Now only the person who \
                     sent the link can remove it; please ask them.",
                    "Zurücknehmen geht zwölf Stunden lang. Jetzt kann es nur noch die Person \
                     entfernen, die den Link geschickt hat; bitte frag sie.",
                )
                .into(),
        }
    }

    /// For a request that says nothing sensible.
    pub(crate) fn unreadable_upload(self) -> &'static str {
        self.pick(
            "This could not be understood. Please open the link again and choose your photos once \
             more.",
            "Das war nicht zu verstehen. Bitte öffne den Link noch einmal und wähle deine Fotos \
             erneut aus.",
        )
    }

    /// For a form without a file.
    pub(crate) fn none_sent(self) -> &'static str {
        self.pick(
            "No file was chosen. Please go back and choose at least one photo or video.",
            "Es war keine Datei ausgewählt. Bitte geh zurück und wähle mindestens ein Foto oder \
             Video aus.",
        )
    }

    /// For what stood still.
    pub(crate) fn stalled(self) -> &'static str {
        self.pick(
            "Nothing came for half a minute. Please check your connection, and try again.",
            "Eine halbe Minute lang kam nichts an. Bitte prüfe deine Verbindung und versuche es \
             noch einmal.",
        )
    }
}
