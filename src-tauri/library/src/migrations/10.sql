-- Albums shared at home: photos of others beside one's own, members, offers, notices. The table of
-- assets is made anew, for its checks change (https://sqlite.org/lang_altertable.html, the twelve
-- steps); foreign keys are off meanwhile.

CREATE TABLE asset_anew (
    seq           INTEGER NOT NULL PRIMARY KEY,
    id            BLOB    NOT NULL UNIQUE,
    home          BLOB    NOT NULL,
    via           BLOB,
    hash          BLOB    NOT NULL,
    kind          TEXT    NOT NULL CHECK (kind IN ('photo', 'video')),
    name          TEXT    NOT NULL,
    bytes         INTEGER NOT NULL,
    mime          TEXT    NOT NULL,
    width         INTEGER NOT NULL,
    height        INTEGER NOT NULL,
    duration_ms   INTEGER,
    taken_local   INTEGER,
    taken_offset  INTEGER,
    sorted_at     INTEGER NOT NULL,
    latitude      REAL,
    longitude     REAL,
    altitude      REAL,
    camera_make   TEXT,
    camera_model  TEXT,
    lens          TEXT,
    f_number      REAL,
    exposure_time REAL,
    iso           INTEGER,
    focal_length  REAL,
    rating        INTEGER CHECK (rating BETWEEN 0 AND 5),
    title         TEXT,
    description   TEXT,
    favorite      INTEGER NOT NULL DEFAULT 0 CHECK (favorite IN (0, 1)),
    thumbhash     BLOB    NOT NULL DEFAULT x'',
    imported_at   INTEGER NOT NULL,
    taken_from    TEXT,
    live          TEXT,
    plays         INTEGER NOT NULL DEFAULT 0 CHECK (plays IN (0, 1)),
    unseen        TEXT,
    shelf         TEXT NOT NULL DEFAULT 'timeline' CHECK (shelf IN ('timeline', 'archive', 'locked', 'album')),
    trashed_at    INTEGER,
    lost          INTEGER NOT NULL DEFAULT 0 CHECK (lost IN (0, 1)),
    place         TEXT,
    turn          INTEGER NOT NULL DEFAULT 0 CHECK (turn BETWEEN 0 AND 3),
    contributor   TEXT,


    spot          INTEGER GENERATED ALWAYS AS
        ((max(min(sorted_at / 1000, 274877906943), -274877906944) << 24) | (seq & 16777215)) VIRTUAL
) STRICT;

INSERT INTO asset_anew (
    seq, id, home, via, hash, kind, name, bytes, mime, width, height, duration_ms, taken_local, taken_offset,
    sorted_at, latitude, longitude, altitude, camera_make, camera_model, lens, f_number, exposure_time, iso,
    focal_length, rating, title, description, favorite, thumbhash, imported_at, taken_from, live, plays, unseen,
    shelf, trashed_at, lost, place, turn, contributor)
SELECT
    seq, id, home, NULL, hash, kind, name, bytes, mime, width, height, duration_ms, taken_local, taken_offset,
    sorted_at, latitude, longitude, altitude, camera_make, camera_model, lens, f_number, exposure_time, iso,
    focal_length, rating, title, description, favorite, thumbhash, imported_at, taken_from, live, plays, unseen,
    shelf, trashed_at, lost, place, turn, contributor
  FROM asset;

DROP TABLE asset;
ALTER TABLE asset_anew RENAME TO asset;

CREATE UNIQUE INDEX asset_by_hash ON asset (hash) WHERE via IS NULL;
CREATE INDEX asset_told ON asset (hash) WHERE via IS NOT NULL;
CREATE INDEX asset_by_via ON asset (via) WHERE via IS NOT NULL;
CREATE INDEX asset_by_time ON asset (shelf, sorted_at, seq) WHERE trashed_at IS NULL;
CREATE INDEX asset_in_trash ON asset (trashed_at) WHERE trashed_at IS NOT NULL;
CREATE INDEX asset_to_render ON asset (seq) WHERE thumbhash = x'';
CREATE INDEX asset_to_place ON asset (seq) WHERE latitude IS NOT NULL AND place IS NULL;
CREATE INDEX asset_by_camera ON asset (camera_model, shelf, trashed_at)
    WHERE trashed_at IS NULL AND shelf IN ('timeline', 'archive') AND camera_model > '';
