//! What a visitor reads who adds photos: the page, the uploader, the receipt.

use library::{Terms, UploadRoom, Uploads};

use super::Language::{self, English, German};

/// What the uploader says by itself: its name for it, English, German. What stands in
/// braces is told at the time.
const WORDS: &[(&str, &str, &str)] = &[
    ("waiting", "{size}, waiting", "{size}, wartet"),
    ("sending", "{percent} % of {size}", "{percent} % von {size}"),
    ("checking", "{size}, being verified", "{size}, wird geprüft"),
    (
        "received",
        "{size}, received and verified",
        "{size}, angekommen und geprüft",
    ),
    (
        "paused",
        "{percent} % of {size}, paused",
        "{percent} % von {size}, angehalten",
    ),
    (
        "retrying",
        "{percent} % of {size}, waiting for the connection",
        "{percent} % von {size}, wartet auf die Verbindung",
    ),
    (
        "failed",
        "This file did not arrive.",
        "Diese Datei ist nicht angekommen.",
    ),
    (
        "unreadable",
        "This file cannot be read any more. Please pick it once more.",
        "Diese Datei lässt sich nicht mehr lesen. Bitte wähle sie noch einmal aus.",
    ),
    (
        "anew",
        "It arrived damaged and is sent anew",
        "Sie kam beschädigt an und wird neu gesendet",
    ),
    (
        "bent",
        "Every time it arrived damaged. Please try another network.",
        "Sie kam jedes Mal beschädigt an. Bitte versuche es in einem anderen Netz.",
    ),
    (
        "ended",
        "This link takes no more photos. Please ask the person who sent it.",
        "Dieser Link nimmt keine Fotos mehr an. Bitte frage die Person, die ihn dir geschickt hat.",
    ),
    (
        "not_photo",
        "This is neither a photo nor a video.",
        "Das ist weder ein Foto noch ein Video.",
    ),
    ("empty", "This file is empty.", "Diese Datei ist leer."),
    (
        "too_large",
        "Too large: up to {most} can be sent.",
        "Zu groß: Bis zu {most} lassen sich senden.",
    ),
    (
        "too_many",
        "The link takes only {n} more files.",
        "Der Link nimmt nur noch {n} Dateien an.",
    ),
    (
        "too_much",
        "The link has room for only {most} more.",
        "Der Link hat nur noch Platz für {most}.",
    ),
    ("seconds", "less than a minute", "weniger als eine Minute"),
    ("minute", "about a minute", "etwa eine Minute"),
    ("minutes", "about {n} minutes", "etwa {n} Minuten"),
    ("hours", "about {n} hours", "etwa {n} Stunden"),
    (
        "progress",
        "{done} of {all}, {sent} of {size}",
        "{done} von {all}, {sent} von {size}",
    ),
    ("resting", "paused", "angehalten"),
    ("going_on", "Sending goes on.", "Es geht weiter."),
    (
        "offline",
        "waiting for the connection",
        "wartet auf die Verbindung",
    ),
    (
        "whole",
        "{done} of {all} received and verified",
        "{done} von {all} angekommen und geprüft",
    ),
    (
        "lacking",
        "{done} of {all} received and verified, {n} did not arrive",
        "{done} von {all} angekommen und geprüft, {n} nicht angekommen",
    ),
    ("pause", "Pause", "Anhalten"),
    ("resume", "Resume", "Fortsetzen"),
    ("pause_one", "Pause {name}", "{name} anhalten"),
    ("resume_one", "Resume {name}", "{name} fortsetzen"),
    ("again_one", "Try {name} again", "{name} erneut versuchen"),
    ("remove_one", "Remove {name}", "{name} entfernen"),
    ("added_one", "1 file added", "1 Datei hinzugefügt"),
    ("added", "{n} files added", "{n} Dateien hinzugefügt"),
    (
        "again_before",
        "1 file is left out: you have sent it already.",
        "1 Datei ist ausgelassen: Du hast sie schon gesendet.",
    ),
    (
        "again_many",
        "{n} files are left out: you have sent them already.",
        "{n} Dateien sind ausgelassen: Du hast sie schon gesendet.",
    ),
    (
        "unfinished_one",
        "1 file is not finished: {names}. Pick it once more, and it goes on where it stopped.",
        "1 Datei ist nicht fertig: {names}. Wähle sie noch einmal aus, und es geht dort weiter, wo es aufgehört hat.",
    ),
    (
        "unfinished",
        "{n} files are not finished: {names}. Pick them once more, and they go on where they stopped.",
        "{n} Dateien sind nicht fertig: {names}. Wähle sie noch einmal aus, und es geht dort weiter, wo es aufgehört hat.",
    ),
    ("copied", "Copied", "Kopiert"),
];

