//! Where copies go below `originals/`: folders with tokens that each photo fills
//! in, such as `{year}/{year}-{month}`. No template leads out of `originals/`:
//! every folder's name passes [`safe_name`].

use std::fmt;
use std::str::FromStr;

use crate::original::safe_name;
use crate::time::civil;
use crate::{Library, LibraryError, Setting};

/// The template unless another is set.
const USUAL: &str = "{year}/{year}-{month}";
/// The folder of photos of which nobody knows when they were taken.
const UNDATED: &str = "undated";
/// What stands where a photo does not say its camera.
const NO_CAMERA: &str = "unknown camera";
/// The most folders, one in another.
const DEEPEST: usize = 6;
/// The longest template, in bytes.
const LONGEST: usize = 200;

/// Folders with tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    text: String,
    folders: Vec<Vec<Piece>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    Year,
    Month,
    Day,
    Camera,
    Make,
    Model,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Token(Token),
}

/// What a photo fills a template's tokens with.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Filling<'a> {
    /// When it was taken, by the clock on the wall.
    pub taken_local_ms: Option<i64>,
    pub make: Option<&'a str>,
    pub model: Option<&'a str>,
}

impl Token {
    fn named(name: &str) -> Option<Token> {
        Some(match name {
            "year" => Token::Year,
            "month" => Token::Month,
            "day" => Token::Day,
            "camera" => Token::Camera,
            "make" => Token::Make,
            "model" => Token::Model,
            _ => return None,
        })
    }

    fn is_of_date(self) -> bool {
        matches!(self, Token::Year | Token::Month | Token::Day)
    }
}

impl Default for Template {
    fn default() -> Template {
        Template {
            text: USUAL.to_owned(),
            folders: vec![
                vec![Piece::Token(Token::Year)],
                vec![
                    Piece::Token(Token::Year),
                    Piece::Text("-".to_owned()),
                    Piece::Token(Token::Month),
                ],
            ],
        }
    }
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for Template {
    type Err = LibraryError;

    fn from_str(text: &str) -> Result<Template, LibraryError> {
        let text = text.trim();
        if text.len() > LONGEST {
            return Err(refused("The template is too long."));
        }
        let folders: Vec<Vec<Piece>> = text.split('/').map(folder).collect::<Result<_, _>>()?;
        if folders.len() > DEEPEST {
            return Err(refused(&format!(
                "A template has at most {DEEPEST} folders."
            )));
        }
        Ok(Template {
            text: text.to_owned(),
            folders,
        })
    }
}

fn folder(text: &str) -> Result<Vec<Piece>, LibraryError> {
    if text.trim_matches([' ', '.']).is_empty() || text.contains('\\') {
        return Err(refused(
            "A template is names of folders with / between them, none of them empty or «..».",
        ));
    }
    let mut pieces = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (plain, after) = match rest.split_once('{') {
            None => (rest, None),
            Some((plain, after)) => (plain, Some(after)),
        };
        if plain.contains('}') {
            return Err(refused("The template has a } without its {."));
        }
        if !plain.is_empty() {
            pieces.push(Piece::Text(plain.to_owned()));
        }
        let Some(after) = after else { break };
        let (name, after) = after
            .split_once('}')
            .ok_or_else(|| refused("The template has a { without its }."))?;
        let token =
            Token::named(name).ok_or_else(|| refused(&format!("There is no token {{{name}}}.")))?;
        pieces.push(Piece::Token(token));
        rest = after;
    }
    Ok(pieces)
}

fn refused(what: &str) -> LibraryError {
    LibraryError::wrong(format!(
        "{what} The tokens are {{year}}, {{month}}, {{day}}, {{camera}}, {{make}} and {{model}}, \
         as in {USUAL}."
    ))
}

impl Template {
    /// The folder for a photo, with `/` between its parts. Those that need a date
    /// which nobody knows become one `undated`.
    pub(crate) fn folder(&self, of: &Filling<'_>) -> String {
        let mut parts: Vec<String> = Vec::new();
        for pieces in &self.folders {
            let dated = |piece: &Piece| matches!(piece, Piece::Token(token) if token.is_of_date());
            let part = if of.taken_local_ms.is_none() && pieces.iter().any(dated) {
                UNDATED.to_owned()
            } else {
                safe_name(
                    &pieces
                        .iter()
                        .map(|piece| fill(piece, of))
                        .collect::<String>(),
                )
            };
            if part != UNDATED || parts.last().is_none_or(|last| last != UNDATED) {
                parts.push(part);
            }
        }
        parts.join("/")
    }
}