CREATE INDEX asset_by_place ON asset (place, shelf, trashed_at)
    WHERE trashed_at IS NULL AND shelf IN ('timeline', 'archive') AND place > '';
CREATE INDEX asset_on_map ON asset (latitude, longitude)
    WHERE shelf = 'timeline' AND trashed_at IS NULL AND latitude IS NOT NULL AND longitude IS NOT NULL;
CREATE INDEX asset_by_live ON asset (live) WHERE live IS NOT NULL;
CREATE INDEX asset_by_name ON asset (name);
CREATE INDEX asset_video_by_bytes ON asset (bytes) WHERE kind = 'video';

CREATE TRIGGER asset_counted AFTER INSERT ON asset
WHEN NEW.shelf = 'timeline' AND NEW.trashed_at IS NULL BEGIN
    INSERT INTO month_count (month, count)
    VALUES (CAST(strftime('%Y%m', NEW.sorted_at / 1000, 'unixepoch') AS INTEGER), 1)
    ON CONFLICT (month) DO UPDATE SET count = count + 1;
END;

CREATE TRIGGER asset_uncounted AFTER DELETE ON asset
WHEN OLD.shelf = 'timeline' AND OLD.trashed_at IS NULL BEGIN
    UPDATE month_count SET count = count - 1
    WHERE month = CAST(strftime('%Y%m', OLD.sorted_at / 1000, 'unixepoch') AS INTEGER);
END;

CREATE TRIGGER asset_left_month AFTER UPDATE OF sorted_at, shelf, trashed_at ON asset
WHEN OLD.shelf = 'timeline' AND OLD.trashed_at IS NULL BEGIN
    UPDATE month_count SET count = count - 1
    WHERE month = CAST(strftime('%Y%m', OLD.sorted_at / 1000, 'unixepoch') AS INTEGER);
END;

CREATE TRIGGER asset_entered_month AFTER UPDATE OF sorted_at, shelf, trashed_at ON asset
WHEN NEW.shelf = 'timeline' AND NEW.trashed_at IS NULL BEGIN
    INSERT INTO month_count (month, count)
    VALUES (CAST(strftime('%Y%m', NEW.sorted_at / 1000, 'unixepoch') AS INTEGER), 1)
    ON CONFLICT (month) DO UPDATE SET count = count + 1;
END;

CREATE TRIGGER asset_mapped AFTER INSERT ON asset
WHEN NEW.shelf = 'timeline' AND NEW.trashed_at IS NULL
    AND NEW.latitude IS NOT NULL AND NEW.longitude IS NOT NULL BEGIN
    INSERT INTO map_cell (level, x, y, count, north, east, newest)
    SELECT level,
           CAST((NEW.longitude + 180.0) / 360.0 * (1 << level) AS INTEGER),
           CAST((NEW.latitude + 90.0) / 360.0 * (1 << level) AS INTEGER),
           1, NEW.latitude, NEW.longitude, NEW.spot
      FROM map_level WHERE true
    ON CONFLICT (level, x, y) DO UPDATE SET
        count = count + 1, north = north + excluded.north, east = east + excluded.east,
        newest = max(coalesce(newest, excluded.newest), excluded.newest);
END;

CREATE TRIGGER asset_unmapped AFTER DELETE ON asset
WHEN OLD.shelf = 'timeline' AND OLD.trashed_at IS NULL
    AND OLD.latitude IS NOT NULL AND OLD.longitude IS NOT NULL BEGIN
    UPDATE map_cell SET count = count - 1, north = north - OLD.latitude, east = east - OLD.longitude,
        newest = nullif(newest, OLD.spot)
    WHERE (level, x, y) IN (SELECT level,
               CAST((OLD.longitude + 180.0) / 360.0 * (1 << level) AS INTEGER),
               CAST((OLD.latitude + 90.0) / 360.0 * (1 << level) AS INTEGER) FROM map_level);
    DELETE FROM map_cell
    WHERE count = 0 AND (level, x, y) IN (SELECT level,
               CAST((OLD.longitude + 180.0) / 360.0 * (1 << level) AS INTEGER),
               CAST((OLD.latitude + 90.0) / 360.0 * (1 << level) AS INTEGER) FROM map_level);
END;