impl Language {
    /// What the uploader says, by its names for it.
    pub(crate) fn words(self) -> impl Iterator<Item = (&'static str, &'static str)> {
        WORDS
            .iter()
            .map(move |(name, english, german)| (*name, self.pick(english, german)))
    }

    /// Where what is sent goes to.
    pub(crate) fn goes_to(self, from: &str) -> String {
        match (self, from) {
            (English, "") => "Your photos and videos go straight to the sender’s own computer, as they are.".into(),
            (German, "") => "Deine Fotos und Videos gehen direkt auf den Rechner des Absenders, so wie sie sind.".into(),
            (English, _) => format!("Your photos and videos go straight to {from}’s own computer, as they are."),
            (German, _) => format!("Deine Fotos und Videos gehen direkt auf den Rechner von {from}, so wie sie sind."),
        }
    }

    /// That a drop box shows nothing of others.
    pub(crate) fn drop_box(self, from: &str) -> String {
        match (self, from) {
            (English, "") => "This link only collects: what others send is not shown here, and they do not see yours.".into(),
            (German, "") => "Dieser Link sammelt nur: Was andere senden, ist hier nicht zu sehen, und sie sehen deines nicht.".into(),
            (English, _) => format!("This link collects for {from}: what others send is not shown here, and they do not see yours."),
            (German, _) => format!("Dieser Link sammelt für {from}: Was andere senden, ist hier nicht zu sehen, und sie sehen deines nicht."),
        }
    }

    /// When others see what is added, or that nobody looks first; nothing of a drop box
    /// whose owner does.
    pub(crate) fn who_sees(self, terms: &Terms) -> Option<String> {
        let sentence = match (self, terms.upload, terms.auto_accept, terms.from.as_str()) {
            (English, Uploads::Only, true, _) => {
                "Your files are taken in without being looked at first.".into()
            }
            (German, Uploads::Only, true, _) => {
                "Deine Dateien werden aufgenommen, ohne dass sie vorher jemand ansieht.".into()
            }
            (_, Uploads::Only, false, _) | (_, Uploads::None, ..) => return None,
            (English, _, true, _) => {
                "Whoever has this link sees them as soon as they have arrived.".into()
            }
            (German, _, true, _) => {
                "Wer diesen Link hat, sieht sie, sobald sie angekommen sind.".into()
            }
            (English, _, false, "") => "Others see them here once they are accepted.".into(),
            (German, _, false, "") => "Andere sehen sie hier, sobald sie angenommen sind.".into(),
            (English, _, false, from) => {
                format!("Others see them here once {from} has accepted them.")
            }
            (German, _, false, from) => {
                format!("Andere sehen sie hier, sobald {from} sie angenommen hat.")
            }
        };
        Some(sentence)
    }

    /// How large files may be, and how much there is room for.
    pub(crate) fn room(self, room: &UploadRoom) -> String {
        let (photo, video) = (self.size(room.photo), self.size(room.video));
        let (files, bytes) = (self.files(room.files), self.size(room.bytes));
        match self {
            English => format!(
                "A photo may have up to {photo}, a video up to {video}. There is room for {files} \
                 and {bytes}."
            ),
            German => format!(
                "Ein Foto darf bis zu {photo} haben, ein Video bis zu {video}. Platz ist für \
                 {files} und {bytes}."
            ),
        }
    }

