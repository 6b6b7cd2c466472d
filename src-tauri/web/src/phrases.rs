//! Every sentence a visitor reads, in English and German. One catalogue, so that no
//! template holds words; numbers, dates and sizes are in `figures`.

use axum::http::{HeaderMap, header::ACCEPT_LANGUAGE};

/// A language the pages speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    /// English, and what everyone gets who asks for neither.
    English,
    /// German.
    German,
}

use Language::{English, German};

/// Declares the sentences that stand alone: name, English, German.
macro_rules! sentences {
    ($($(#[$doc:meta])* $name:ident: $english:literal, $german:literal;)*) => {
        impl Language {
            $($(#[$doc])* pub(crate) fn $name(self) -> &'static str { self.pick($english, $german) })*
        }
    };
}

mod archive;
mod refusal;
mod talk;
mod upload;

impl Language {
    /// The language the visitor prefers among ours (RFC 9110, 12.5.4).
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let mut best = (0.0, English);
        for value in headers.get_all(ACCEPT_LANGUAGE) {
            for range in value.to_str().unwrap_or_default().split(',') {
                let mut parts = range.split(';').map(str::trim);
                let tag = parts.next().unwrap_or_default().to_ascii_lowercase();
                let weight = parts
                    .find_map(|part| part.strip_prefix("q="))
                    .map_or(1.0, |weight| weight.parse().unwrap_or(0.0));
                let language = match tag.split('-').next() {
                    Some("de") => German,
                    Some("en") => English,
                    _ => continue,
                };
                if weight > best.0 {
                    best = (weight, language);
                }
            }
        }
        best.1
    }

    /// The BCP 47 tag for `lang`.
    pub(crate) fn tag(self) -> &'static str {
        self.pick("en", "de")
    }

    /// The tag that messengers want for it.
    pub(crate) fn locale(self) -> &'static str {
        self.pick("en_GB", "de_DE")
    }

    pub(crate) fn pick(self, english: &'static str, german: &'static str) -> &'static str {
        match self {
            English => english,
            German => german,
        }
    }

    /// How many files there are: `312 files`.
    pub(crate) fn files(self, files: u64) -> String {
        let noun = match files {
            1 => self.pick("file", "Datei"),
            _ => self.pick("files", "Dateien"),
        };
        format!("{} {noun}", self.number(files))
    }

    /// What is too much for one archive of chosen photos.
    pub(crate) fn at_most(self, most: &usize) -> String {
        match self {
            English => format!("At most {most} at a time"),
            German => format!("Höchstens {most} auf einmal"),
        }
    }

    /// Who shares, in the header.
    pub(crate) fn from(self, name: &str) -> String {
        format!("{} {name}", self.pick("from", "von"))
    }

    /// How many photos and videos there are: `12 photos, 2 videos`.
    pub(crate) fn count_of(self, photos: u64, videos: u64) -> String {
        let photos_alone = match photos {
            1 => self.pick("photo", "Foto"),
            _ => self.pick("photos", "Fotos"),
        };
        let videos_alone = match videos {
            1 => self.pick("video", "Video"),
            _ => self.pick("videos", "Videos"),
        };
        match (photos, videos) {
            (_, 0) => format!("{} {photos_alone}", self.number(photos)),
            (0, _) => format!("{} {videos_alone}", self.number(videos)),
            _ => format!(
                "{} {photos_alone}, {} {videos_alone}",
                self.number(photos),
                self.number(videos)
            ),
        }
    }

    /// Until when the link opens.
    pub(crate) fn until(self, day: &str) -> String {
        format!("{} {day}", self.pick("until", "bis"))
    }

    /// Where a visitor stands: `Photo 12 of 87`; `12 of 87` among photos and videos.
    pub(crate) fn place_of(self, place: u64, photos: u64, videos: u64) -> String {
        let noun = match (photos, videos) {
            (_, 0) => self.pick("Photo ", "Foto "),
            (0, _) => "Video ",
            _ => "",
        };
        let (place, count) = (self.number(place), self.number(photos + videos));
        format!("{noun}{place} {} {count}", self.pick("of", "von"))
    }

    /// A photo nobody has named.
    pub(crate) fn photo(self, place: u64) -> String {
        format!("{} {}", self.pick("Photo", "Foto"), self.number(place))
    }

    /// A video nobody has named.
    pub(crate) fn video_at(self, place: u64) -> String {
        format!("Video {}", self.number(place))
    }

    /// To the one before, by what it is.
    pub(crate) fn to_previous(self, is_video: &bool) -> &'static str {
        match is_video {
            true => self.previous_video(),
            false => self.previous_photo(),
        }
    }

    /// To the one after, by what it is.
    pub(crate) fn to_next(self, is_video: &bool) -> &'static str {
        match is_video {
            true => self.next_video(),
            false => self.next_photo(),
        }
    }

    /// Which page of an album's pages this is.
    pub(crate) fn page_of(self, page: &u64, pages: &u64) -> String {
        match self {
            English => format!("Page {page} of {pages}"),
            German => format!("Seite {page} von {pages}"),
        }
    }

    /// The footer's first words, before the name of the program.
    pub(crate) fn shared_from(self, name: &str) -> String {
        let genitive = match name.chars().last() {
            None => {
                return self
                    .pick(
                        "Shared from the sender’s own computer with",
                        "Direkt vom Rechner des Absenders geteilt, mit",
                    )
                    .into();
            }
            Some(_) if self == English => format!("{name}’s"),
            Some('s' | 'ß' | 'x' | 'z') => format!("{name}’"),
            Some(_) => format!("{name}s"),
        };
        match self {
            English => format!("Shared from {genitive} own computer with"),
            German => format!("Direkt von {genitive} eigenem Rechner geteilt, mit"),
        }
    }

    /// How long to wait after too many wrong passwords.
    pub(crate) fn wait(self, seconds: u64) -> String {
        match (self, seconds) {
            (English, 0 | 1) => {
                "Too many wrong passwords. Please wait a second, then try again.".into()
            }
            (German, 0 | 1) => {
                "Zu viele falsche Passwörter. Bitte eine Sekunde warten und dann erneut versuchen."
                    .into()
            }
            (English, _) => {
                format!("Too many wrong passwords. Please wait {seconds} seconds, then try again.")
            }
            (German, _) => format!(
                "Zu viele falsche Passwörter. Bitte {seconds} Sekunden warten und dann erneut versuchen."
            ),
        }
    }
}