CREATE TRIGGER asset_left_map AFTER UPDATE OF shelf, trashed_at, latitude, longitude, sorted_at ON asset
WHEN OLD.shelf = 'timeline' AND OLD.trashed_at IS NULL
    AND OLD.latitude IS NOT NULL AND OLD.longitude IS NOT NULL BEGIN
    UPDATE map_cell SET count = count - 1, north = north - OLD.latitude, east = east - OLD.longitude,
        newest = nullif(newest, OLD.spot)
    WHERE (level, x, y) IN (SELECT level,
               CAST((OLD.longitude + 180.0) / 360.0 * (1 << level) AS INTEGER),
               CAST((OLD.latitude + 90.0) / 360.0 * (1 << level) AS INTEGER) FROM map_level);
    DELETE FROM map_cell
    WHERE count = 0 AND (level, x, y) IN (SELECT level,
               CAST((OLD.longitude + 180.0) / 360.0 * (1 << level) AS INTEGER),
               CAST((OLD.latitude + 90.0) / 360.0 * (1 << level) AS INTEGER) FROM map_level);
END;

CREATE TRIGGER asset_entered_map AFTER UPDATE OF shelf, trashed_at, latitude, longitude, sorted_at ON asset
WHEN NEW.shelf = 'timeline' AND NEW.trashed_at IS NULL
    AND NEW.latitude IS NOT NULL AND NEW.longitude IS NOT NULL BEGIN
    INSERT INTO map_cell (level, x, y, count, north, east, newest)
    SELECT level,
           CAST((NEW.longitude + 180.0) / 360.0 * (1 << level) AS INTEGER),
           CAST((NEW.latitude + 90.0) / 360.0 * (1 << level) AS INTEGER),
           1, NEW.latitude, NEW.longitude, NEW.spot
      FROM map_level WHERE true
    ON CONFLICT (level, x, y) DO UPDATE SET
        count = count + 1, north = north + excluded.north, east = east + excluded.east,
        newest = max(coalesce(newest, excluded.newest), excluded.newest);
END;

CREATE TRIGGER asset_searched AFTER INSERT ON asset BEGIN
    INSERT INTO search (rowid, words, camera, marks)
    SELECT spot, words, camera, marks FROM searched WHERE asset = NEW.id;
END;

CREATE TRIGGER asset_unsearched AFTER DELETE ON asset BEGIN
    DELETE FROM search WHERE rowid = OLD.spot;
END;

CREATE TRIGGER asset_searched_anew AFTER UPDATE OF sorted_at, name, title, description, place,
    camera_make, camera_model, kind, mime, favorite, latitude, rating, shelf, trashed_at ON asset BEGIN
    DELETE FROM search WHERE rowid = OLD.spot;
    INSERT INTO search (rowid, words, camera, marks)
    SELECT spot, words, camera, marks FROM searched WHERE asset = NEW.id;
END;

CREATE TRIGGER checksum_of_removed AFTER DELETE ON asset BEGIN
    DELETE FROM checksum WHERE hash = OLD.hash;
END;

CREATE TRIGGER checksum_of_rewritten AFTER UPDATE OF hash ON asset BEGIN
    DELETE FROM checksum WHERE hash = OLD.hash;
END;

CREATE TRIGGER asset_fed AFTER INSERT ON asset BEGIN
    INSERT INTO fed VALUES ('library', 1, NEW.id, NEW.shelf IN ('locked', 'album'));
END;

CREATE TRIGGER asset_fed_anew AFTER UPDATE OF hash, name, bytes, mime, width, height, duration_ms, taken_local,
    taken_offset, taken_from, sorted_at, latitude, longitude, altitude, place, camera_make, camera_model, lens,
    f_number, exposure_time, iso, focal_length, rating, title, description, favorite, thumbhash, plays,
    unseen, shelf, trashed_at, turn, contributor ON asset BEGIN
    INSERT INTO fed VALUES ('library', 1, NEW.id, NEW.shelf IN ('locked', 'album'));
END;

CREATE TRIGGER asset_fed_gone AFTER DELETE ON asset BEGIN
    INSERT INTO fed VALUES ('library', 1, OLD.id, 1);
END;

CREATE TRIGGER album_asset_fed_locked AFTER UPDATE OF shelf ON asset
WHEN (OLD.shelf = 'locked') <> (NEW.shelf = 'locked') BEGIN
    INSERT INTO fed SELECT 'library', 3, CAST(album || asset AS BLOB), NEW.shelf = 'locked'
      FROM album_asset WHERE asset = NEW.id;
END;

DROP TRIGGER tag_fed;
CREATE TRIGGER tag_fed AFTER INSERT ON asset_tag BEGIN
    INSERT INTO fed SELECT 'library', 1, id, shelf IN ('locked', 'album') FROM asset WHERE id = NEW.asset;