    /// Asks for the visitor's name.
    pub(crate) fn whom_from(self, from: &str) -> String {
        match (self, from) {
            (English, "") => "So that the sender of the link knows whom they are from.".into(),
            (German, "") => "Damit klar ist, von wem sie sind.".into(),
            (English, _) => format!("So that {from} knows whom they are from."),
            (German, _) => format!("Damit {from} weiß, von wem sie sind."),
        }
    }

    /// How many files arrived whole, of those that were begun.
    pub(crate) fn received(self, done: u64, all: u64) -> String {
        let (done, all) = (self.number(done), self.number(all));
        match self {
            English => format!("{done} of {all} received and verified"),
            German => format!("{done} von {all} angekommen und geprüft"),
        }
    }

    /// When a file was there.
    pub(crate) fn received_at(self, time: &str) -> String {
        match self {
            English => format!("received {time}"),
            German => format!("angekommen am {time}"),
        }
    }

    /// How much of a file is there, and until when the rest may come.
    pub(crate) fn unfinished(self, received: &str, until: &str) -> String {
        match self {
            English => format!("{received} are here; the rest can come until {until}"),
            German => format!("{received} sind da; der Rest kann bis {until} kommen"),
        }
    }

    /// What was withdrawn, and what could not be.
    pub(crate) fn withdrawn(self, done: u64, late: u64) -> String {
        let withdrawn = match (self, done) {
            (English, 1) => "1 file is withdrawn and gone.".to_owned(),
            (German, 1) => "1 Datei ist zurückgezogen und gelöscht.".to_owned(),
            (English, _) => format!("{} files are withdrawn and gone.", self.number(done)),
            (German, _) => format!(
                "{} Dateien sind zurückgezogen und gelöscht.",
                self.number(done)
            ),
        };
        let kept = match (self, late) {
            (_, 0) => return withdrawn,
            (English, _) => format!(
                "{} could not be withdrawn any more: that is possible for 12 hours.",
                self.files(late)
            ),
            (German, _) => format!(
                "{} ließen sich nicht mehr zurückziehen: Das geht 12 Stunden lang.",
                self.files(late)
            ),
        };
        match done {
            0 => kept,
            _ => format!("{withdrawn} {kept}"),
        }
    }

    /// What the receipt is, at the head of it as text.
    pub(crate) fn receipt_of(self, title: &str, from: &str) -> String {
        match (self, from) {
            (English, "") => format!("Receipt for what was sent to «{title}»"),
            (German, "") => format!("Quittung für das, was an «{title}» gesendet wurde"),
            (English, _) => format!("Receipt for what was sent to «{title}», {from}"),
            (German, _) => format!("Quittung für das, was an «{title}», {from}, gesendet wurde"),
        }
    }
}