sentences! {
    /// The title of an album that has none.
    untitled: "Photos", "Fotos";
    /// An album without photos.
    no_photos: "There is no photo in this album yet.", "In diesem Album ist noch kein Foto.";
    /// To the first page.
    first: "First", "Erste";
    /// To the last page.
    last: "Last", "Letzte";
    /// Saves all there is, before how much that is.
    download_all: "Download all", "Alle herunterladen";
    /// Saves the originals.
    originals: "Originals", "Originale";
    /// Saves one original.
    original: "Original", "Original";
    /// Saves copies that are as large as a screen.
    screen_size: "Screen size", "Bildschirmgröße";
    /// Names what can be downloaded, and how large.
    size_of_copies: "Size", "Größe";
    /// Begins to choose photos.
    select: "Select", "Auswählen";
    /// Heads the page on which photos are chosen.
    select_photos: "Select photos to download", "Fotos zum Herunterladen auswählen";
    /// So many are chosen; the braces stand for the number.
    selected: "{} selected", "{} ausgewählt";
    /// Ends choosing.
    cancel: "Cancel", "Abbrechen";
    /// Shows one photo after the other.
    slideshow: "Slideshow", "Diashow";
    /// Plays the moving part of a photo.
    live: "Play live photo", "Live-Foto abspielen";
    /// Names the little map of a photo.
    on_map: "Where it was taken, on a map", "Aufnahmeort auf der Karte";
    /// Names the map of an album, and leads to it.
    map: "Map", "Karte";
    /// From a part of the map to all of it.
    whole_map: "Whole map", "Ganze Karte";
    /// From the map to the album.
    all_photos: "All photos", "Alle Fotos";
    /// The footer's promise.
    no_account: "No account, no tracking.", "Kein Konto, keine Verfolgung.";
    /// Names the page navigation.
    pages: "Pages", "Seiten";
    /// To the page before.
    previous: "Previous", "Zurück";
    /// To the page after.
    next: "Next", "Weiter";
    /// To the photo before.
    previous_photo: "Previous photo", "Vorheriges Foto";
    /// To the photo after.
    next_photo: "Next photo", "Nächstes Foto";
    /// To the video before.
    previous_video: "Previous video", "Vorheriges Video";
    /// To the video after.
    next_video: "Next video", "Nächstes Video";
    /// A video, before its length.
    video: "Video", "Video";
    /// Said of what has no picture of itself, after its format.
    no_preview: "no preview", "keine Vorschau";
    /// Heads what cannot be previewed.
    unseen: "There is no preview of this file", "Von dieser Datei gibt es keine Vorschau";
    /// What to do about it.
    unseen_advice: "The sender’s computer could not make a picture of it. The file itself is kept; please ask the person who sent the link.", "Der Rechner des Absenders konnte kein Bild davon machen. Die Datei selbst ist erhalten; bitte frage die Person, die dir den Link geschickt hat.";
    /// What to do about it where it may be kept.
    unseen_but_kept: "You can download it, and open it with a program that knows this format.", "Du kannst sie herunterladen und mit einem Programm öffnen, das dieses Format kennt.";
    /// Heads the answer while a video is converted.
    preparing: "This video is being prepared", "Dieses Video wird vorbereitet";
    /// When to come again.
    preparing_advice: "Please try again in a moment.", "Bitte versuche es gleich noch einmal.";
    /// Heads the answer when a file is on a machine that cannot be reached.
    away: "This is not here at the moment", "Das ist gerade nicht hier";
    /// When to come again.
    away_advice: "The original is on a computer that is asleep or offline, or at a store that cannot be reached. Please try again later; smaller pictures can be seen all the same.", "Das Original liegt auf einem Computer, der schläft oder offline ist, oder auf einem Speicher, der nicht erreichbar ist. Bitte versuche es später noch einmal; kleinere Bilder sind trotzdem zu sehen.";
    /// Stands on a video's page while it is converted.
    plays_soon: "This video is being prepared; it plays here in a moment.", "Dieses Video wird vorbereitet; es läuft hier gleich.";
    /// Loads the page anew.
    reload: "Reload", "Neu laden";
    /// The browser could not play it.
    unplayed: "This video could not be loaded. Please check your connection, then reload the page.", "Dieses Video ließ sich nicht laden. Bitte prüfe deine Verbindung und lade die Seite neu.";
    /// From a photo to its album.
    back: "Back to the album", "Zurück zum Album";
    /// Saves a photo.
    download: "Download", "Herunterladen";
    /// Names the section with a photo's date, camera and place.
    details: "Details", "Details";
    /// A photo's date.
    taken: "Taken", "Aufgenommen";
    /// A photo's camera.
    camera: "Camera", "Kamera";
    /// A photo's lens.
    lens: "Lens", "Objektiv";
    /// A photo's exposure.
    exposure: "Exposure", "Belichtung";
    /// A photo's place.
    place: "Place", "Ort";
    /// The letter for east.
    east: "E", "O";
    /// A photo's file.
    file: "File", "Datei";
    /// The generic title of a link with a password.
    generic: "A shared album · Albumen", "Ein geteiltes Album · Albumen";
    /// Heads the password form.
    locked: "This album has a password", "Dieses Album hat ein Passwort";
    /// Where a visitor gets the password from.
    who_knows_password: "Whoever sent you the link can tell you the password.", "Wer dir den Link geschickt hat, kann dir das Passwort sagen.";
    /// Labels the field.
    password: "Password", "Passwort";
    /// Shows what is typed.
    show: "Show", "Anzeigen";
    /// Sends the form.
    open: "Open the album", "Album öffnen";
    /// The password was not it.
    wrong: "That is not the password. Please check capital and small letters, and try again.", "Das ist nicht das Passwort. Bitte prüfe Groß- und Kleinschreibung und versuche es erneut.";
    /// The form was too old, or the network changed meanwhile.
    stale: "The page was open for too long. Please enter the password once more.", "Die Seite war zu lange offen. Bitte gib das Passwort noch einmal ein.";
    /// The form came without a password that could be read.
    unreadable: "The password did not arrive. Please enter it once more.", "Das Passwort ist nicht angekommen. Bitte gib es noch einmal ein.";
    /// Too many people try passwords at this moment.
    busy: "Many people are opening albums at this moment. Please try again in a few seconds.", "Gerade öffnen viele Leute Alben. Bitte versuche es in ein paar Sekunden noch einmal.";
    /// Heads the door of a link that is for so many people.
    few: "This album is for a few people", "Dieses Album ist für wenige Leute";
    /// What opening it does.
    takes_seat: "Opening it takes one of the places that its owner has set. A cookie keeps yours, so this browser can come back as often as you like.", "Wer es öffnet, nimmt einen der vorgesehenen Plätze ein. Ein Cookie hält deinen frei, damit du mit diesem Browser jederzeit wiederkommen kannst.";
    /// All seats are taken.
    full: "This link has been opened by as many people as its owner allows. Ask them for a link of your own.", "Diesen Link haben schon so viele Leute geöffnet, wie vorgesehen sind. Bitte um einen eigenen Link.";
    /// The form was too old, or the network changed meanwhile.
    stale_door: "The page was open for too long, or your connection changed. Please press the button once more.", "Die Seite war zu lange offen, oder deine Verbindung hat sich geändert. Bitte drücke den Knopf noch einmal.";
    /// The browser keeps no cookie.
    no_cookie: "This browser keeps no cookies, so your place could not be kept either, and none was taken. Please allow cookies for this page, or open the link in another browser.", "Dieser Browser behält keine Cookies, also auch deinen Platz nicht; es wurde keiner vergeben. Bitte erlaube dieser Seite Cookies oder öffne den Link in einem anderen Browser.";
    /// What to do for a picture asked for without a seat.
    needs_seat_advice: "Please open the link itself and press the button there.", "Bitte öffne den Link selbst und drücke dort den Knopf.";
    /// Heads the page of an address that opens nothing.
    nothing: "This link does not open anything", "Dieser Link öffnet nichts";
    /// What to do about it.
    nothing_advice: "It may have expired, been withdrawn, or lost a piece when it was copied. Please check that the whole address is there, or ask the person who sent it for a new link.", "Er ist vielleicht abgelaufen, zurückgezogen oder beim Kopieren nicht ganz mitgekommen. Bitte prüfe, ob die Adresse vollständig ist, oder bitte die Person, die ihn dir geschickt hat, um einen neuen.";
    /// Heads the answer to a picture asked for without the password.
    needs_password_advice: "Please open the link itself and enter the password there.", "Bitte öffne den Link selbst und gib dort das Passwort ein.";
    /// Heads the answer to a download the link does not allow.
    not_allowed: "This link does not allow that", "Dieser Link erlaubt das nicht";
    /// What to do about it.
    not_allowed_advice: "The photos are here to look at. Please ask the person who sent the link.", "Die Fotos sind zum Ansehen da. Bitte frag die Person, die dir den Link geschickt hat.";
    /// Heads the answer to a form another page sent.
    foreign: "This form was sent by another page", "Dieses Formular kam von einer anderen Seite";
    /// What to do about it.
    foreign_advice: "Please open the link itself and do it there.", "Bitte öffne den Link selbst und mach es dort.";
    /// Heads the answer to an address that is not this computer's.
    misdirected: "This is not the address of this computer", "Das ist nicht die Adresse dieses Rechners";
    /// What to do about it.
    misdirected_advice: "Please open the link exactly as it was sent to you. If it is your computer: allow this address in the sharing settings.", "Bitte öffne den Link genau so, wie er dir geschickt wurde. Wenn es dein Rechner ist: erlaube diese Adresse in den Einstellungen zum Teilen.";
    /// Heads the answer to a way of asking that no address here knows.
    not_a_way: "This page can only be looked at", "Diese Seite kann man nur ansehen";
    /// What to do about it.
    not_a_way_advice: "Please open the link in a browser.", "Bitte öffne den Link in einem Browser.";
    /// Heads the answer when the library could not be read.
    failed: "This could not be shown just now", "Das ließ sich gerade nicht zeigen";
    /// What to do about it.
    failed_advice: "The sender’s computer could not read it. Please try again in a minute; if it stays so, tell the person who sent the link.", "Der Rechner des Absenders konnte es nicht lesen. Bitte versuche es in einer Minute noch einmal; bleibt es so, sag der Person Bescheid, die dir den Link geschickt hat.";
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn asked(value: &'static str) -> Language {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static(value));
        Language::of(&headers)
    }

    #[test]
    fn the_preferred_language_wins() {
        assert_eq!(asked("de-AT,de;q=0.9,en;q=0.8"), German);
        assert_eq!(asked("fr, en;q=0.8, de;q=0.7"), English);
        assert_eq!(asked("en;q=0.2, de;q=0.7"), German);
        assert_eq!(asked("fr;q=1, ;;q=x"), English);
        assert_eq!(Language::of(&HeaderMap::new()), English);
    }

    #[test]
    fn german_names_take_their_genitive() {
        assert!(German.shared_from("Anna").contains("Annas eigenem"));
        assert!(German.shared_from("Max").contains("Max’ eigenem"));
        assert!(English.shared_from("").contains("the sender’s"));
    }
}
