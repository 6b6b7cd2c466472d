-- Libraries that partners show each other, whole and one way.

ALTER TABLE asset ADD COLUMN partner BLOB;

CREATE INDEX asset_of_partner ON asset (partner, sorted_at, seq) WHERE partner IS NOT NULL;

DROP VIEW searched;

CREATE VIEW searched (asset, spot, words, camera, marks) AS
SELECT asset.id, asset.spot,
       concat_ws(' ', asset.name, asset.title, asset.description, asset.place,
           (SELECT group_concat(tag, ' ') FROM asset_tag WHERE asset_tag.asset = asset.id)),
       concat_ws(' ', asset.camera_make, asset.camera_model),
       concat_ws(' ', char(0xe000) || asset.kind,
           CASE WHEN asset.partner IS NOT NULL THEN char(0xe000) || 'of' || lower(hex(asset.partner)) END,
           CASE WHEN asset.mime LIKE 'image/x-%' THEN char(0xe000) || 'raw' END,
           CASE WHEN EXISTS (SELECT 1 FROM motion WHERE motion.asset = asset.id)
                THEN char(0xe000) || 'live' END,
           CASE WHEN asset.trashed_at IS NOT NULL THEN char(0xe000) || 'trashed'
                WHEN asset.shelf = 'archive' THEN char(0xe000) || 'archived' END,
           CASE WHEN asset.favorite THEN char(0xe000) || 'favorite' END,
           char(0xe000) || CASE WHEN asset.latitude IS NULL THEN 'unplaced' ELSE 'placed' END,
           CASE WHEN asset.rating >= 1 THEN char(0xe000) || 'stars1' END,
           CASE WHEN asset.rating >= 2 THEN char(0xe000) || 'stars2' END,
           CASE WHEN asset.rating >= 3 THEN char(0xe000) || 'stars3' END,
           CASE WHEN asset.rating >= 4 THEN char(0xe000) || 'stars4' END,
           CASE WHEN asset.rating >= 5 THEN char(0xe000) || 'stars5' END)
  FROM asset;

DROP TRIGGER asset_searched_anew;
DROP TRIGGER asset_fed;
DROP TRIGGER asset_fed_anew;
DROP TRIGGER asset_fed_gone;
DROP TRIGGER tag_fed;
DROP TRIGGER tag_fed_gone;
DROP TRIGGER device_forgotten;

CREATE TRIGGER asset_searched_anew AFTER UPDATE OF sorted_at, name, title, description, place,
    camera_make, camera_model, kind, mime, favorite, latitude, rating, shelf, trashed_at, partner ON asset BEGIN
    DELETE FROM search WHERE rowid = OLD.spot;
    INSERT INTO search (rowid, words, camera, marks)
    SELECT spot, words, camera, marks FROM searched WHERE asset = NEW.id;
END;

CREATE TRIGGER asset_fed AFTER INSERT ON asset WHEN NEW.via IS NULL BEGIN
    INSERT INTO fed VALUES ('library', 1, NEW.id, NEW.shelf = 'locked');
END;

CREATE TRIGGER asset_fed_anew AFTER UPDATE OF hash, name, bytes, mime, width, height, duration_ms, taken_local,
    taken_offset, taken_from, sorted_at, latitude, longitude, altitude, place, camera_make, camera_model, lens,
    f_number, exposure_time, iso, focal_length, rating, title, description, favorite, thumbhash, plays,
    unseen, shelf, trashed_at, turn, contributor ON asset WHEN NEW.via IS NULL BEGIN
    INSERT INTO fed VALUES ('library', 1, NEW.id, NEW.shelf = 'locked');
END;

CREATE TRIGGER asset_fed_gone AFTER DELETE ON asset WHEN OLD.via IS NULL BEGIN
    INSERT INTO fed VALUES ('library', 1, OLD.id, 1);
END;

