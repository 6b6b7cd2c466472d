//! What a visitor reads about comments and likes.

use library::{LONGEST_NAME, LONGEST_TEXT, Unsaid};

use super::Language::{self, English, German};

impl Language {
    /// Names the section.
    pub(crate) fn comments(self) -> &'static str {
        self.pick("Comments", "Kommentare")
    }

    /// Counts what was said: `5 comments`.
    pub(crate) fn comments_of(self, count: &u64) -> String {
        let noun = match count {
            0 => return self.pick("Comment", "Kommentieren").into(),
            1 => self.pick("comment", "Kommentar"),
            _ => self.pick("comments", "Kommentare"),
        };
        format!("{} {noun}", self.number(*count))
    }

    /// The heart, to those who hear it.
    pub(crate) fn like(self, likes: &u64) -> String {
        let counted = match (self, likes) {
            (English, 1) => "1 like".into(),
            (English, likes) => format!("{} likes", self.number(*likes)),
            (German, 1) => "gefällt 1 Person".into(),
            (German, likes) => format!("gefällt {} Personen", self.number(*likes)),
        };
        format!("{}, {counted}", self.pick("Like", "Gefällt mir"))
    }

    /// Who likes it, by the first of the names there are.
    pub(crate) fn liked_by(self, names: &[String], likes: u64, most: usize) -> Option<String> {
        let shown: Vec<&str> = names.iter().take(most).map(String::as_str).collect();
        let others = likes.saturating_sub(shown.len() as u64);
        let (last, before) = shown.split_last()?;
        let and = self.pick("and", "und");
        let named = match (before, others) {
            ([], 0) => (*last).to_owned(),
            (before, 0) => format!("{} {and} {last}", before.join(", ")),
            (_, 1) => format!(
                "{} {and} {}",
                shown.join(", "),
                self.pick("one more", "noch jemandem")
            ),
            (_, others) => {
                let more = self.pick("more", "weiteren");
                format!("{} {and} {} {more}", shown.join(", "), self.number(others))
            }
        };
        Some(match (self, shown.len() as u64 + others) {
            (English, 1) => format!("{named} likes this"),
            (English, _) => format!("{named} like this"),
            (German, _) => format!("Das gefällt {named}"),
        })
    }

    /// A comment is at a machine that serves the link, and not yet where it is to be.
    pub(crate) fn comment_waits(self) -> &'static str {
        self.pick(
            "waits here for the computer of whoever sent you the link",
            "wartet hier auf den Rechner der Person, die dir den Link geschickt hat",
        )
    }

    /// To what was said before.
    pub(crate) fn earlier_comments(self) -> &'static str {
        self.pick("Earlier comments", "Frühere Kommentare")
    }

    /// Whoever made the link, where they gave no name.
    pub(crate) fn the_sender(self) -> &'static str {
        self.pick("The sender", "Absender")
    }

    /// Said beside the name of whoever made the link.
    pub(crate) fn shares_this(self) -> &'static str {
        self.pick("shares this", "teilt das")
    }

    /// Labels the field of the visitor's name.
    pub(crate) fn your_name(self) -> &'static str {
        self.pick("Your name", "Dein Name")
    }

    /// Labels the field of the words.
    pub(crate) fn your_comment(self) -> &'static str {
        self.pick("Your comment", "Dein Kommentar")
    }

    /// Sends it.
    pub(crate) fn send(self) -> &'static str {
        self.pick("Send", "Senden")
    }

    /// Takes one's own comment back.
    pub(crate) fn delete(self) -> &'static str {
        self.pick("Delete", "Löschen")
    }

    /// Who can read it.
    pub(crate) fn who_reads(self) -> &'static str {
        self.pick(
            "Everyone with this link can read it.",
            "Alle mit diesem Link können es lesen.",
        )
    }

    /// Said when a form could not be sent.
    pub(crate) fn unsent(self) -> &'static str {
        self.pick(
            "It could not be sent. Please check your connection and try again.",
            "Es ließ sich nicht senden. Bitte prüfe deine Verbindung und versuche es erneut.",
        )
    }

    /// Heads the answer to a comment that was not kept.
    pub(crate) fn unsaid(self) -> &'static str {
        self.pick("This was not sent", "Das wurde nicht gesendet")
    }

    /// What to do about it.
    pub(crate) fn unsaid_advice(self, why: Unsaid) -> String {
        match (self, why) {
            (English, Unsaid::Nameless) => "Please go back and write your name beside it.".into(),
            (German, Unsaid::Nameless) => "Bitte geh zurück und schreib deinen Namen dazu.".into(),
            (English, Unsaid::Wordless) => "Please go back and write a few words.".into(),
            (German, Unsaid::Wordless) => "Bitte geh zurück und schreib ein paar Worte.".into(),
            (English, Unsaid::TooLong) => format!(
                "A comment may have {LONGEST_TEXT} characters, and a name {LONGEST_NAME}. Please go \
                 back and shorten it."
            ),
            (German, Unsaid::TooLong) => format!(
                "Ein Kommentar darf {LONGEST_TEXT} Zeichen haben und ein Name {LONGEST_NAME}. Bitte \
                 geh zurück und kürze ihn."
            ),
            (English, Unsaid::Off) => "Comments are switched off here.".into(),
            (German, Unsaid::Off) => "Kommentare sind hier abgeschaltet.".into(),
            (English, Unsaid::Full(most)) => format!(
                "{} is as many as there may be here. Please tell the person who sent the link.",
                self.number(most)
            ),
            (German, Unsaid::Full(most)) => format!(
                "Mehr als {} dürfen es hier nicht sein. Bitte sag der Person Bescheid, die dir den \
                 Link geschickt hat.",
                self.number(most)
            ),
        }
    }

    /// What to do when the link keeps visitors silent.
    pub(crate) fn silent_advice(self) -> &'static str {
        self.pick(
            "This link takes no comments. Please ask the person who sent it.",
            "Dieser Link nimmt keine Kommentare an. Bitte frage die Person, die ihn dir geschickt \
             hat.",
        )
    }

    /// What to do when the form is too old.
    pub(crate) fn stale_form_advice(self) -> &'static str {
        self.pick(
            "The page was open for too long. Please reload it and send it once more.",
            "Die Seite war zu lange offen. Bitte lade sie neu und sende es noch einmal.",
        )
    }

    /// What to do when a form could not be read.
    pub(crate) fn unheard_advice(self) -> &'static str {
        self.pick(
            "It did not arrive whole. Please go back and send it once more.",
            "Es kam nicht vollständig an. Bitte geh zurück und sende es noch einmal.",
        )
    }

    /// How long to wait when many speak at once.
    pub(crate) fn flood_advice(self, seconds: u64) -> String {
        match (self, seconds) {
            (English, 1) => "Too much was said at once. Please try again in a second.".into(),
            (English, _) => {
                format!("Too much was said at once. Please try again in {seconds} seconds.")
            }
            (German, 1) => {
                "Das war zu viel auf einmal. Bitte versuche es in einer Sekunde noch einmal.".into()
            }
            (German, _) => format!(
                "Das war zu viel auf einmal. Bitte versuche es in {seconds} Sekunden noch einmal."
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_who_like_it_are_named_as_people_would() {
        let names = ["Ben".to_owned(), "Oma".to_owned(), "Cem".to_owned()];
        let by = |say: Language, names: &[String], likes| say.liked_by(names, likes, 2);
        assert_eq!(by(English, &[], 4), None);
        assert_eq!(by(English, &names[..1], 1).unwrap(), "Ben likes this");
        assert_eq!(
            by(German, &names[..2], 2).unwrap(),
            "Das gefällt Ben und Oma"
        );
        assert_eq!(
            by(English, &names, 3).unwrap(),
            "Ben, Oma and one more like this"
        );
        assert_eq!(
            by(German, &names, 9).unwrap(),
            "Das gefällt Ben, Oma und 7 weiteren"
        );
    }
}
