-- Albums that live on a server for their owner.
ALTER TABLE album ADD COLUMN owns INTEGER NOT NULL DEFAULT 0 CHECK (owns IN (0, 1)); -- the library's person's, though it lives elsewhere
ALTER TABLE album ADD COLUMN lent INTEGER NOT NULL DEFAULT 0 CHECK (lent IN (0, 1)); -- moved there from here: should its home have it no more, it lives here again
ALTER TABLE album ADD COLUMN bound_for BLOB; -- the machine that it is to live on, as soon as that has all of it
ALTER TABLE member ADD COLUMN owns INTEGER NOT NULL DEFAULT 0 CHECK (owns IN (0, 1)); -- whose album it is, which lives here
ALTER TABLE member ADD COLUMN lodging INTEGER NOT NULL DEFAULT 0 CHECK (lodging IN (0, 1)); -- in it only because it moves to their machine, or from there; told to nobody else
ALTER TABLE offer ADD COLUMN owns INTEGER NOT NULL DEFAULT 0 CHECK (owns IN (0, 1)); -- one's own album, which lives there
ALTER TABLE offer ADD COLUMN lodge INTEGER NOT NULL DEFAULT 0 CHECK (lodge IN (0, 1, 2)); -- it is to live here: 2 asked for
ALTER TABLE offer ADD COLUMN owner BLOB; -- whose it is, where that is not its home's person

-- One's own photos that were put into albums which have moved: their new homes may have them as those before.
CREATE TABLE given (
    album BLOB NOT NULL,
    asset BLOB NOT NULL REFERENCES asset (id) ON DELETE CASCADE,
    home  BLOB NOT NULL,                                 -- where the album lives now, as its home of before said
    PRIMARY KEY (album, asset)
) STRICT, WITHOUT ROWID;

-- Who takes an album over is told all of its terms.
DROP TRIGGER album_shared_anew;
CREATE TRIGGER album_shared_anew AFTER UPDATE OF title, description, cover, originals, linking, talking, everyone,
    keeping ON album
WHEN NEW.owner IS NULL BEGIN
    INSERT INTO fed VALUES ('album:' || lower(hex(NEW.id)), 2, NEW.id, 0);
END;
