-- What homes show to others, for whom it is handed on here while those are away: rows as they came,
-- with the home's own revisions, also those that are gone. Local.
CREATE TABLE mirrored (
    home     BLOB    NOT NULL REFERENCES hosting (home) ON DELETE CASCADE,
    space    TEXT    NOT NULL,
    kind     INTEGER NOT NULL,
    row      BLOB    NOT NULL,
    epoch    INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    body     BLOB,                                       -- null once it is gone
    PRIMARY KEY (home, space, kind, row)
) STRICT, WITHOUT ROWID;

CREATE INDEX mirrored_by_revision ON mirrored (home, space, revision);
CREATE INDEX mirrored_photo ON mirrored (home, row) WHERE kind = 1 AND body IS NOT NULL;

CREATE TABLE mirrored_space (
    home     BLOB    NOT NULL REFERENCES hosting (home) ON DELETE CASCADE,
    space    TEXT    NOT NULL,
    epoch    INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    whole    INTEGER NOT NULL CHECK (whole IN (0, 1)),   -- it once was known whole in this epoch
    PRIMARY KEY (home, space)
) STRICT, WITHOUT ROWID;

-- Machines that may speak for a home while it is away, as it said. Local.
CREATE TABLE mirror (
    home   BLOB NOT NULL REFERENCES device (id) ON DELETE CASCADE,
    device BLOB NOT NULL,
    PRIMARY KEY (home, device)
) STRICT, WITHOUT ROWID;

ALTER TABLE errand ADD COLUMN signature BLOB NOT NULL DEFAULT x''; -- of the asker

-- Originals that the off-site store alone has: where each is, the time that its file had, and when it
-- was last read here.
ALTER TABLE offsite_copy ADD COLUMN place TEXT NOT NULL DEFAULT 'here' CHECK (place IN ('here', 'away', 'lost'));
ALTER TABLE offsite_copy ADD COLUMN modified_ns INTEGER;
ALTER TABLE offsite_copy ADD COLUMN used_at INTEGER NOT NULL DEFAULT 0;
CREATE INDEX offsite_away ON offsite_copy (hash) WHERE place = 'away';

-- What visitors send, say and do at a machine that serves another's links, on its way to their home.
ALTER TABLE upload ADD COLUMN home BLOB REFERENCES device (id) ON DELETE CASCADE; -- of a link that is served here for another: whose, for whom it waits
ALTER TABLE upload ADD COLUMN via BLOB REFERENCES device (id) ON DELETE SET NULL; -- of one of the library's links: the machine it was sent at, which has its bytes until they are here

CREATE INDEX upload_for_home ON upload (home, state) WHERE home IS NOT NULL;
CREATE INDEX upload_via ON upload (via, state) WHERE via IS NOT NULL;

ALTER TABLE link_visit ADD COLUMN told INTEGER NOT NULL DEFAULT 0 CHECK (told IN (0, 1)); -- to its link's home, as it is

ALTER TABLE activity ADD COLUMN told BLOB; -- of a link that is served here for another: its row as its home tells it, the link's id and its own there

CREATE UNIQUE INDEX activity_told ON activity (told) WHERE told IS NOT NULL;

-- A machine that serves a link is told of all its terms.
DROP TRIGGER link_hosted_anew;
CREATE TRIGGER link_hosted_anew AFTER UPDATE OF key_sealed, name, guessable, description, password_hash,
    password_version, expires_at, download, show_metadata, people, seat_version, paused, revoked_at, upload,
    auto_accept, upload_files, upload_bytes, comments
    ON link WHEN NEW.home = (SELECT device FROM library) BEGIN
    INSERT INTO fed VALUES ('links', 12, NEW.id, NEW.revoked_at IS NOT NULL);
    INSERT INTO fed SELECT 'links', 13, row, 1 FROM feed
     WHERE NEW.revoked_at IS NOT NULL AND space = 'links' AND kind = 13 AND removed = 0
       AND substr(row, 1, 16) = NEW.id;
    INSERT INTO fed SELECT 'links', 1, row, 1 FROM feed
     WHERE NEW.revoked_at IS NOT NULL AND space = 'links' AND kind = 1 AND removed = 0
       AND NOT EXISTS (SELECT 1 FROM linked WHERE linked.asset = feed.row);
END;

INSERT INTO fed SELECT 'links', 12, id, 0 FROM link
 WHERE home = (SELECT device FROM library) AND revoked_at IS NULL;