fn fill(piece: &Piece, of: &Filling<'_>) -> String {
    let token = match piece {
        Piece::Text(text) => return text.clone(),
        Piece::Token(token) => *token,
    };
    let date = of.taken_local_ms.map(|ms| civil(ms).date());
    let known = |text: Option<&str>| {
        let text = text.map(str::trim).filter(|text| !text.is_empty());
        text.unwrap_or(NO_CAMERA).to_owned()
    };
    match (token, date) {
        (Token::Year, Some(date)) => format!("{:04}", date.year()),
        (Token::Month, Some(date)) => format!("{:02}", date.month()),
        (Token::Day, Some(date)) => format!("{:02}", date.day()),
        (Token::Year | Token::Month | Token::Day, None) => UNDATED.to_owned(),
        (Token::Make, _) => known(of.make),
        (Token::Model, _) => known(of.model),
        (Token::Camera, _) => known(Some(&camera(of))),
    }
}

/// «Canon EOS 5D», «SONY ILCE-7M3»: the maker once.
fn camera(of: &Filling<'_>) -> String {
    let make = of.make.unwrap_or_default().trim();
    let model = of.model.unwrap_or_default().trim();
    let first = make.split(' ').next().unwrap_or_default();
    let named = model
        .get(..first.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(first));
    if named {
        model.to_owned()
    } else {
        format!("{make} {model}").trim().to_owned()
    }
}

impl Library {
    /// Where copies go below `originals/`.
    pub fn template(&self) -> Result<Template, LibraryError> {
        match self.setting(Setting::ImportTemplate)? {
            Some(text) => text.parse(),
            None => Ok(Template::default()),
        }
    }

    /// Sets where copies go from now on; what is there already stays.
    pub fn set_template(&self, template: &Template) -> Result<(), LibraryError> {
        self.set_setting(Setting::ImportTemplate, &template.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAY: Filling<'static> = Filling {
        taken_local_ms: Some(1_777_809_600_000),
        make: Some("Canon"),
        model: Some("Canon EOS 5D"),
    };

    fn in_folder(template: &str, of: &Filling<'_>) -> String {
        template.parse::<Template>().unwrap().folder(of)
    }

    #[test]
    fn a_photo_fills_the_tokens() {
        assert_eq!(Template::default(), USUAL.parse().unwrap());
        assert_eq!(Template::default().folder(&MAY), "2026/2026-05");
        let in_may = |template| in_folder(template, &MAY);
        assert_eq!(in_may("{year}{month}{day}"), "20260503");
        assert_eq!(
            in_may("{camera}/{make} at work/{year}"),
            "Canon EOS 5D/Canon at work/2026"
        );
        let sony = Filling {
            make: Some("SONY "),
            model: Some("ILCE-7M3"),
            ..MAY
        };
        assert_eq!(in_folder("{camera}", &sony), "SONY ILCE-7M3");
    }

    #[test]
    fn what_is_unknown_has_a_folder_of_its_own() {
        let nothing = Filling::default();
        assert_eq!(Template::default().folder(&nothing), "undated");
        assert_eq!(
            in_folder("{camera}/{year}/{month}", &nothing),
            "unknown camera/undated"
        );
        assert_eq!(in_folder("all", &nothing), "all");
    }

    #[test]
    fn no_template_leads_out() {
        for bad in [
            "",
            "/",
            "/etc",
            "a//b",
            "..",
            "a/../b",
            "a/",
            "{yaer}",
            "{year",
            "year}",
            "a\\b",
            "1/2/3/4/5/6/7",
        ] {
            let told = bad.parse::<Template>().unwrap_err().to_string();
            assert!(
                told.contains("{camera}") && told.ends_with('.'),
                "{bad}: {told}"
            );
        }
        let evil = Filling {
            make: Some("../../etc"),
            model: Some(" .. "),
            ..MAY
        };
        for template in ["{make}", "{model}", "{camera}", "{make}/{model}"] {
            let folder = in_folder(template, &evil);
            let escapes = |part: &str| part.is_empty() || part == "." || part == "..";
            assert!(!folder.split('/').any(escapes), "{folder}");
        }
    }
}
