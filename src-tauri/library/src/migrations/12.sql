-- Machines that serve this library's links while it is away; what addresses of links begin with
-- there, as they tell, and until when they serve without hearing of it.
CREATE TABLE server (
    device   BLOB    NOT NULL PRIMARY KEY REFERENCES device (id) ON DELETE CASCADE,
    since    INTEGER NOT NULL,
    address  TEXT,                                       -- null until it told
    lease_ms INTEGER NOT NULL,                           -- without a word
    rest_ms  INTEGER NOT NULL                            -- after this library said that it rests
) STRICT, WITHOUT ROWID;

-- Homes whose links are served here. Local.
CREATE TABLE hosting (
    home     BLOB    NOT NULL PRIMARY KEY REFERENCES device (id) ON DELETE CASCADE,
    asked    INTEGER NOT NULL DEFAULT 0 CHECK (asked IN (0, 1)), -- by the home; before, it is only allowed to
    keep     TEXT    NOT NULL CHECK (keep IN ('previews', 'originals')), -- of what its links show
    lease_ms INTEGER NOT NULL DEFAULT 0,
    rest_ms  INTEGER NOT NULL DEFAULT 0,
    heard_at INTEGER NOT NULL DEFAULT 0,                 -- when a contact with it began or ended, last
    rests    INTEGER NOT NULL DEFAULT 0 CHECK (rests IN (0, 1)) -- it said so then
) STRICT, WITHOUT ROWID;

-- Of another home's link that follows an album: that is called so.
ALTER TABLE link ADD COLUMN title TEXT;

CREATE INDEX link_of_home ON link (home);

-- What the library's own links show, for the machines that serve them: the space `links`. Kinds: 1
-- asset, 12 link, 13 an asset that a link shows (both ids).
CREATE VIEW linked (link, asset, position) AS
SELECT link.id, part.asset, asset.sorted_at
  FROM link JOIN album_asset AS part ON part.album = link.album JOIN asset ON asset.id = part.asset
 WHERE link.title IS NULL AND link.revoked_at IS NULL AND asset.trashed_at IS NULL AND asset.shelf <> 'locked'
 UNION ALL
SELECT link.id, part.asset, part.position
  FROM link JOIN link_asset AS part ON part.link = link.id JOIN asset ON asset.id = part.asset
 WHERE link.home = (SELECT device FROM library)
   AND link.revoked_at IS NULL AND asset.trashed_at IS NULL AND asset.shelf <> 'locked';

CREATE TRIGGER link_hosted AFTER INSERT ON link WHEN NEW.home = (SELECT device FROM library) BEGIN
    INSERT INTO fed VALUES ('links', 12, NEW.id, 0);
    INSERT INTO fed SELECT 'links', 1, asset, 0 FROM linked WHERE link = NEW.id;
    INSERT INTO fed SELECT 'links', 13, CAST(link || asset AS BLOB), 0 FROM linked WHERE link = NEW.id;
END;

CREATE TRIGGER link_hosted_anew AFTER UPDATE OF key_sealed, name, guessable, description, password_hash,
    password_version, expires_at, download, show_metadata, people, seat_version, paused, revoked_at, upload
    ON link WHEN NEW.home = (SELECT device FROM library) BEGIN
    INSERT INTO fed VALUES ('links', 12, NEW.id, NEW.revoked_at IS NOT NULL);
    INSERT INTO fed SELECT 'links', 13, row, 1 FROM feed
     WHERE NEW.revoked_at IS NOT NULL AND space = 'links' AND kind = 13 AND removed = 0
       AND substr(row, 1, 16) = NEW.id;
    INSERT INTO fed SELECT 'links', 1, row, 1 FROM feed
     WHERE NEW.revoked_at IS NOT NULL AND space = 'links' AND kind = 1 AND removed = 0
       AND NOT EXISTS (SELECT 1 FROM linked WHERE linked.asset = feed.row);
END;

