//! What is known of a photo and must not stand in what is given of it, and which of it
//! some bytes tell.

use media::Metadata;
use memchr::memmem;

use crate::served::stem;
use crate::{Asset, Terms};

/// Shorter words stand in compressed bytes by chance.
const SHORTEST: usize = 6;

/// Kinds of things that a file may tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) location: bool,
    pub(super) serial: bool,
    pub(super) camera: bool,
    pub(super) name: bool,
    pub(super) time: bool,
    pub(super) caption: bool,
}

impl Told {
    pub(super) fn of(metadata: &Metadata) -> Told {
        let camera = [
            &metadata.camera_make,
            &metadata.camera_model,
            &metadata.lens,
        ];
        Told {
            location: metadata.place.is_some(),
            serial: !metadata.serials.is_empty(),
            camera: camera.into_iter().any(Option::is_some),
            name: false,
            time: metadata.taken.is_some(),
            caption: metadata.title.is_some()
                || metadata.description.is_some()
                || !metadata.tags.is_empty(),
        }
    }

    pub(super) fn or(self, other: Told) -> Told {
        Told {
            location: self.location | other.location,
            serial: self.serial | other.serial,
            camera: self.camera | other.camera,
            name: self.name | other.name,
            time: self.time | other.time,
            caption: self.caption | other.caption,
        }
    }

    pub(super) fn words(self) -> Vec<&'static str> {
        [
            (self.location, "location"),
            (self.serial, "serial"),
            (self.camera, "camera"),
            (self.name, "name"),
            (self.time, "time"),
            (self.caption, "caption"),
        ]
        .into_iter()
        .filter_map(|(is_told, word)| is_told.then_some(word))
        .collect()
    }
}

/// What is known of a photo and must not stand in what is given of it.
pub(super) struct Secrets(Vec<(Vec<u8>, Told)>);

impl Secrets {
    pub(super) fn of(asset: &Asset, serials: Vec<String>) -> Secrets {
        let none = Told::default();
        let camera = [&asset.camera_make, &asset.camera_model, &asset.lens];
        let captions = [&asset.title, &asset.description];
        let degrees = [asset.latitude, asset.longitude].into_iter().flatten();
        let told = |word: String, told| (word.into_bytes(), told);
        let all = serials
            .into_iter()
            .map(|word| {
                told(
                    word,
                    Told {
                        serial: true,
                        ..none
                    },
                )
            })
            .chain(camera.into_iter().flatten().cloned().map(|word| {
                told(
                    word,
                    Told {
                        camera: true,
                        ..none
                    },
                )
            }))
            .chain(
                captions
                    .into_iter()
                    .flatten()
                    .chain(&asset.tags)
                    .cloned()
                    .map(|word| {
                        told(
                            word,
                            Told {
                                caption: true,
                                ..none
                            },
                        )
                    }),
            )
            .chain(degrees.map(|number| {
                told(
                    format!("{number:.4}"),
                    Told {
                        location: true,
                        ..none
                    },
                )
            }))
            .chain([told(stem(asset).to_owned(), Told { name: true, ..none })])
            .filter(|(word, _)| word.len() >= SHORTEST);
        Secrets(all.collect())
    }

    pub(super) fn longest(&self) -> usize {
        let lengths = self.0.iter().map(|(word, _)| word.len());
        lengths.max().unwrap_or_default()
    }

    pub(super) fn found_in(&self, bytes: &[u8]) -> Told {
        self.0
            .iter()
            .filter(|(word, _)| memmem::find(bytes, word).is_some())
            .fold(Told::default(), |all, (_, told)| all.or(*told))
    }

    /// With a day as a page writes it, and without what the link's owner says to its
    /// visitors: what stands on a page anyway.
    pub(super) fn on_page(&self, day: Option<String>, terms: &Terms) -> Secrets {
        let said = [&terms.title, &terms.description, &terms.from];
        let is_said = |word: &[u8]| {
            said.iter()
                .any(|text| memmem::find(text.as_bytes(), word).is_some())
        };
        let day = day.map(|day| {
            let told = Told {
                time: true,
                ..Told::default()
            };
            (day.into_bytes(), told)
        });
        let all = self.0.iter().cloned().chain(day);
        Secrets(all.filter(|(word, _)| !is_said(word)).collect())
    }
}
