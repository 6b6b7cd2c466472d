//! What must hold of a clean copy, whatever bytes it is planned from: it is
//! within its bounds, has the length it promises, and is clean.

use std::io::{Cursor, Read, Seek, SeekFrom};

use media::clean::{CleanReader, MOST_PARTS, MOST_PUT, Part, Recipe, clean};
use media::{Format, MediaError};

/// Cleans `bytes` as a file of this format, and the copy once more.
pub fn hold(format: Format, bytes: &[u8]) {
    let recipe = match clean(format, &mut Cursor::new(bytes)) {
        Ok(recipe) => recipe,
        Err(MediaError::CannotClean(_)) => return,
        Err(error) => panic!("{error}"),
    };
    assert!(recipe.parts().len() <= MOST_PARTS);
    let put = recipe.parts().iter().map(|part| match part {
        Part::Put(bytes) => bytes.len(),
        _ => 0,
    });
    assert!(put.sum::<usize>() <= MOST_PUT);
    let copy = read(bytes, recipe);
    let again = clean(format, &mut Cursor::new(copy.as_slice()))
        .unwrap_or_else(|error| panic!("the clean copy cannot be cleaned: {error}"));
    assert!(read(&copy, again) == copy, "cleaning again changes the copy");
}

fn read(original: &[u8], recipe: Recipe) -> Vec<u8> {
    let length = usize::try_from(recipe.length()).unwrap();
    // A box may claim zeros beyond any file, but not more than the original had.
    assert!(length <= original.len() + MOST_PUT);
    let mut reader = CleanReader::new(Cursor::new(original), recipe).unwrap();
    let mut copy = Vec::new();
    reader.read_to_end(&mut copy).unwrap();
    assert_eq!(copy.len(), length);
    let middle = length / 2;
    reader.seek(SeekFrom::Start(middle as u64)).unwrap();
    let mut rest = Vec::new();
    reader.read_to_end(&mut rest).unwrap();
    assert_eq!(rest, copy[middle..]);
    copy
}
