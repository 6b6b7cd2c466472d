//! What a visitor reads about archives.

use library::MOST_CHOSEN;

use super::Language::{self, English, German};

impl Language {
    /// Heads the page while an archive is made ready.
    pub(crate) fn gathering(self) -> &'static str {
        self.pick(
            "Your download is being prepared",
            "Dein Download wird vorbereitet",
        )
    }

    /// How far that is, and that one needs only wait.
    pub(crate) fn gathering_advice(self, done: u64, files: u64) -> String {
        let (done, files) = (self.number(done), self.number(files));
        match self {
            English => format!(
                "{done} of {files} files are ready. Leave this page open: the download begins by \
                 itself."
            ),
            German => format!(
                "{done} von {files} Dateien sind bereit. Lass diese Seite offen: Der Download \
                 beginnt von selbst."
            ),
        }
    }

    /// Heads the page when not all of an archive can be had.
    pub(crate) fn lacking(self) -> &'static str {
        self.pick(
            "Not everything can be downloaded now",
            "Gerade lässt sich nicht alles herunterladen",
        )
    }

    /// How much is lacking, which, and what to do about it.
    pub(crate) fn lacking_advice(
        self,
        lacking: u64,
        converting: u64,
        files: u64,
        places: &[u64],
    ) -> String {
        let (counted, files) = (self.number(lacking), self.number(files));
        let which = self.places(places, lacking);
        match (self, lacking == converting) {
            (English, true) => format!(
                "{counted} of {files} files are videos that are still being prepared{which}. \
                 Please try again in a few minutes."
            ),
            (German, true) => format!(
                "{counted} von {files} Dateien sind Videos, die noch vorbereitet werden{which}. \
                 Bitte versuche es in ein paar Minuten noch einmal."
            ),
            (English, false) => format!(
                "{counted} of {files} files cannot be had in this size at the moment{which}. They \
                 may lie on a drive that is not connected. Please tell the person who sent the \
                 link: their Albumen says what is wrong with each."
            ),
            (German, false) => format!(
                "{counted} von {files} Dateien sind in dieser Größe gerade nicht zu haben{which}. \
                 Vielleicht liegen sie auf einem Laufwerk, das nicht angeschlossen ist. Bitte sag \
                 der Person Bescheid, die dir den Link geschickt hat: Ihr Albumen sagt, was \
                 jeder fehlt."
            ),
        }
    }

    /// Where files stand in the album: `: number 3, 12 and 40 of the album`.
    fn places(self, places: &[u64], of: u64) -> String {
        let mut numbers: Vec<String> = places.iter().map(|place| self.number(*place)).collect();
        let more = of.saturating_sub(places.len() as u64);
        let last = match (numbers.is_empty(), more) {
            (true, _) => return String::new(),
            (_, 0) => numbers.pop().unwrap_or_default(),
            (_, more) => format!("{} {}", self.number(more), self.pick("more", "weitere")),
        };
        let and = self.pick("and", "und");
        let all = match numbers.is_empty() {
            true => last,
            false => format!("{} {and} {last}", numbers.join(", ")),
        };
        match self {
            English => format!(": number {all} of the album"),
            German => format!(": Nummer {all} im Album"),
        }
    }

    /// Goes on without what is lacking.
    pub(crate) fn download_rest(self, files: u64) -> String {
        match (self, files) {
            (English, 1) => "Download the other file".into(),
            (English, _) => format!("Download the other {} files", self.number(files)),
            (German, 1) => "Die andere Datei herunterladen".into(),
            (German, _) => format!("Die anderen {} Dateien herunterladen", self.number(files)),
        }
    }

    /// Heads the answer to a choice of nothing.
    pub(crate) fn none_chosen(self) -> &'static str {
        self.pick("No photo was chosen", "Es ist kein Foto ausgewählt")
    }

    /// What to do about it.
    pub(crate) fn none_chosen_advice(self) -> &'static str {
        self.pick(
            "Please go back and choose at least one photo.",
            "Bitte geh zurück und wähle mindestens ein Foto aus.",
        )
    }

    /// Heads the answer to a choice of too many.
    pub(crate) fn too_many_chosen(self) -> &'static str {
        self.pick(
            "These are too many photos to choose",
            "Das sind zu viele Fotos zum Auswählen",
        )
    }

    /// What to do about it.
    pub(crate) fn too_many_chosen_advice(self) -> String {
        let most = self.number(MOST_CHOSEN as u64);
        match self {
            English => format!(
                "Up to {most} photos can be chosen. Please go back and choose fewer, or download \
                 the whole album."
            ),
            German => format!(
                "Bis zu {most} Fotos lassen sich auswählen. Bitte geh zurück und wähle weniger \
                 aus, oder lade das ganze Album herunter."
            ),
        }
    }
}
