//! A link as a QR code: to be scanned from the screen, or printed as a card.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use qrcode::render::unicode;
use qrcode::{Color, EcLevel, QrCode};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Kind, Link};
use crate::command::{Command, id};
use crate::{Node, NodeError};

/// Arguments of `link qr`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
#[ts(optional_fields)]
pub struct LinkQr {
    /// The link's id
    id: String,
    /// A card to print, with what is shared and from whom, rather than the code alone
    #[arg(long)]
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    card: bool,
    /// The language of the card's own words
    #[arg(long, value_enum, default_value_t)]
    #[serde(default)]
    #[ts(as = "Option<CardLanguage>", optional)]
    language: CardLanguage,
    /// Write it to this file, as SVG
    #[arg(long)]
    #[ts(as = "Option<String>", optional)]
    to: Option<PathBuf>,
}

/// A language of cards.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum, Serialize, Deserialize, TS,
)]
#[serde(rename_all = "lowercase")]
pub enum CardLanguage {
    /// English
    #[default]
    En,
    /// German
    De,
}

/// Answer to `link qr`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct QrPicture {
    /// The address in it.
    url: String,
    /// The picture, as SVG.
    svg: String,
    /// The code in characters, for a terminal.
    blocks: String,
    /// Where it was written.
    path: Option<String>,
}

impl Command for LinkQr {
    const NAME: &'static str = "link.qr";
    const ABOUT: &'static str = "Show a link as a QR code, or make a card of it to print";
    type Reply = QrPicture;

    fn prepare(mut self) -> Result<Self, NodeError> {
        self.to = self.to.map(std::path::absolute).transpose()?;
        Ok(self)
    }

    fn run(self, node: &Arc<Node>) -> Result<QrPicture, NodeError> {
        let link = Link::new(node.library.link(id(&self.id)?)?, &node.link_bases()?);
        let Some(url) = link.url.clone() else {
            return Err(NodeError::new(
                "no_address",
                "The address of this link is not known any more; give it a new one.",
            ));
        };
        let code = QrCode::with_error_correction_level(&url, EcLevel::M)
            .map_err(|error| NodeError::new("qr", format!("No code was made: {error}.")))?;
        let svg = match self.card {
            true => {
                let from = node.library.identity()?.person_name;
                card(&link, &url, &code, &from, self.language)
            }
            false => plain(&code, ""),
        };
        if let Some(path) = &self.to {
            std::fs::write(path, &svg)?;
        }
        Ok(QrPicture {
            blocks: code.render::<unicode::Dense1x2>().build(),
            path: self.to.map(|path| path.display().to_string()),
            url,
            svg,
        })
    }

    fn text(reply: &QrPicture) -> String {
        match &reply.path {
            Some(path) => format!("Written to {path}."),
            None => format!("{}\n{}", reply.blocks, reply.url),
        }
    }
}

impl CardLanguage {
    /// What is shared: an album's title, or how many photos.
    fn title(self, link: &Link) -> String {
        match (self, link.kind, link.count) {
            (CardLanguage::De, Kind::Selection, 1) => "1 Foto".to_owned(),
            (CardLanguage::De, Kind::Selection, count) => format!("{count} Fotos"),
            _ => link.title.clone(),
        }
    }

    fn from(self, name: &str) -> String {
        match self {
            CardLanguage::En => format!("from {name}"),
            CardLanguage::De => format!("von {name}"),
        }
    }
}

/// The code with its quiet zone of four modules, dark on light whatever the theme:
/// scanners want it so. `more` are further attributes of the picture.
pub(in crate::command) fn plain(code: &QrCode, more: &str) -> String {
    const QUIET: usize = 4;
    let width = code.width();
    let mut dark = String::new();
    for (at, color) in code.to_colors().into_iter().enumerate() {
        if color == Color::Dark {
            let (x, y) = (at % width + QUIET, at / width + QUIET);
            dark.push_str(&format!("M{x} {y}h1v1h-1z"));
        }
    }
    let size = width + 2 * QUIET;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {size} {size}\" \
         shape-rendering=\"crispEdges\"{more}><path fill=\"#fff\" d=\"M0 0h{size}v{size}H0z\"/>\
         <path d=\"{dark}\"/></svg>"
    )
}

/// A card of the size A6, with no password on it.
fn card(link: &Link, url: &str, code: &QrCode, from: &str, language: CardLanguage) -> String {
    const LINE: usize = 26;
    let code = plain(code, " x=\"22.5\" y=\"60\" width=\"60\" height=\"60\"");
    let mut words = String::new();
    let mut y = 20.0;
    for line in lines(&language.title(link), LINE).iter().take(2) {
        words.push_str(&text(52.5, y, 8.0, "600", line));
        y += 9.5;
    }
    if !from.is_empty() {
        words.push_str(&text(52.5, y, 4.5, "400", &language.from(from)));
        y += 7.0;
    }
    for line in lines(&link.description, LINE * 2).iter().take(3) {
        words.push_str(&text(52.5, y, 4.0, "400", line));
        y += 5.5;
    }
    let mut foot = String::new();
    for (number, line) in lines(url, 48).iter().enumerate().take(4) {
        let y = 130.0 + 4.2 * f64::from(u32::try_from(number).unwrap_or(0));
        foot.push_str(&text(52.5, y, 3.2, "400", line));
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"105mm\" height=\"148mm\" \
         viewBox=\"0 0 105 148\" font-family=\"system-ui, sans-serif\" text-anchor=\"middle\">\
         <rect width=\"105\" height=\"148\" fill=\"#fff\"/>{words}\
         {code}{foot}</svg>"
    )
}

fn text(x: f64, y: f64, size: f64, weight: &str, words: &str) -> String {
    format!(
        "<text x=\"{x}\" y=\"{y:.1}\" font-size=\"{size}\" font-weight=\"{weight}\" \
         fill=\"#1a1a1a\">{}</text>",
        words
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
    )
}

/// Words in lines of so many characters; what is longer is cut where it must be.
fn lines(words: &str, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = vec![String::new()];
    for word in words.split_whitespace() {
        let letters: Vec<char> = word.chars().collect();
        for part in letters.chunks(most) {
            let part: String = part.iter().collect();
            let last = lines.last_mut();
            match last {
                Some(line) if line.is_empty() => *line = part,
                Some(line) if line.chars().count() + 1 + part.chars().count() <= most => {
                    line.push(' ');
                    line.push_str(&part);
                }
                _ => lines.push(part),
            }
        }
    }
    lines.retain(|line| !line.is_empty());
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_set_in_lines() {
        assert_eq!(lines("By the sea", 26), ["By the sea"]);
        assert_eq!(lines("one two three", 7), ["one two", "three"]);
        assert_eq!(lines("abcdefgh", 3), ["abc", "def", "gh"]);
        assert!(lines("  ", 5).is_empty());
    }

    #[test]
    fn what_people_write_is_no_markup() {
        assert!(text(0.0, 0.0, 1.0, "400", "<script>&").contains("&lt;script&gt;&amp;"));
    }
}
