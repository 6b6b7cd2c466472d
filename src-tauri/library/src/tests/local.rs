//! Originals that the off-site store alone has: they make room, come back as they were, and
//! are never in no certain place.

use std::collections::HashMap;
use std::fs;
use std::io::Read;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use super::peers::{device, join, named};
use super::{START, Story, open};
use crate::*;

/// A store that holds bodies as they are, and may be away.
#[derive(Clone, Default)]
struct Shelf {
    held: Arc<Mutex<HashMap<[u8; 32], Vec<u8>>>>,
    away: Arc<AtomicBool>,
    read: Arc<AtomicUsize>,
}

impl Shelf {
    /// The store of a library, which asks it for what it lacks.
    fn of(library: &Library) -> Shelf {
        let shelf = Shelf::default();
        let place = OffsitePlace {
            endpoint: "https://s3.example.org".to_owned(),
            bucket: "photos".to_owned(),
            region: "eu-1".to_owned(),
            prefix: String::new(),
        };
        let login = OffsiteLogin {
            access_key: "mira".to_owned(),
            secret_key: "hush".to_owned(),
        };
        library.set_offsite(&place, &login, None).unwrap();
        shelf.serve(library);
        shelf
    }

    fn serve(&self, library: &Library) {
        let shelf = self.clone();
        library.bring_by(move |from| {
            let Elsewhere::Store(returning) = from else {
                return Err("Nothing is brought from machines.".to_owned());
            };
            if shelf.away.load(Ordering::Relaxed) {
                return Err("It cannot be reached.".to_owned());
            }
            shelf.read.fetch_add(1, Ordering::Relaxed);
            let held = shelf.held.lock().unwrap().get(&returning.hash()).cloned();
            Ok(match held {
                Some(body) => returning.take(body.as_slice()).unwrap(),
                None => Brought::Gone,
            })
        });
    }

    /// Copies what waits, as a run does.
    fn copy(&self, library: &Library) -> usize {
        let waiting = library.offsite_waiting(None, 99).unwrap();
        for file in &waiting {
            let mut body = Vec::new();
            let mut open = library.open_offsite(file).unwrap();
            open.read_to_end(&mut body).unwrap();
            let stored = body.len() as u64;
            self.held.lock().unwrap().insert(file.hash(), body);
            library.note_offsite(file.hash(), stored, None).unwrap();
        }
        waiting.len()
    }

    /// Keeps so many bytes here, and lets the others go.
    fn keep(&self, library: &Library, bytes: u64) {
        library.set_keep_local(Some(bytes)).unwrap();
        for excess in library.offsite_excess().unwrap() {
            assert!(self.held.lock().unwrap().contains_key(&excess.copy.hash));
            library.let_go(&excess).unwrap();
        }
    }
}

fn path(story: &Story, id: AssetId) -> PathBuf {
    story.library.places(id).unwrap().remove(0).path
}