END;

DROP TRIGGER tag_fed_gone;
CREATE TRIGGER tag_fed_gone AFTER DELETE ON asset_tag BEGIN
    INSERT INTO fed SELECT 'library', 1, id, shelf IN ('locked', 'album') FROM asset WHERE id = OLD.asset;
END;

DROP TRIGGER motion_fed;
CREATE TRIGGER motion_fed AFTER INSERT ON motion BEGIN
    INSERT INTO fed SELECT 'library', 1, id, shelf IN ('locked', 'album') FROM asset WHERE id = NEW.asset;
END;

DROP TRIGGER motion_fed_gone;
CREATE TRIGGER motion_fed_gone AFTER DELETE ON motion BEGIN
    INSERT INTO fed SELECT 'library', 1, id, shelf IN ('locked', 'album') FROM asset WHERE id = OLD.asset;
END;

DROP TRIGGER album_asset_fed;
CREATE TRIGGER album_asset_fed AFTER INSERT ON album_asset BEGIN
    INSERT INTO fed SELECT 'library', 3, CAST(NEW.album || NEW.asset AS BLOB), shelf IN ('locked', 'album')
      FROM asset WHERE id = NEW.asset;
END;

ALTER TABLE album ADD COLUMN everyone TEXT CHECK (everyone IN ('editor', 'viewer'));
ALTER TABLE album ADD COLUMN originals INTEGER NOT NULL DEFAULT 1 CHECK (originals IN (0, 1));
ALTER TABLE album ADD COLUMN linking INTEGER NOT NULL DEFAULT 0 CHECK (linking IN (0, 1));
ALTER TABLE person ADD COLUMN picture BLOB;
ALTER TABLE album ADD COLUMN keeping INTEGER NOT NULL DEFAULT 1 CHECK (keeping IN (0, 1));
ALTER TABLE album ADD COLUMN talking INTEGER NOT NULL DEFAULT 1 CHECK (talking IN (0, 1));
ALTER TABLE album ADD COLUMN owner BLOB REFERENCES person (id);
ALTER TABLE album ADD COLUMN role TEXT CHECK (role IN ('editor', 'viewer'));
ALTER TABLE album ADD COLUMN in_timeline INTEGER NOT NULL DEFAULT 0 CHECK (in_timeline IN (0, 1));
ALTER TABLE album ADD COLUMN heir BLOB;
ALTER TABLE link ADD COLUMN person BLOB;
ALTER TABLE album ADD COLUMN quiet INTEGER NOT NULL DEFAULT 0 CHECK (quiet IN (0, 1));
ALTER TABLE album_asset ADD COLUMN person BLOB;
ALTER TABLE album_asset ADD COLUMN waits INTEGER NOT NULL DEFAULT 0 CHECK (waits IN (0, 1, 2));
ALTER TABLE album_asset ADD COLUMN given INTEGER NOT NULL DEFAULT 0 CHECK (given IN (0, 1));
ALTER TABLE activity ADD COLUMN waits INTEGER NOT NULL DEFAULT 0 CHECK (waits IN (0, 1));
ALTER TABLE activity ADD COLUMN edited_at INTEGER;

CREATE INDEX album_of_others ON album (home) WHERE owner IS NOT NULL;
CREATE INDEX album_asset_waiting ON album_asset (album, waits) WHERE waits > 0;
CREATE TABLE member (
    album      BLOB    NOT NULL REFERENCES album (id) ON DELETE CASCADE,
    person     BLOB    NOT NULL REFERENCES person (id),
    role       TEXT    NOT NULL CHECK (role IN ('editor', 'viewer')),
    state      TEXT    NOT NULL CHECK (state IN ('asked', 'joined', 'declined')),
    asked_at   INTEGER NOT NULL,
    decided_at INTEGER,
    PRIMARY KEY (album, person)
) STRICT, WITHOUT ROWID;

CREATE INDEX member_by_person ON member (person);
CREATE TABLE offer (
    album BLOB    NOT NULL PRIMARY KEY,
    home  BLOB    NOT NULL REFERENCES device (id) ON DELETE CASCADE,
    title TEXT    NOT NULL,
    role  TEXT    NOT NULL CHECK (role IN ('editor', 'viewer')),
    state TEXT    NOT NULL CHECK (state IN ('asked', 'joined', 'declined')),
    count INTEGER NOT NULL,
    asked_at INTEGER NOT NULL,
    heir  INTEGER NOT NULL DEFAULT 0 CHECK (heir IN (0, 1))
) STRICT, WITHOUT ROWID;

