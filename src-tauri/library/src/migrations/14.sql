-- Albums that live on a server for their owner.
ALTER TABLE album ADD COLUMN owns INTEGER NOT NULL DEFAULT 0 CHECK (owns IN (0, 1)); -- the library's person's, though it lives elsewhere
ALTER TABLE album ADD COLUMN lent INTEGER NOT NULL DEFAULT 0 CHECK (lent IN (0, 1)); -- moved there from here: should its home have it no more, it lives here again
ALTER TABLE album ADD COLUMN bound_for BLOB; -- the machine that it is to live on, as soon as that has all of it
ALTER TABLE album ADD COLUMN moves INTEGER NOT NULL DEFAULT 0; -- how often it has come from another machine
ALTER TABLE member ADD COLUMN owns INTEGER NOT NULL DEFAULT 0 CHECK (owns IN (0, 1)); -- whose album it is, which lives here
ALTER TABLE member ADD COLUMN lodging INTEGER NOT NULL DEFAULT 0 CHECK (lodging IN (0, 1)); -- in it only because it moves to their machine, or from there; told to nobody else
ALTER TABLE offer ADD COLUMN owns INTEGER NOT NULL DEFAULT 0 CHECK (owns IN (0, 1)); -- one's own album, which lives there
ALTER TABLE offer ADD COLUMN lodge INTEGER NOT NULL DEFAULT 0 CHECK (lodge IN (0, 1, 2, 3)); -- it is to live here: 1 not asked for yet, 2 asked for; 3: it left, and is told until all of it is there
ALTER TABLE offer ADD COLUMN owner BLOB; -- whose it is, where that is not its home's person
ALTER TABLE offer ADD COLUMN moves INTEGER NOT NULL DEFAULT 0; -- how often it has moved

-- One's own photos that were put into albums which have moved: their new homes may have them as those before.
CREATE TABLE given (
    album BLOB NOT NULL,
    asset BLOB NOT NULL REFERENCES asset (id) ON DELETE CASCADE,
    home  BLOB NOT NULL,                                 -- where the album lives now, as its home of before said
    PRIMARY KEY (album, asset)
) STRICT, WITHOUT ROWID;

-- Albums that lived here and went on: who was in one hears of it whenever they come.
CREATE TABLE moved (
    album BLOB NOT NULL PRIMARY KEY,
    title TEXT NOT NULL,
    home  BLOB NOT NULL                                  -- where to
) STRICT, WITHOUT ROWID;

-- Who takes an album over is told all of its terms.
DROP TRIGGER album_shared_anew;
CREATE TRIGGER album_shared_anew AFTER UPDATE OF title, description, cover, originals, linking, talking, everyone,
    keeping ON album
WHEN NEW.owner IS NULL BEGIN
    INSERT INTO fed VALUES ('album:' || lower(hex(NEW.id)), 2, NEW.id, 0);
END;

-- A machine that was to take an album in may not know everyone in it.
CREATE TABLE notice_anew (
    id      INTEGER NOT NULL PRIMARY KEY,
    made_at INTEGER NOT NULL,
    kind    TEXT    NOT NULL CHECK (kind IN ('asked', 'joined', 'declined', 'left', 'removed', 'added', 'taken', 'comment', 'mention', 'like', 'refused', 'heir', 'moved', 'stays', 'library_offered', 'library_accepted', 'library_declined', 'library_ended')),
    album   BLOB,
    title   TEXT    NOT NULL,                            -- of the album, then
    person  BLOB    NOT NULL,
    name    TEXT    NOT NULL,                            -- of the person, then
    asset   BLOB,
    text    TEXT    NOT NULL DEFAULT '',
    seen    INTEGER NOT NULL DEFAULT 0 CHECK (seen IN (0, 1))
) STRICT;

INSERT INTO notice_anew SELECT id, made_at, kind, album, title, person, name, asset, text, seen FROM notice;
DROP TABLE notice;
ALTER TABLE notice_anew RENAME TO notice;
CREATE INDEX notice_unseen ON notice (id) WHERE seen = 0;
CREATE INDEX notice_of_album ON notice (album);

-- That another's album is gone here is nothing to tell those who were in it.
DROP TRIGGER member_fed_gone;
CREATE TRIGGER member_fed_gone AFTER DELETE ON member
WHEN EXISTS (SELECT 1 FROM album WHERE id = OLD.album AND owner IS NULL) BEGIN
    INSERT INTO fed VALUES ('album:' || lower(hex(OLD.album)), 5, OLD.person, 1);
    INSERT INTO fed VALUES ('shared:' || lower(hex(OLD.person)), 7, OLD.album, 1);
END;