fn read(library: &Library, id: AssetId) -> Result<Vec<u8>, LibraryError> {
    let mut bytes = Vec::new();
    let mut served = library.own(id, What::Download)?;
    served.body.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Originals here, and at the store alone.
fn counts(library: &Library) -> (u64, u64) {
    let counts = library.offsite_counts().unwrap();
    (counts.files - counts.away - counts.lost, counts.away)
}

fn findings(library: &Library) -> Vec<Problem> {
    let found = library.verify(Verify::ReadAll, &|_| true).unwrap();
    found.findings.iter().map(|one| one.problem).collect()
}

#[test]
fn what_is_read_least_makes_room_and_comes_back_as_it_was() {
    let story = Story::begin();
    let names = ["one.jpg", "two.jpg", "six.jpg"];
    let photos = names.map(|name| story.photo(name, START));
    let library = &story.library;
    let shelf = Shelf::of(library);
    // What the store does not have stays, however little is to.
    shelf.keep(library, 0);
    assert_eq!(counts(library), (3, 0));
    assert_eq!(shelf.copy(library), 3);
    assert_eq!(shelf.copy(library), 0);
    story.later(2 * 60 * 60 * 1_000);
    read(library, photos[1]).unwrap();
    let time = fs::metadata(path(&story, photos[0])).unwrap();
    shelf.keep(library, 7);
    let is_here = |id| path(&story, id).exists();
    assert_eq!(photos.map(is_here), [false, true, false]);
    assert_eq!(counts(library), (1, 2));
    assert_eq!(findings(library), []);
    assert!(library.missing_originals().unwrap().is_empty());
    assert_eq!(library.safety().unwrap().machines[0].alone, 0);

    for (photo, name) in photos.iter().zip(names) {
        assert_eq!(read(library, *photo).unwrap(), name.as_bytes());
    }
    assert_eq!(
        shelf.read.load(Ordering::Relaxed),
        2,
        "what is here is not fetched"
    );
    assert_eq!(counts(library), (3, 0));
    let again = fs::metadata(path(&story, photos[0])).unwrap();
    assert_eq!(again.modified().unwrap(), time.modified().unwrap());
    // All of it is one place, however often it goes.
    shelf.keep(library, 0);
    assert_eq!(counts(library), (0, 3));
    assert!(library.bring_all_back(&|_| true).unwrap());
    assert_eq!(counts(library), (3, 0));
    assert_eq!(findings(library), []);
}

#[test]
fn while_the_store_is_away_nothing_is_taken_for_damaged_or_lost() {
    let story = Story::begin();
    let photo = story.photo("one.jpg", START);
    let library = &story.library;
    let shelf = Shelf::of(library);
    shelf.copy(library);
    shelf.keep(library, 0);
    shelf.away.store(true, Ordering::Relaxed);
    let refused = read(library, photo).unwrap_err();
    assert_eq!(refused.code(), "at_store");
    assert_eq!(
        refused.to_string(),
        "The original of one.jpg is at the store s3://photos (https://s3.example.org) and not \
         here. It cannot be reached."
    );
    assert_eq!(findings(library), []);
    assert_eq!(counts(library), (0, 1));
    assert!(library.missing_originals().unwrap().is_empty());
    assert!(library.bring_all_back(&|_| true).is_err());
    // What would forget where it is, is refused.
    let refused = library.end_offsite().unwrap_err();
    assert!(refused.to_string().contains("keep-local all"), "{refused}");
    let left = fs::read_dir(path(&story, photo).parent().unwrap()).unwrap();
    assert_eq!(left.count(), 0, "nothing is left of the try");
    shelf.away.store(false, Ordering::Relaxed);
    assert!(library.bring_all_back(&|_| true).unwrap());
    library.end_offsite().unwrap();
    assert_eq!(read(library, photo).unwrap(), b"one.jpg");
    assert_eq!(library.keep_local().unwrap(), None);
}

#[test]
fn what_the_store_lost_is_told_and_whole_again_by_another_copy() {
    let story = Story::begin();
    let photo = story.photo("one.jpg", START);
    let library = &story.library;
    let shelf = Shelf::of(library);
    shelf.copy(library);
    shelf.keep(library, 0);
    let hash = library.asset(photo).unwrap().hash;
    let body = shelf.held.lock().unwrap().insert(hash, b"two.jpg".to_vec());
    assert_eq!(read(library, photo).unwrap_err().code(), "lost_at_store");
    assert!(
        !path(&story, photo).exists(),
        "other bytes are nobody's original"
    );
    shelf.held.lock().unwrap().remove(&hash);
    assert_eq!(read(library, photo).unwrap_err().code(), "lost_at_store");
    // Only a check of the store is believed that it is gone for good.
    assert_eq!(findings(library), []);
    library.note_offsite_held(&[(hash, false)]).unwrap();
    assert_eq!(findings(library), [Problem::Missing]);
    assert_eq!(library.offsite_counts().unwrap().lost, 1);
    assert_eq!(library.safety().unwrap().machines[0].alone, 1);
    // Once more at the store, it is only away.
    shelf.held.lock().unwrap().insert(hash, body.unwrap());
    library.note_offsite_held(&[(hash, true)]).unwrap();
    assert_eq!(read(library, photo).unwrap(), b"one.jpg");
    // Or its file is put back some other way: then it is copied again.
    shelf.keep(library, 0);
    library.note_offsite_held(&[(hash, false)]).unwrap();
    library
        .catalog
        .write(move |write| offsite::note_here(write.conn(), &hash))
        .unwrap();
    fs::write(path(&story, photo), b"one.jpg").unwrap();
    assert_eq!(shelf.copy(library), 1);
}

#[test]
fn whatever_a_crash_or_an_older_catalog_says_an_original_is_found_where_it_is() {
    let story = Story::begin();
    let photos = ["one.jpg", "two.jpg"].map(|name| story.photo(name, START));
    let shelf = Shelf::of(&story.library);
    shelf.copy(&story.library);
    shelf.keep(&story.library, 7);
    let (
        Story {
            library,
            now,
            folder,
        },
        held,
    ) = (story, shelf.clone());
    let of = |id| library.places(id).unwrap().remove(0).path;
    let [away, here] = match of(photos[0]).exists() {
        false => photos,
        true => [photos[1], photos[0]],
    };
    // Noted to be away, and its file not removed yet; another gone, and not noted so.
    fs::write(of(away), library.asset(away).unwrap().name).unwrap();
    fs::remove_file(of(here)).unwrap();
    // And one that was on its way back.
    let unfinished = of(away).with_file_name(".albumen-0123456789abcdef");
    fs::write(&unfinished, "tw").unwrap();
    let inner = unfinished.strip_prefix(library.originals()).unwrap();
    let inner = inner.to_str().unwrap().to_owned();
    library
        .catalog
        .write(move |write| {
            write.conn().execute(
                "INSERT INTO intent (temp, target, hash) VALUES (?1, ?1, ?2)",
                (inner, [7; 32]),
            )?;
            Ok(())
        })
        .unwrap();
    drop(library);
    let library = open(folder.path(), &now);
    held.serve(&library);
    assert!(!unfinished.exists());
    for (photo, name) in photos.iter().zip(["one.jpg", "two.jpg"]) {
        assert_eq!(read(&library, *photo).unwrap(), name.as_bytes());
    }
    assert_eq!(findings(&library), []);
    assert_eq!(counts(&library), (2, 0));
}

#[test]
fn many_who_wait_for_one_original_have_it_brought_once() {
    let story = Story::begin();
    let photo = story.photo("one.jpg", START);
    let library = &story.library;
    let shelf = Shelf::of(library);
    shelf.copy(library);
    shelf.keep(library, 0);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| assert_eq!(read(library, photo).unwrap(), b"one.jpg"));
        }
    });
    assert_eq!(shelf.read.load(Ordering::Relaxed), 1);
}

