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