-- What was said of what a link shows, for the machines that serve it: the space `links`, kind 14 (a
-- link's id and its own).
CREATE VIEW linked_said (link, activity) AS
SELECT link.id, activity.id
  FROM link JOIN activity ON activity.album = link.album LEFT JOIN asset ON asset.id = activity.asset
 WHERE link.home = (SELECT device FROM library) AND link.comments AND link.revoked_at IS NULL
   AND (activity.asset IS NULL OR asset.trashed_at IS NULL AND asset.shelf <> 'locked')
 UNION ALL
SELECT link.id, activity.id
  FROM link JOIN activity ON activity.link = link.id LEFT JOIN asset ON asset.id = activity.asset
 WHERE link.home = (SELECT device FROM library) AND link.comments AND link.revoked_at IS NULL
   AND (activity.asset IS NULL OR asset.trashed_at IS NULL AND asset.shelf <> 'locked');

CREATE TRIGGER activity_hosted AFTER INSERT ON activity
WHEN EXISTS (SELECT 1 FROM feed_space WHERE space = 'links') BEGIN
    INSERT INTO fed SELECT 'links', 14, CAST(link || activity AS BLOB), 0 FROM linked_said WHERE activity = NEW.id;
END;

CREATE TRIGGER activity_hosted_anew AFTER UPDATE OF text, edited_at, asset ON activity
WHEN EXISTS (SELECT 1 FROM feed_space WHERE space = 'links') BEGIN
    INSERT INTO fed SELECT 'links', 14, CAST(link || activity AS BLOB), 0 FROM linked_said WHERE activity = NEW.id;
END;

CREATE TRIGGER activity_hosted_gone AFTER DELETE ON activity
WHEN EXISTS (SELECT 1 FROM feed_space WHERE space = 'links') BEGIN
    INSERT INTO fed SELECT 'links', 14, row, 1 FROM feed
     WHERE space = 'links' AND kind = 14 AND removed = 0
       AND row IN (SELECT CAST(id || OLD.id AS BLOB) FROM link WHERE album = OLD.album OR id = OLD.link);
END;

CREATE TRIGGER link_said_hosted AFTER INSERT ON link WHEN NEW.home = (SELECT device FROM library) BEGIN
    INSERT INTO fed SELECT 'links', 14, CAST(link || activity AS BLOB), 0 FROM linked_said WHERE link = NEW.id;
END;

CREATE TRIGGER link_said_hosted_anew AFTER UPDATE OF comments, revoked_at ON link
WHEN NEW.home = (SELECT device FROM library)
 AND (NEW.comments, NEW.revoked_at) IS NOT (OLD.comments, OLD.revoked_at) BEGIN
    INSERT INTO fed SELECT 'links', 14, row, 1 FROM feed
     WHERE (NEW.revoked_at IS NOT NULL OR NOT NEW.comments) AND space = 'links' AND kind = 14
       AND removed = 0 AND substr(row, 1, 16) = NEW.id;
    INSERT INTO fed SELECT 'links', 14, CAST(link || activity AS BLOB), 0 FROM linked_said WHERE link = NEW.id;
END;

CREATE TRIGGER link_said_hosted_gone AFTER DELETE ON link WHEN OLD.home = (SELECT device FROM library) BEGIN
    INSERT INTO fed SELECT 'links', 14, row, 1 FROM feed
     WHERE space = 'links' AND kind = 14 AND removed = 0 AND substr(row, 1, 16) = OLD.id;
END;

CREATE TRIGGER asset_said_hosted AFTER UPDATE OF shelf, trashed_at ON asset
WHEN EXISTS (SELECT 1 FROM feed_space WHERE space = 'links') BEGIN
    INSERT INTO fed SELECT 'links', 14, row, 1 FROM feed
     WHERE (NEW.trashed_at IS NOT NULL OR NEW.shelf = 'locked') AND space = 'links' AND kind = 14
       AND removed = 0 AND row IN (
           SELECT CAST(link.id || activity.id AS BLOB)
             FROM activity JOIN link ON link.album = activity.album OR link.id = activity.link
            WHERE activity.asset = NEW.id);
    INSERT INTO fed SELECT 'links', 14, CAST(linked_said.link || activity.id AS BLOB), 0
      FROM activity JOIN linked_said ON linked_said.activity = activity.id WHERE activity.asset = NEW.id;
END;

INSERT INTO fed SELECT 'links', 14, CAST(link || activity AS BLOB), 0 FROM linked_said;
