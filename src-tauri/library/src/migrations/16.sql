-- Live parts and films of others, as they play, among what is kept.
CREATE TABLE kept_anew (
    home    BLOB    NOT NULL REFERENCES device (id) ON DELETE CASCADE,
    asset   BLOB    NOT NULL,
    what    TEXT    NOT NULL CHECK (what IN ('thumbnail', 'preview', 'motion', 'film', 'original') OR what GLOB 'part-*'),
    hash    BLOB    NOT NULL,
    bytes   INTEGER NOT NULL,
    used_at INTEGER NOT NULL,
    wanted  INTEGER NOT NULL CHECK (wanted IN (0, 1)),   -- 1: kept by the user's wish, 0: seen lately
    PRIMARY KEY (home, asset, what)
) STRICT, WITHOUT ROWID;

INSERT INTO kept_anew SELECT home, asset, what, hash, bytes, used_at, wanted FROM kept;
DROP TABLE kept;
ALTER TABLE kept_anew RENAME TO kept;
CREATE INDEX kept_by_use ON kept (used_at) WHERE wanted = 0;

-- Originals of one's own other machines that are kept here, for all of those to know, with which of
-- the photo's further files.
CREATE TRIGGER kept_fed AFTER INSERT ON kept WHEN NEW.what NOT IN ('thumbnail', 'preview', 'motion', 'film') BEGIN
    INSERT INTO fed SELECT 'library', 10, CAST(NEW.home || NEW.asset AS BLOB), NOT EXISTS (
        SELECT 1 FROM kept WHERE home = NEW.home AND asset = NEW.asset AND what = 'original' AND wanted);
END;

CREATE TRIGGER kept_fed_anew AFTER UPDATE OF hash, wanted ON kept WHEN NEW.what NOT IN ('thumbnail', 'preview', 'motion', 'film') BEGIN
    INSERT INTO fed SELECT 'library', 10, CAST(NEW.home || NEW.asset AS BLOB), NOT EXISTS (
        SELECT 1 FROM kept WHERE home = NEW.home AND asset = NEW.asset AND what = 'original' AND wanted);
END;

CREATE TRIGGER kept_fed_gone AFTER DELETE ON kept
WHEN OLD.what NOT IN ('thumbnail', 'preview', 'motion', 'film') AND OLD.wanted BEGIN
    INSERT INTO fed SELECT 'library', 10, CAST(OLD.home || OLD.asset AS BLOB), NOT EXISTS (
        SELECT 1 FROM kept WHERE home = OLD.home AND asset = OLD.asset AND what = 'original' AND wanted);
END;

-- Whoever is told of a photo is told whether it has a moving part.
DROP TRIGGER motion_fed;
DROP TRIGGER motion_fed_gone;
CREATE TRIGGER motion_fed AFTER INSERT ON motion BEGIN
    UPDATE asset SET plays = plays WHERE id = NEW.asset;
END;

CREATE TRIGGER motion_fed_gone AFTER DELETE ON motion BEGIN
    UPDATE asset SET plays = plays WHERE id = OLD.asset;
END;

UPDATE asset SET plays = plays WHERE id IN (SELECT asset FROM motion);