CREATE TRIGGER tag_fed AFTER INSERT ON asset_tag BEGIN
    INSERT INTO fed SELECT 'library', 1, id, shelf = 'locked' FROM asset WHERE id = NEW.asset AND via IS NULL;
END;

CREATE TRIGGER tag_fed_gone AFTER DELETE ON asset_tag BEGIN
    INSERT INTO fed SELECT 'library', 1, id, shelf = 'locked' FROM asset WHERE id = OLD.asset AND via IS NULL;
END;

-- To whom the library's person shows all of it, and by which rules: one way.
CREATE TABLE partner (
    person     BLOB    NOT NULL PRIMARY KEY REFERENCES person (id),
    home       BLOB,                                     -- the own machine that decides; null: this one
    state      TEXT    NOT NULL CHECK (state IN ('asked', 'accepted', 'declined', 'ended')),
    since      INTEGER,                                  -- only what was taken then or later, wall clock; null: everything
    captions   INTEGER NOT NULL CHECK (captions IN (0, 1)), -- titles, descriptions and tags travel
    albums     INTEGER NOT NULL CHECK (albums IN (0, 1)),   -- so do albums
    asked_at   INTEGER NOT NULL,
    decided_at INTEGER
) STRICT, WITHOUT ROWID;

-- The machines of theirs that were told of the library, and which of them have dropped it.
CREATE TABLE partner_copy (
    person     BLOB    NOT NULL REFERENCES partner (person) ON DELETE CASCADE,
    device     BLOB    NOT NULL REFERENCES device (id) ON DELETE CASCADE,
    since      INTEGER NOT NULL,
    dropped_at INTEGER,
    PRIMARY KEY (person, device)
) STRICT, WITHOUT ROWID;

-- The libraries that others show, a row for each of their machines, and one's own wishes for them.
CREATE TABLE partner_library (
    home        BLOB    NOT NULL PRIMARY KEY REFERENCES device (id) ON DELETE CASCADE,
    person      BLOB    NOT NULL REFERENCES person (id),
    decides     BLOB    NOT NULL,                        -- the machine of theirs that hears the answer
    state       TEXT    NOT NULL CHECK (state IN ('asked', 'accepted', 'declined', 'ended')), -- as it told
    since       INTEGER,
    captions    INTEGER NOT NULL CHECK (captions IN (0, 1)),
    albums      INTEGER NOT NULL CHECK (albums IN (0, 1)),
    asked_at    INTEGER NOT NULL,
    count       INTEGER NOT NULL,                        -- photos, when it was told
    bytes       INTEGER NOT NULL,                        -- of their originals, then
    consent     INTEGER NOT NULL DEFAULT 0 CHECK (consent IN (0, 1)),     -- accepted at this machine
    in_timeline INTEGER NOT NULL DEFAULT 0 CHECK (in_timeline IN (0, 1)),
    keep        TEXT    NOT NULL DEFAULT 'nothing' CHECK (keep IN ('nothing', 'previews', 'originals')),
    dropping    INTEGER NOT NULL DEFAULT 0 CHECK (dropping IN (0, 1))     -- its copies go, and then its home is told
) STRICT, WITHOUT ROWID;

CREATE INDEX partner_library_of ON partner_library (person);