sentences! {
    /// Leads to the page on which photos are added, and heads it.
    add_photos: "Add your photos", "Eigene Fotos hinzufügen";
    /// Labels the visitor's name.
    your_name_if_wished: "Your name (optional)", "Dein Name (freiwillig)";
    /// Picks files as phones offer them.
    choose_photos: "Choose photos and videos", "Fotos und Videos auswählen";
    /// Picks them as files.
    choose_files: "Choose from files", "Aus Dateien auswählen";
    /// What else can be done with a mouse or keys.
    or_drop: "or drop them anywhere on this page, or paste them", "oder lege sie irgendwo auf dieser Seite ab oder füge sie ein";
    /// Heads how a photo keeps its place.
    keep_place: "Keep the place where a photo was taken", "Den Aufnahmeort eines Fotos behalten";
    /// How phones take the place out of photos: of iPhones.
    keep_place_iphone: "Phones may take the place out of a photo before a page gets it. On an iPhone: where you pick the photos, tap «Options» and leave «Location» on.", "Handys nehmen den Ort oft aus einem Foto, bevor eine Seite es bekommt. Auf dem iPhone: Tippe dort, wo du die Fotos auswählst, auf «Optionen» und lass «Standort» an.";
    /// Of Androids.
    keep_place_android: "On Android: choose from files instead of from the gallery. Recent versions take the place out there, too; from a computer it always stays.", "Auf Android: Wähle aus Dateien statt aus der Galerie aus. Neuere Versionen nehmen den Ort auch dort heraus; von einem Rechner aus bleibt er immer erhalten.";
    /// There is no room any more.
    no_room: "This link has taken as much as it may. Please ask the person who sent it.", "Dieser Link hat so viel angenommen, wie er darf. Bitte frage die Person, die ihn dir geschickt hat.";
    /// Names the list of files that are sent.
    your_files: "Your files", "Deine Dateien";
    /// Begins again what was stopped.
    try_again: "Try again", "Erneut versuchen";
    /// Leads to the receipt.
    open_receipt: "Open the receipt", "Quittung öffnen";
    /// Copies the receipt's address.
    copy: "Copy", "Kopieren";
    /// Labels the receipt's address.
    receipt_address: "Address of your receipt", "Adresse deiner Quittung";
    /// Saves the receipt as text.
    save_receipt: "Save as text", "Als Text sichern";
    /// What the receipt is good for.
    receipt_advice: "With it you can look up what arrived and withdraw your files for 12 hours. So can whoever has its address: keep it to yourself.", "Damit kannst du nachsehen, was angekommen ist, und deine Dateien 12 Stunden lang zurückziehen. Das kann jeder, der die Adresse hat: Behalte sie für dich.";
    /// Heads the receipt.
    receipt: "Your receipt", "Deine Quittung";
    /// A file is at a machine that serves the link, and not yet where it is to be.
    waits_for_home: "waits here until the computer of whoever sent you the link is on", "wartet hier, bis der Rechner der Person an ist, die dir den Link geschickt hat";
    /// A file was not taken where it was to be.
    not_taken: "was not taken: the link had ended, or has taken as much as it may", "wurde nicht angenommen: Der Link war beendet oder hat so viel angenommen, wie er darf";
    /// Nothing was sent under this receipt.
    nothing_received: "Nothing has arrived yet.", "Noch ist nichts angekommen.";
    /// Names what proves that a file arrived as it was.
    checksum: "Checksums (SHA-256)", "Prüfsummen (SHA-256)";
    /// Withdraws what is ticked.
    withdraw: "Withdraw the ticked ones", "Angekreuzte zurückziehen";
    /// What withdrawing means.
    withdraw_advice: "Tick what you want back: it is deleted from the computer it went to.", "Kreuze an, was du zurückhaben willst: Es wird auf dem Rechner gelöscht, an den es ging.";
    /// Withdraws everything.
    withdraw_all: "Withdraw everything", "Alles zurückziehen";
    /// Asks whether it is meant.
    withdraw_all_advice: "All of your files that can still be withdrawn are deleted.", "Alle deine Dateien, die sich noch zurückziehen lassen, werden gelöscht.";
    /// Holds the sending of one file.
    pause: "Pause", "Anhalten";
    /// Lets it go on.
    resume: "Resume", "Fortsetzen";
    /// Takes a file off the list.
    remove: "Remove", "Entfernen";
    /// Names what can be done with the photos of a link.
    photos: "What to do with these photos", "Was du mit diesen Fotos tun kannst";
    /// To send more.
    add_more: "Add more photos", "Weitere Fotos hinzufügen";
    /// The form to withdraw by was too old.
    stale_receipt: "The page was open for too long. Please try once more.", "Die Seite war zu lange offen. Bitte versuche es noch einmal.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_are_told_the_same() {
        for (name, english, german) in WORDS {
            let told = |text: &str| -> Vec<String> {
                let mut told: Vec<String> = text
                    .split('{')
                    .skip(1)
                    .filter_map(|rest| Some(rest.split_once('}')?.0.to_owned()))
                    .collect();
                told.sort();
                told
            };
            assert_eq!(told(english), told(german), "{name}");
        }
        assert_eq!(English.words().count(), WORDS.len());
    }

    #[test]
    fn what_is_withdrawn_is_told() {
        assert_eq!(English.withdrawn(1, 0), "1 file is withdrawn and gone.");
        assert!(German.withdrawn(12, 3).contains("12 Dateien sind"));
        assert!(English.withdrawn(0, 2).starts_with("2 files could not"));
    }
}