CREATE INDEX offer_of_home ON offer (home);
CREATE TABLE editor_link (
    id         BLOB NOT NULL PRIMARY KEY,
    album      BLOB NOT NULL REFERENCES album (id) ON DELETE CASCADE,
    label      TEXT NOT NULL,
    address    TEXT,
    expires_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX editor_link_of_album ON editor_link (album);
CREATE TABLE notice (
    id      INTEGER NOT NULL PRIMARY KEY,
    made_at INTEGER NOT NULL,
    kind    TEXT    NOT NULL CHECK (kind IN ('asked', 'joined', 'declined', 'left', 'removed', 'added', 'taken', 'comment', 'mention', 'like', 'refused', 'heir', 'moved')),
    album   BLOB    NOT NULL,
    title   TEXT    NOT NULL,
    person  BLOB    NOT NULL,
    name    TEXT    NOT NULL,
    asset   BLOB,
    text    TEXT    NOT NULL DEFAULT '',
    seen    INTEGER NOT NULL DEFAULT 0 CHECK (seen IN (0, 1))
) STRICT;

CREATE INDEX notice_unseen ON notice (id) WHERE seen = 0;
CREATE INDEX notice_of_album ON notice (album);

CREATE TRIGGER asset_fed_to_albums AFTER UPDATE OF hash, name, bytes, mime, width, height, duration_ms, taken_local,
    taken_offset, sorted_at, latitude, longitude, altitude, place, camera_make, camera_model, lens,
    f_number, exposure_time, iso, focal_length, title, description, thumbhash, plays,
    unseen, shelf, trashed_at, turn ON asset BEGIN
    INSERT INTO fed
    SELECT 'album:' || lower(hex(album)), 1, NEW.id, NEW.shelf = 'locked' OR NEW.trashed_at IS NOT NULL
      FROM album_asset JOIN album ON album.id = album_asset.album
     WHERE asset = NEW.id AND (owner IS NULL OR waits = 1);
END;

CREATE TRIGGER tag_fed_to_albums AFTER INSERT ON asset_tag BEGIN
    INSERT INTO fed SELECT 'album:' || lower(hex(album)), 1, asset, 0
      FROM album_asset JOIN album ON album.id = album_asset.album
     WHERE asset = NEW.asset AND (owner IS NULL OR waits = 1);
END;

CREATE TRIGGER tag_fed_to_albums_gone AFTER DELETE ON asset_tag BEGIN
    INSERT INTO fed SELECT 'album:' || lower(hex(album)), 1, asset, 0
      FROM album_asset JOIN album ON album.id = album_asset.album
     WHERE asset = OLD.asset AND (owner IS NULL OR waits = 1);
END;

CREATE TRIGGER album_asset_shared AFTER INSERT ON album_asset
WHEN NEW.waits = 1 OR (SELECT owner FROM album WHERE id = NEW.album) IS NULL BEGIN
    INSERT INTO fed SELECT 'album:' || lower(hex(NEW.album)), 1, id, shelf = 'locked' OR trashed_at IS NOT NULL
      FROM asset WHERE id = NEW.asset;
END;

CREATE TRIGGER album_asset_shared_anew AFTER UPDATE ON album_asset
WHEN OLD.waits = 1 OR NEW.waits = 1 OR (SELECT owner FROM album WHERE id = NEW.album) IS NULL BEGIN
    INSERT INTO fed SELECT 'album:' || lower(hex(NEW.album)), 1, id, shelf = 'locked' OR trashed_at IS NOT NULL
      FROM asset WHERE id = NEW.asset;
END;

CREATE TRIGGER album_asset_shared_gone AFTER DELETE ON album_asset
WHEN OLD.waits = 1 OR (SELECT owner FROM album WHERE id = OLD.album) IS NULL BEGIN
    INSERT INTO fed VALUES ('album:' || lower(hex(OLD.album)), 1, OLD.asset, 1);
END;

CREATE TRIGGER album_shared_anew AFTER UPDATE OF title, description, cover, originals, linking, talking ON album
WHEN NEW.owner IS NULL BEGIN
    INSERT INTO fed VALUES ('album:' || lower(hex(NEW.id)), 2, NEW.id, 0);
END;

CREATE TRIGGER album_retitled AFTER UPDATE OF title ON album WHEN NEW.owner IS NULL BEGIN
    INSERT INTO fed SELECT 'shared:' || lower(hex(person)), 7, album, 0 FROM member WHERE album = NEW.id;
END;

CREATE TRIGGER member_fed AFTER INSERT ON member
WHEN (SELECT owner FROM album WHERE id = NEW.album) IS NULL BEGIN
    INSERT INTO fed VALUES ('album:' || lower(hex(NEW.album)), 5, NEW.person, 0);
    INSERT INTO fed VALUES ('shared:' || lower(hex(NEW.person)), 7, NEW.album, 0);
END;

CREATE TRIGGER member_fed_anew AFTER UPDATE ON member
WHEN (SELECT owner FROM album WHERE id = NEW.album) IS NULL BEGIN
    INSERT INTO fed VALUES ('album:' || lower(hex(NEW.album)), 5, NEW.person, 0);
    INSERT INTO fed VALUES ('shared:' || lower(hex(NEW.person)), 7, NEW.album, 0);
END;

CREATE TRIGGER member_fed_gone AFTER DELETE ON member
WHEN (SELECT owner FROM album WHERE id = OLD.album) IS NULL BEGIN
    INSERT INTO fed VALUES ('album:' || lower(hex(OLD.album)), 5, OLD.person, 1);
    INSERT INTO fed VALUES ('shared:' || lower(hex(OLD.person)), 7, OLD.album, 1);
END;

CREATE TRIGGER person_renamed AFTER UPDATE OF name ON person BEGIN
    INSERT INTO fed SELECT 'album:' || lower(hex(album)), 5, person, 0
      FROM member JOIN album ON album.id = member.album WHERE person = NEW.id AND owner IS NULL;
END;

CREATE TRIGGER link_fed AFTER INSERT ON link WHEN NEW.album IS NOT NULL AND NEW.person IS NOT NULL BEGIN
    INSERT INTO fed VALUES ('album:' || lower(hex(NEW.album)), 8, NEW.id, 0);
END;

CREATE TRIGGER link_fed_anew AFTER UPDATE OF key_sealed, label, expires_at, revoked_at, person ON link
WHEN NEW.album IS NOT NULL AND NEW.person IS NOT NULL BEGIN
    INSERT INTO fed VALUES ('album:' || lower(hex(NEW.album)), 8, NEW.id, NEW.revoked_at IS NOT NULL);
END;

CREATE TRIGGER link_fed_gone AFTER DELETE ON link WHEN OLD.album IS NOT NULL AND OLD.person IS NOT NULL BEGIN
    INSERT INTO fed VALUES ('album:' || lower(hex(OLD.album)), 8, OLD.id, 1);
END;

CREATE TRIGGER activity_fed AFTER INSERT ON activity
WHEN NEW.album IS NOT NULL AND (SELECT owner FROM album WHERE id = NEW.album) IS NULL BEGIN
    INSERT INTO fed VALUES ('album:' || lower(hex(NEW.album)), 6, NEW.id, 0);
END;

CREATE TRIGGER activity_fed_anew AFTER UPDATE OF text, asset ON activity
WHEN NEW.album IS NOT NULL AND (SELECT owner FROM album WHERE id = NEW.album) IS NULL BEGIN
    INSERT INTO fed VALUES ('album:' || lower(hex(NEW.album)), 6, NEW.id, 0);
END;

CREATE TRIGGER activity_fed_gone AFTER DELETE ON activity
WHEN OLD.album IS NOT NULL AND (SELECT owner FROM album WHERE id = OLD.album) IS NULL BEGIN
    INSERT INTO fed VALUES ('album:' || lower(hex(OLD.album)), 6, OLD.id, 1);
END;

CREATE TRIGGER device_forgotten BEFORE DELETE ON device BEGIN
    DELETE FROM activity WHERE home = OLD.id;
    DELETE FROM album WHERE home = OLD.id;
    DELETE FROM asset WHERE via = OLD.id AND NOT EXISTS (
        SELECT 1 FROM album_asset JOIN album ON album.id = album_asset.album
         WHERE album_asset.asset = asset.id AND album.owner IS NULL);
END;

CREATE TRIGGER person_unknown AFTER UPDATE OF card ON person WHEN OLD.card IS NOT NULL AND NEW.card IS NULL BEGIN
    INSERT INTO fed VALUES ('card', 4, NEW.id, 1);
END;