-- Albums of those libraries, and what is in them.
CREATE TABLE partner_album (
    home        BLOB    NOT NULL REFERENCES device (id) ON DELETE CASCADE,
    id          BLOB    NOT NULL,
    title       TEXT    NOT NULL,
    description TEXT    NOT NULL,
    cover       BLOB,
    created_at  INTEGER NOT NULL,
    PRIMARY KEY (home, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE partner_album_asset (
    album BLOB NOT NULL,
    asset BLOB NOT NULL REFERENCES asset (id) ON DELETE CASCADE,
    PRIMARY KEY (album, asset)
) STRICT, WITHOUT ROWID;

CREATE INDEX partner_album_of_asset ON partner_album_asset (asset);

-- Where a photo that others told of lies: in the timeline by an album or by a library that is seen
-- there, the same bytes once, and never beside one's own.
CREATE VIEW placed (asset, shelf) AS
SELECT asset.id,
       CASE WHEN EXISTS (SELECT 1 FROM album_asset JOIN album ON album.id = album_asset.album
                          WHERE album_asset.asset = asset.id AND album.in_timeline)
              OR asset.partner IS NOT NULL
                 AND EXISTS (SELECT 1 FROM partner_library
                              WHERE partner_library.home = asset.via AND partner_library.in_timeline)
                 AND NOT EXISTS (SELECT 1 FROM asset AS own
                                  WHERE own.hash = asset.hash AND own.via IS NULL AND own.trashed_at IS NULL)
                 AND NOT EXISTS (SELECT 1 FROM asset AS told
                                   JOIN partner_library ON partner_library.home = told.via
                                  WHERE told.hash = asset.hash AND told.via IS NOT NULL
                                    AND told.partner IS NOT NULL AND told.seq < asset.seq
                                    AND partner_library.in_timeline)
            THEN 'timeline' ELSE 'album' END
  FROM asset WHERE asset.via IS NOT NULL;

CREATE TRIGGER asset_places_told AFTER INSERT ON asset WHEN NEW.via IS NULL BEGIN
    UPDATE asset SET shelf = (SELECT placed.shelf FROM placed WHERE placed.asset = asset.id)
     WHERE hash = NEW.hash AND via IS NOT NULL AND partner IS NOT NULL;
END;

CREATE TRIGGER asset_places_told_anew AFTER UPDATE OF hash, trashed_at ON asset WHEN NEW.via IS NULL BEGIN
    UPDATE asset SET shelf = (SELECT placed.shelf FROM placed WHERE placed.asset = asset.id)
     WHERE hash IN (OLD.hash, NEW.hash) AND via IS NOT NULL AND partner IS NOT NULL;
END;

CREATE TRIGGER asset_gone_places_told AFTER DELETE ON asset WHEN OLD.via IS NULL OR OLD.partner IS NOT NULL BEGIN
    UPDATE asset SET shelf = (SELECT placed.shelf FROM placed WHERE placed.asset = asset.id)
     WHERE hash = OLD.hash AND via IS NOT NULL AND partner IS NOT NULL;
END;

-- A library that is shown to partners: the space of each is `partner:` and their id. What they may
-- see is nothing but this; what they were never told is not told as gone either.
CREATE VIEW partner_sees (person, asset) AS
SELECT partner.person, asset.id
  FROM partner JOIN asset ON asset.via IS NULL AND +asset.shelf = 'timeline' AND asset.trashed_at IS NULL
       AND (partner.since IS NULL OR asset.sorted_at >= partner.since)
 WHERE partner.state = 'accepted';

CREATE VIEW partner_told (space, asset, removed) AS
SELECT 'partner:' || lower(hex(partner.person)), asset.id,
       NOT EXISTS (SELECT 1 FROM partner_sees AS sees
                    WHERE sees.person = partner.person AND sees.asset = asset.id)
  FROM partner JOIN asset ON asset.via IS NULL
 WHERE partner.state = 'accepted'
   AND (EXISTS (SELECT 1 FROM partner_sees AS sees
                 WHERE sees.person = partner.person AND sees.asset = asset.id)
        OR EXISTS (SELECT 1 FROM feed WHERE feed.space = 'partner:' || lower(hex(partner.person))
                      AND feed.kind = 1 AND feed.row = asset.id AND feed.removed = 0));

CREATE VIEW partner_told_album (space, album, removed) AS
SELECT 'partner:' || lower(hex(partner.person)), album.id,
       NOT EXISTS (SELECT 1 FROM album_asset JOIN partner_sees AS sees ON sees.asset = album_asset.asset
                    WHERE album_asset.album = album.id AND sees.person = partner.person)
  FROM partner JOIN album ON album.owner IS NULL
 WHERE partner.state = 'accepted' AND partner.albums
   AND (EXISTS (SELECT 1 FROM album_asset JOIN partner_sees AS sees ON sees.asset = album_asset.asset
                 WHERE album_asset.album = album.id AND sees.person = partner.person)
        OR EXISTS (SELECT 1 FROM feed WHERE feed.space = 'partner:' || lower(hex(partner.person))
                      AND feed.kind = 2 AND feed.row = album.id AND feed.removed = 0));

CREATE TRIGGER asset_fed_to_partners AFTER INSERT ON asset WHEN NEW.via IS NULL BEGIN
    INSERT INTO fed SELECT space, 1, asset, removed FROM partner_told WHERE asset = NEW.id;
END;

CREATE TRIGGER asset_fed_to_partners_anew AFTER UPDATE OF hash, name, bytes, mime, width, height, duration_ms,
    taken_local, taken_offset, sorted_at, latitude, longitude, altitude, place, camera_make, camera_model, lens,
    f_number, exposure_time, iso, focal_length, title, description, thumbhash, plays,
    unseen, shelf, trashed_at, turn ON asset WHEN NEW.via IS NULL BEGIN
    INSERT INTO fed SELECT space, 1, asset, removed FROM partner_told WHERE asset = NEW.id;
END;

CREATE TRIGGER asset_albums_fed_to_partners AFTER UPDATE OF sorted_at, shelf, trashed_at ON asset
WHEN NEW.via IS NULL BEGIN
    INSERT INTO fed SELECT space, 2, album, removed FROM partner_told_album
     WHERE album IN (SELECT album FROM album_asset WHERE album_asset.asset = NEW.id);
END;

CREATE TRIGGER asset_gone_to_partners AFTER DELETE ON asset WHEN OLD.via IS NULL BEGIN
    INSERT INTO fed SELECT space, kind, row, 1 FROM feed
     WHERE space IN (SELECT 'partner:' || lower(hex(person)) FROM partner)
       AND kind = 1 AND row = OLD.id AND removed = 0;
END;

CREATE TRIGGER tag_fed_to_partners AFTER INSERT ON asset_tag BEGIN
    INSERT INTO fed SELECT space, 1, asset, removed FROM partner_told WHERE asset = NEW.asset;
END;

CREATE TRIGGER tag_gone_to_partners AFTER DELETE ON asset_tag BEGIN
    INSERT INTO fed SELECT space, 1, asset, removed FROM partner_told WHERE asset = OLD.asset;
END;

CREATE TRIGGER album_fed_to_partners AFTER UPDATE OF title, description, cover ON album BEGIN
    INSERT INTO fed SELECT space, 2, album, removed FROM partner_told_album WHERE album = NEW.id;
END;

CREATE TRIGGER album_gone_to_partners AFTER DELETE ON album BEGIN
    INSERT INTO fed SELECT space, kind, row, 1 FROM feed
     WHERE space IN (SELECT 'partner:' || lower(hex(person)) FROM partner)
       AND kind = 2 AND row = OLD.id AND removed = 0;
END;

CREATE TRIGGER album_asset_fed_to_partners AFTER INSERT ON album_asset BEGIN
    INSERT INTO fed SELECT space, 1, asset, removed FROM partner_told WHERE asset = NEW.asset;
    INSERT INTO fed SELECT space, 2, album, removed FROM partner_told_album WHERE album = NEW.album;
END;

CREATE TRIGGER album_asset_gone_to_partners AFTER DELETE ON album_asset BEGIN
    INSERT INTO fed SELECT space, 1, asset, removed FROM partner_told WHERE asset = OLD.asset;
    INSERT INTO fed SELECT space, 2, album, removed FROM partner_told_album WHERE album = OLD.album;
END;

CREATE TRIGGER partner_fed AFTER INSERT ON partner BEGIN
    INSERT INTO fed VALUES ('shared:' || lower(hex(NEW.person)), 9, NEW.person, NEW.state = 'ended');
    INSERT INTO fed VALUES ('library', 9, NEW.person, 0);
END;

CREATE TRIGGER partner_fed_anew AFTER UPDATE ON partner BEGIN
    INSERT INTO fed VALUES ('shared:' || lower(hex(NEW.person)), 9, NEW.person, NEW.state = 'ended');
    INSERT INTO fed VALUES ('library', 9, NEW.person, 0);
END;

CREATE TRIGGER partner_gone AFTER DELETE ON partner BEGIN
    INSERT INTO fed VALUES ('shared:' || lower(hex(OLD.person)), 9, OLD.person, 1);
    INSERT INTO fed VALUES ('library', 9, OLD.person, 1);
END;

CREATE TRIGGER device_forgotten BEFORE DELETE ON device BEGIN
    UPDATE partner SET home = NULL WHERE home = OLD.id;
    UPDATE asset SET partner = NULL WHERE via = OLD.id AND partner IS NOT NULL;
    DELETE FROM activity WHERE home = OLD.id;
    DELETE FROM album WHERE home = OLD.id;
    DELETE FROM asset WHERE via = OLD.id AND NOT EXISTS (
        SELECT 1 FROM album_asset JOIN album ON album.id = album_asset.album
         WHERE album_asset.asset = asset.id AND album.owner IS NULL);
END;

-- Further files of photos that other machines told of: live parts that are files of their own, and sidecars.
CREATE TABLE part (
    home  BLOB    NOT NULL REFERENCES device (id) ON DELETE CASCADE,
    asset BLOB    NOT NULL,
    hash  BLOB    NOT NULL,                              -- BLAKE3 of the file
    part  TEXT    NOT NULL CHECK (part IN ('live', 'side')),
    name  TEXT    NOT NULL,                              -- as it is called beside the photo
    bytes INTEGER NOT NULL,
    PRIMARY KEY (home, asset, hash)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER replica_part_gone AFTER DELETE ON replica WHEN OLD.space = 'library' AND OLD.kind = 1 BEGIN
    DELETE FROM part WHERE home = OLD.home AND asset = OLD.row;
END;

CREATE TRIGGER partner_part_gone AFTER DELETE ON asset
WHEN OLD.partner <> (SELECT person FROM library) BEGIN
    DELETE FROM part WHERE home = OLD.via AND asset = OLD.id;
END;

CREATE TRIGGER partner_part_left AFTER UPDATE OF partner ON asset
WHEN OLD.partner <> (SELECT person FROM library) AND NEW.partner IS NULL BEGIN
    DELETE FROM part WHERE home = OLD.via AND asset = OLD.id;
END;

CREATE TRIGGER part_fed AFTER INSERT ON original WHEN NEW.part <> 'whole' BEGIN
    INSERT INTO fed SELECT 'library', 1, id, shelf = 'locked' FROM asset WHERE id = NEW.asset AND via IS NULL;
    INSERT INTO fed SELECT space, 1, asset, removed FROM partner_told WHERE asset = NEW.asset;
END;

CREATE TRIGGER part_fed_anew AFTER UPDATE OF asset, part, hash ON original WHEN NEW.part <> 'whole' BEGIN
    INSERT INTO fed SELECT 'library', 1, id, shelf = 'locked' FROM asset WHERE id = NEW.asset AND via IS NULL;
    INSERT INTO fed SELECT space, 1, asset, removed FROM partner_told WHERE asset = NEW.asset;
END;

CREATE TRIGGER part_fed_gone AFTER DELETE ON original WHEN OLD.part <> 'whole' BEGIN
    INSERT INTO fed SELECT 'library', 1, id, shelf = 'locked' FROM asset WHERE id = OLD.asset AND via IS NULL;
    INSERT INTO fed SELECT space, 1, asset, removed FROM partner_told WHERE asset = OLD.asset;
END;

-- Copies of those files, too, are kept.
ALTER TABLE kept RENAME TO kept_before;

DROP INDEX kept_by_use;

CREATE TABLE kept (
    home    BLOB    NOT NULL REFERENCES device (id) ON DELETE CASCADE,
    asset   BLOB    NOT NULL,
    what    TEXT    NOT NULL CHECK (what IN ('thumbnail', 'preview', 'original') OR what GLOB 'part-*'),
    hash    BLOB    NOT NULL,
    bytes   INTEGER NOT NULL,
    used_at INTEGER NOT NULL,
    wanted  INTEGER NOT NULL CHECK (wanted IN (0, 1)),   -- 1: kept by the user's wish, 0: seen lately
    PRIMARY KEY (home, asset, what)
) STRICT, WITHOUT ROWID;

CREATE INDEX kept_by_use ON kept (used_at) WHERE wanted = 0;

INSERT INTO kept SELECT * FROM kept_before;

DROP TABLE kept_before;

-- Who follows is told of them, and asks for what was told before it knew of them.
INSERT INTO fed SELECT 'library', 1, id, shelf = 'locked' FROM asset
 WHERE via IS NULL AND EXISTS (SELECT 1 FROM original WHERE original.asset = asset.id AND part <> 'whole');

UPDATE cursor SET revision = 0 WHERE space = 'library';

-- Originals of one's own other machines that are kept here, for all of those to know, with which of
-- the photo's further files.
CREATE TRIGGER kept_fed AFTER INSERT ON kept WHEN NEW.what NOT IN ('thumbnail', 'preview') BEGIN
    INSERT INTO fed SELECT 'library', 10, CAST(NEW.home || NEW.asset AS BLOB), NOT EXISTS (
        SELECT 1 FROM kept WHERE home = NEW.home AND asset = NEW.asset AND what = 'original' AND wanted);
END;

CREATE TRIGGER kept_fed_anew AFTER UPDATE OF hash, wanted ON kept WHEN NEW.what NOT IN ('thumbnail', 'preview') BEGIN
    INSERT INTO fed SELECT 'library', 10, CAST(NEW.home || NEW.asset AS BLOB), NOT EXISTS (
        SELECT 1 FROM kept WHERE home = NEW.home AND asset = NEW.asset AND what = 'original' AND wanted);
END;

CREATE TRIGGER kept_fed_gone AFTER DELETE ON kept
WHEN OLD.what NOT IN ('thumbnail', 'preview') AND OLD.wanted BEGIN
    INSERT INTO fed SELECT 'library', 10, CAST(OLD.home || OLD.asset AS BLOB), NOT EXISTS (
        SELECT 1 FROM kept WHERE home = OLD.home AND asset = OLD.asset AND what = 'original' AND wanted);
END;

-- Of what others do, their libraries are told, too: then there is no album.
CREATE TABLE notice_with_libraries (
    id      INTEGER NOT NULL PRIMARY KEY,
    made_at INTEGER NOT NULL,
    kind    TEXT    NOT NULL CHECK (kind IN ('asked', 'joined', 'declined', 'left', 'removed', 'added', 'taken', 'comment', 'mention', 'like', 'refused', 'heir', 'moved', 'library_offered', 'library_accepted', 'library_declined', 'library_ended')),
    album   BLOB,
    title   TEXT    NOT NULL,                            -- of the album, then
    person  BLOB    NOT NULL,
    name    TEXT    NOT NULL,                            -- of the person, then
    asset   BLOB,
    text    TEXT    NOT NULL DEFAULT '',
    seen    INTEGER NOT NULL DEFAULT 0 CHECK (seen IN (0, 1))
) STRICT;

INSERT INTO notice_with_libraries SELECT * FROM notice;
DROP TABLE notice;
ALTER TABLE notice_with_libraries RENAME TO notice;

CREATE INDEX notice_unseen ON notice (id) WHERE seen = 0;
CREATE INDEX notice_of_album ON notice (album);