#[test]
fn copies_of_another_machine_make_room_too() {
    let (desk, server) = (named("Desk"), named("Server"));
    let photo = desk.photo("one.jpg", START);
    join(&desk, &server);
    for _ in 0..2 {
        super::household::talk(&desk, &server);
        super::household::talk(&server, &desk);
    }
    let home = device(&desk).0;
    server.library.set_peer_keep(home, Keep::Originals).unwrap();
    super::partners::fetch(&server, &desk, photo, KeptWhat::Original);
    server.library.keep_as_wanted(home).unwrap();
    let library = &server.library;
    let shelf = Shelf::of(library);
    assert_eq!(shelf.copy(library), 1);
    shelf.keep(library, 0);
    assert_eq!(counts(library), (0, 1));
    let file = library.kept_path(home, photo, KeptWhat::Original);
    assert!(!file.exists());
    assert!(library.is_kept(home, photo, KeptWhat::Original).unwrap());
    shelf.away.store(true, Ordering::Relaxed);
    let refused = library.open_kept(home, photo, KeptWhat::Original);
    assert_eq!(refused.unwrap_err().code(), "at_store");
    assert!(library.is_kept(home, photo, KeptWhat::Original).unwrap());
    shelf.away.store(false, Ordering::Relaxed);
    let open = library.open_kept(home, photo, KeptWhat::Original).unwrap();
    let mut bytes = Vec::new();
    open.unwrap().read_to_end(&mut bytes).unwrap();
    assert_eq!(bytes, b"one.jpg");
    assert!(file.exists());
    assert_eq!(counts(library), (1, 0));
}
