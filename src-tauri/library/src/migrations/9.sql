-- Machines that know each other: keys and cards of persons and devices, what this library tells
-- them (the feed), what they tell it (replicas), and what is asked of them (the outbox).

ALTER TABLE library ADD COLUMN person_key BLOB;
ALTER TABLE person ADD COLUMN key BLOB;
ALTER TABLE person ADD COLUMN card BLOB;
ALTER TABLE person ADD COLUMN version INTEGER NOT NULL DEFAULT 0;
ALTER TABLE device ADD COLUMN key BLOB;
ALTER TABLE device ADD COLUMN since INTEGER NOT NULL DEFAULT 0;

CREATE TABLE removed (
    device     BLOB    NOT NULL PRIMARY KEY,
    removed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX person_by_key ON person (key) WHERE key IS NOT NULL;
CREATE UNIQUE INDEX device_by_key ON device (key) WHERE key IS NOT NULL;
CREATE INDEX device_of_person ON device (person);

CREATE TABLE peer (
    device    BLOB    NOT NULL PRIMARY KEY REFERENCES device (id) ON DELETE CASCADE,
    addresses TEXT    NOT NULL DEFAULT '',
    typed     TEXT    NOT NULL DEFAULT '',
    keep      TEXT    NOT NULL DEFAULT 'nothing' CHECK (keep IN ('nothing', 'previews', 'originals')),
    known_at  INTEGER NOT NULL,
    seen_at   INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE feed_state (
    only     INTEGER NOT NULL PRIMARY KEY CHECK (only = 1),
    epoch    INTEGER NOT NULL,
    revision INTEGER NOT NULL
) STRICT;

INSERT INTO feed_state (only, epoch, revision) VALUES (1, random() & 0x7fffffffffffffff, 0);

CREATE TABLE feed_space (
    space     TEXT    NOT NULL PRIMARY KEY,
    opened_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE feed (
    space    TEXT    NOT NULL,
    kind     INTEGER NOT NULL,
    row      BLOB    NOT NULL,
    revision INTEGER NOT NULL,
    removed  INTEGER NOT NULL CHECK (removed IN (0, 1)),
    PRIMARY KEY (space, kind, row)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX feed_by_revision ON feed (space, revision);

CREATE VIEW fed (space, kind, row, removed) AS SELECT space, kind, row, removed FROM feed;

CREATE TRIGGER fed_anew INSTEAD OF INSERT ON fed
WHEN EXISTS (SELECT 1 FROM feed_space WHERE space = NEW.space) BEGIN
    UPDATE feed_state SET revision = revision + 1;
    INSERT INTO feed (space, kind, row, revision, removed)
    SELECT NEW.space, NEW.kind, NEW.row, revision, NEW.removed FROM feed_state WHERE true
    ON CONFLICT (space, kind, row) DO UPDATE
        SET revision = excluded.revision, removed = excluded.removed;
END;

CREATE TRIGGER asset_fed AFTER INSERT ON asset BEGIN
    INSERT INTO fed VALUES ('library', 1, NEW.id, NEW.shelf = 'locked');
END;

CREATE TRIGGER asset_fed_anew AFTER UPDATE OF hash, name, bytes, mime, width, height, duration_ms, taken_local,
    taken_offset, taken_from, sorted_at, latitude, longitude, altitude, place, camera_make, camera_model, lens,
    f_number, exposure_time, iso, focal_length, rating, title, description, favorite, thumbhash, plays,
    unseen, shelf, trashed_at, turn, contributor ON asset BEGIN
    INSERT INTO fed VALUES ('library', 1, NEW.id, NEW.shelf = 'locked');
END;

CREATE TRIGGER asset_fed_gone AFTER DELETE ON asset BEGIN
    INSERT INTO fed VALUES ('library', 1, OLD.id, 1);
END;

CREATE TRIGGER tag_fed AFTER INSERT ON asset_tag BEGIN
    INSERT INTO fed SELECT 'library', 1, id, shelf = 'locked' FROM asset WHERE id = NEW.asset;
END;

CREATE TRIGGER tag_fed_gone AFTER DELETE ON asset_tag BEGIN
    INSERT INTO fed SELECT 'library', 1, id, shelf = 'locked' FROM asset WHERE id = OLD.asset;
END;

CREATE TRIGGER motion_fed AFTER INSERT ON motion BEGIN
    INSERT INTO fed SELECT 'library', 1, id, shelf = 'locked' FROM asset WHERE id = NEW.asset;
END;

CREATE TRIGGER motion_fed_gone AFTER DELETE ON motion BEGIN
    INSERT INTO fed SELECT 'library', 1, id, shelf = 'locked' FROM asset WHERE id = OLD.asset;
END;

CREATE TRIGGER album_fed AFTER INSERT ON album BEGIN
    INSERT INTO fed VALUES ('library', 2, NEW.id, 0);
END;

CREATE TRIGGER album_fed_anew AFTER UPDATE ON album BEGIN
    INSERT INTO fed VALUES ('library', 2, NEW.id, 0);
END;

CREATE TRIGGER album_fed_gone AFTER DELETE ON album BEGIN
    INSERT INTO fed VALUES ('library', 2, OLD.id, 1);
END;

CREATE TRIGGER album_asset_fed AFTER INSERT ON album_asset BEGIN
    INSERT INTO fed SELECT 'library', 3, CAST(NEW.album || NEW.asset AS BLOB), shelf = 'locked'
      FROM asset WHERE id = NEW.asset;
END;

CREATE TRIGGER album_asset_fed_gone AFTER DELETE ON album_asset BEGIN
    INSERT INTO fed VALUES ('library', 3, CAST(OLD.album || OLD.asset AS BLOB), 1);
END;

CREATE TRIGGER album_asset_fed_locked AFTER UPDATE OF shelf ON asset
WHEN (OLD.shelf = 'locked') <> (NEW.shelf = 'locked') BEGIN
    INSERT INTO fed SELECT 'library', 3, CAST(album || asset AS BLOB), NEW.shelf = 'locked'
      FROM album_asset WHERE asset = NEW.id;
END;

CREATE TRIGGER person_fed AFTER INSERT ON person WHEN NEW.card IS NOT NULL BEGIN
    INSERT INTO fed VALUES ('card', 4, NEW.id, 0);
END;

CREATE TRIGGER person_fed_anew AFTER UPDATE OF card ON person WHEN NEW.card IS NOT NULL BEGIN
    INSERT INTO fed VALUES ('card', 4, NEW.id, 0);
END;

CREATE TRIGGER person_fed_gone AFTER DELETE ON person WHEN OLD.card IS NOT NULL BEGIN
    INSERT INTO fed VALUES ('card', 4, OLD.id, 1);
END;

CREATE TABLE replica (
    home      BLOB    NOT NULL REFERENCES device (id) ON DELETE CASCADE,
    space     TEXT    NOT NULL,
    kind      INTEGER NOT NULL,
    row       BLOB    NOT NULL,
    epoch     INTEGER NOT NULL,
    body      BLOB    NOT NULL,
    sorted_at INTEGER,
    PRIMARY KEY (home, space, kind, row)
) STRICT, WITHOUT ROWID;

CREATE INDEX replica_by_time ON replica (home, space, sorted_at, row) WHERE sorted_at IS NOT NULL;

CREATE TABLE cursor (
    home        BLOB    NOT NULL REFERENCES device (id) ON DELETE CASCADE,
    space       TEXT    NOT NULL,
    epoch       INTEGER NOT NULL,
    revision    INTEGER NOT NULL,
    complete_at INTEGER,
    refused     INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (home, space)
) STRICT, WITHOUT ROWID;

CREATE TABLE outbox (
    id         BLOB    NOT NULL PRIMARY KEY,
    home       BLOB    NOT NULL REFERENCES device (id) ON DELETE CASCADE,
    wish       BLOB    NOT NULL,
    told       TEXT    NOT NULL,
    state      TEXT    NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'done', 'refused')),
    reason     TEXT    NOT NULL DEFAULT '',
    made_at    INTEGER NOT NULL,
    decided_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX outbox_waiting ON outbox (home, made_at) WHERE state = 'waiting';

CREATE TABLE decided (
    id         BLOB    NOT NULL PRIMARY KEY,
    device     BLOB    NOT NULL,
    refusal    TEXT,
    decided_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX decided_by_time ON decided (decided_at);

CREATE TABLE kept (
    home    BLOB    NOT NULL REFERENCES device (id) ON DELETE CASCADE,
    asset   BLOB    NOT NULL,
    what    TEXT    NOT NULL CHECK (what IN ('thumbnail', 'preview', 'original')),
    hash    BLOB    NOT NULL,
    bytes   INTEGER NOT NULL,
    used_at INTEGER NOT NULL,
    wanted  INTEGER NOT NULL CHECK (wanted IN (0, 1)),
    PRIMARY KEY (home, asset, what)
) STRICT, WITHOUT ROWID;

CREATE INDEX kept_by_use ON kept (used_at) WHERE wanted = 0;

CREATE TABLE outboard (
    hash  BLOB NOT NULL PRIMARY KEY,
    bytes BLOB NOT NULL
) STRICT, WITHOUT ROWID;