CREATE TRIGGER link_hosted_gone AFTER DELETE ON link WHEN OLD.home = (SELECT device FROM library) BEGIN
    INSERT INTO fed SELECT 'links', 12, OLD.id, 1 FROM feed
     WHERE space = 'links' AND kind = 12 AND row = OLD.id AND removed = 0;
    INSERT INTO fed SELECT 'links', 13, row, 1 FROM feed
     WHERE space = 'links' AND kind = 13 AND removed = 0 AND substr(row, 1, 16) = OLD.id;
    INSERT INTO fed SELECT 'links', 1, row, 1 FROM feed
     WHERE space = 'links' AND kind = 1 AND removed = 0
       AND NOT EXISTS (SELECT 1 FROM linked WHERE linked.asset = feed.row);
END;

CREATE TRIGGER album_hosted_anew AFTER UPDATE OF title ON album BEGIN
    INSERT INTO fed SELECT 'links', 12, id, 0 FROM link WHERE album = NEW.id AND revoked_at IS NULL;
END;

CREATE TRIGGER album_asset_hosted AFTER INSERT ON album_asset BEGIN
    INSERT INTO fed SELECT DISTINCT 'links', 1, asset, 0 FROM linked
     WHERE asset = NEW.asset AND link IN (SELECT id FROM link WHERE album = NEW.album);
    INSERT INTO fed SELECT 'links', 13, CAST(link || asset AS BLOB), 0 FROM linked
     WHERE asset = NEW.asset AND link IN (SELECT id FROM link WHERE album = NEW.album);
END;

CREATE TRIGGER album_asset_hosted_gone AFTER DELETE ON album_asset BEGIN
    INSERT INTO fed SELECT 'links', 13, row, 1 FROM feed
     WHERE space = 'links' AND kind = 13 AND removed = 0
       AND row IN (SELECT CAST(id || OLD.asset AS BLOB) FROM link WHERE album = OLD.album);
    INSERT INTO fed SELECT 'links', 1, row, 1 FROM feed
     WHERE space = 'links' AND kind = 1 AND row = OLD.asset AND removed = 0
       AND NOT EXISTS (SELECT 1 FROM linked WHERE linked.asset = OLD.asset);
END;

CREATE TRIGGER link_asset_hosted AFTER INSERT ON link_asset BEGIN
    INSERT INTO fed SELECT 'links', 1, asset, 0 FROM linked WHERE link = NEW.link AND asset = NEW.asset;
    INSERT INTO fed SELECT 'links', 13, CAST(link || asset AS BLOB), 0 FROM linked
     WHERE link = NEW.link AND asset = NEW.asset;
END;

CREATE TRIGGER link_asset_hosted_anew AFTER UPDATE ON link_asset BEGIN
    INSERT INTO fed SELECT 'links', 13, row, 1 FROM feed
     WHERE space = 'links' AND kind = 13 AND row = CAST(OLD.link || OLD.asset AS BLOB) AND removed = 0;
    INSERT INTO fed SELECT 'links', 1, asset, 0 FROM linked WHERE link = NEW.link AND asset = NEW.asset;
    INSERT INTO fed SELECT 'links', 13, CAST(link || asset AS BLOB), 0 FROM linked
     WHERE link = NEW.link AND asset = NEW.asset;
    INSERT INTO fed SELECT 'links', 1, row, 1 FROM feed
     WHERE space = 'links' AND kind = 1 AND row = OLD.asset AND removed = 0
       AND NOT EXISTS (SELECT 1 FROM linked WHERE linked.asset = OLD.asset);
END;

CREATE TRIGGER link_asset_hosted_gone AFTER DELETE ON link_asset BEGIN
    INSERT INTO fed SELECT 'links', 13, row, 1 FROM feed
     WHERE space = 'links' AND kind = 13 AND row = CAST(OLD.link || OLD.asset AS BLOB) AND removed = 0;
    INSERT INTO fed SELECT 'links', 1, row, 1 FROM feed
     WHERE space = 'links' AND kind = 1 AND row = OLD.asset AND removed = 0
       AND NOT EXISTS (SELECT 1 FROM linked WHERE linked.asset = OLD.asset);
