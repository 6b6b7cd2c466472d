//! Clean copies: originals without their metadata. A copy is a recipe over the
//! original (`media::clean`), made out once and kept in the cache.

use std::fs::{self, File};
use std::io;

use media::{CleanReader, Format, MediaError, Recipe};

use crate::rendition::turned_name;
use crate::{Asset, Library, LibraryError};

impl Library {
    /// An asset's original without its metadata.
    ///
    /// # Errors
    /// [`media::MediaError::CannotClean`] when it is to be withheld.
    pub(crate) fn open_clean(&self, asset: &Asset) -> Result<CleanReader<File>, LibraryError> {
        let original = self.open_original(asset)?;
        let recipe = self.recipe(asset, &original)?;
        Ok(CleanReader::new(original, recipe)?)
    }

    fn recipe(&self, asset: &Asset, original: &File) -> Result<Recipe, LibraryError> {
        let path = self.derived_path(&asset.hash, &turned_name("clean", asset.turn), "recipe");
        match fs::read(&path) {
            Ok(kept) => {
                if let Some(recipe) = Recipe::from_bytes(&kept) {
                    return Ok(recipe);
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error.into()),
        }
        let format = Format::of_mime(&asset.mime).ok_or(MediaError::NotAPicture)?;
        let recipe = media::clean::clean_turned(format, &mut original.try_clone()?, asset.turn)?;
        self.keep_derived(&path, &recipe.to_bytes())?;
        Ok(recipe)
    }
}
