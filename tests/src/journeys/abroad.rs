//! Videos that browsers do not play, on other machines than their own: there they play as
//! they were made to at home.

use crate::desk::{Desk, until};
use crate::household::{house, machine, seen};
use crate::live::plays;
use crate::parts::{both, holders, is_served, seen_by};
use crate::programs::{film, have};

/// An import of one such video; its id, and how it plays.
fn clip(desk: &Desk) -> (String, Vec<u8>) {
    let path = desk.photos().join("clip.avi");
    film(&path, "320x240", 2.0, &["-c:v", "mpeg4", "-c:a", "mp3"]);
    let id = desk.import()[0].clone();
    let film = plays(desk, &id, "video");
    assert!(std::fs::read(&path).unwrap() != film, "it is another");
    (id, film)
}

#[test]
fn a_partners_video_plays_as_it_does_at_theirs_and_goes_with_the_rest() {
    if !have("a_partners_video_plays", &["ffmpeg", "ffprobe"]) {
        return;
    }
    let (anna, ben) = (machine("Anna", "Desk"), machine("Ben", "Laptop"));
    let [running, _awake] = both(&anna, &ben, false);
    let (id, film) = clip(&anna);
    assert_eq!(seen_by(&anna, &ben), id);
    assert_eq!(plays(&ben, &id, "video"), film);
    // What was seen plays also while nothing of hers is there.
    drop(running);
    assert_eq!(plays(&ben, &id, "video"), film);
    assert_eq!(holders(&ben, &film), 1);
    ben.tell(&["partner", "decline", "Anna"]);
    assert_eq!(holders(&ben, &film), 0);
}

#[test]
fn a_video_of_an_album_plays_for_who_may_not_have_its_original() {
    if !have("a_video_of_an_album", &["ffmpeg", "ffprobe"]) {
        return;
    }
    let house = house();
    let album = house.album.as_str();
    house
        .anna
        .tell(&["album", "sharing", album, "--originals", "false"]);
    let (id, film) = clip(&house.anna);
    house.anna.tell(&["album", "add", album, &id]);
    until("who looks sees it", || {
        (seen(&house.clara, album) == (3, 0)).then_some(())
    });
    assert_eq!(plays(&house.clara, &id, "video"), film);
    let asset = house.clara.tell(&["asset", "show", &id]);
    house.clara.refusal_of(&asset, "original");
}

#[test]
fn a_video_that_an_editor_adds_plays_for_everybody_while_they_sleep() {
    if !have("a_video_that_an_editor_adds", &["ffmpeg", "ffprobe"]) {
        return;
    }
    let mut house = house();
    let (id, _) = clip(&house.ben);
    house.ben.tell(&["album", "add", &house.album, &id]);
    until("its original is one of the owner's files", || {
        let verified = house.anna.tell(&["verify", "--read-data"]);
        (verified["read"] == 3).then_some(())
    });
    house.running[1] = None;
    // It is made playable once more, of the original, where that is now.
    let film = plays(&house.anna, &id, "video");
    assert_eq!(plays(&house.clara, &id, "video"), film);
}

#[test]
fn a_video_of_a_link_plays_while_its_home_rests() {
    if !have("a_video_of_a_link", &["ffmpeg", "ffprobe"]) {
        return;
    }
    let mut two = crate::outlive::two();
    let (id, film) = clip(&two.desk);
    let album = two.desk.album("Summer", &[id]);
    let link = two.desk.link(&["--album", &album]);
    until("it is at the server as it plays", || {
        (holders(&two.server, &film) > 0).then_some(())
    });
    two.rest();
    is_served(&two.friend(), &link, "/video", &film);
}