END;

CREATE TRIGGER asset_hosted_anew AFTER UPDATE OF hash, name, bytes, mime, width, height, duration_ms, taken_local,
    taken_offset, sorted_at, latitude, longitude, altitude, place, camera_make, camera_model, lens,
    f_number, exposure_time, iso, focal_length, title, description, thumbhash, plays,
    unseen, shelf, trashed_at, turn ON asset
WHEN EXISTS (SELECT 1 FROM feed_space WHERE space = 'links') BEGIN
    INSERT INTO fed SELECT DISTINCT 'links', 1, asset, 0 FROM linked WHERE asset = NEW.id;
    INSERT INTO fed SELECT 'links', 1, row, 1 FROM feed
     WHERE space = 'links' AND kind = 1 AND row = NEW.id AND removed = 0
       AND NOT EXISTS (SELECT 1 FROM linked WHERE linked.asset = NEW.id);
END;

CREATE TRIGGER asset_hosted_elsewhere AFTER UPDATE OF sorted_at, shelf, trashed_at ON asset
WHEN EXISTS (SELECT 1 FROM feed_space WHERE space = 'links') BEGIN
    INSERT INTO fed SELECT 'links', 13, CAST(link.id || NEW.id AS BLOB),
                           NEW.trashed_at IS NOT NULL OR NEW.shelf = 'locked'
      FROM link WHERE revoked_at IS NULL AND home = (SELECT device FROM library)
       AND (album IN (SELECT album FROM album_asset WHERE asset = NEW.id)
            OR id IN (SELECT link FROM link_asset WHERE asset = NEW.id));
END;

CREATE TRIGGER tag_hosted AFTER INSERT ON asset_tag WHEN EXISTS (SELECT 1 FROM feed_space WHERE space = 'links') BEGIN
    INSERT INTO fed SELECT DISTINCT 'links', 1, asset, 0 FROM linked WHERE asset = NEW.asset;
END;

CREATE TRIGGER tag_hosted_gone AFTER DELETE ON asset_tag
WHEN EXISTS (SELECT 1 FROM feed_space WHERE space = 'links') BEGIN
    INSERT INTO fed SELECT DISTINCT 'links', 1, asset, 0 FROM linked WHERE asset = OLD.asset;
END;

-- With a machine that is not known any more go its links, too.
CREATE TRIGGER device_links_forgotten BEFORE DELETE ON device BEGIN
    DELETE FROM link WHERE home = OLD.id;
END;

-- What others asked of homes that are away, to be handed on. Local.
CREATE TABLE errand (
    seq        INTEGER NOT NULL PRIMARY KEY,
    id         BLOB    NOT NULL UNIQUE,
    asker      BLOB    NOT NULL REFERENCES device (id) ON DELETE CASCADE,
    home       BLOB    NOT NULL REFERENCES device (id) ON DELETE CASCADE,
    wish       BLOB    NOT NULL,                         -- emptied once it is decided
    made_at    INTEGER NOT NULL,
    decided_at INTEGER,
    refusal    TEXT
) STRICT;

CREATE INDEX errand_waiting ON errand (home, seq) WHERE decided_at IS NULL;
CREATE INDEX errand_of_asker ON errand (asker);

-- What the off-site store holds of the originals, each once. Local to this machine.
CREATE TABLE offsite_copy (
    hash      BLOB    NOT NULL PRIMARY KEY,              -- BLAKE3 of the original
    stored    INTEGER NOT NULL,                          -- bytes at the store, sealed
    tag       TEXT,                                      -- what the store marks them with (its ETag)
    copied_at INTEGER NOT NULL,
    gone_at   INTEGER                                    -- since when no photo has the original
) STRICT, WITHOUT ROWID;

-- Uploads in parts that were begun there and have not ended. Local to this machine.
CREATE TABLE offsite_begun (
    upload TEXT NOT NULL PRIMARY KEY,                    -- the store's id of it
    name   TEXT NOT NULL
) STRICT, WITHOUT ROWID;
