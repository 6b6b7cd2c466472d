-- Checksums of what visitors download; links that rest, that may be guessed, and what their visitors did.

CREATE TABLE checksum (
    hash        BLOB    NOT NULL,
    form        TEXT    NOT NULL,
    bytes       INTEGER NOT NULL,
    modified_ns INTEGER NOT NULL,
    crc32       INTEGER NOT NULL,
    sha256      BLOB,
    PRIMARY KEY (hash, form)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER checksum_of_removed AFTER DELETE ON asset BEGIN
    DELETE FROM checksum WHERE hash = OLD.hash;
END;

CREATE TRIGGER checksum_of_rewritten AFTER UPDATE OF hash ON asset BEGIN
    DELETE FROM checksum WHERE hash = OLD.hash;
END;

ALTER TABLE link ADD COLUMN guessable INTEGER NOT NULL DEFAULT 0 CHECK (guessable IN (0, 1));
ALTER TABLE link ADD COLUMN paused INTEGER NOT NULL DEFAULT 0 CHECK (paused IN (0, 1));

CREATE TABLE link_day (
    link      BLOB    NOT NULL REFERENCES link (id) ON DELETE CASCADE,
    day       INTEGER NOT NULL,
    visits    INTEGER NOT NULL DEFAULT 0,
    photos    INTEGER NOT NULL DEFAULT 0,
    downloads INTEGER NOT NULL DEFAULT 0,
    uploads   INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (link, day)
) STRICT, WITHOUT ROWID;

CREATE TABLE link_visit (
    link      BLOB    NOT NULL REFERENCES link (id) ON DELETE CASCADE,
    token     BLOB    NOT NULL,
    began_at  INTEGER NOT NULL,
    last_at   INTEGER NOT NULL,
    device    TEXT    NOT NULL,
    photos    INTEGER NOT NULL DEFAULT 0,
    downloads INTEGER NOT NULL DEFAULT 0,
    uploads   INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (link, token)
) STRICT, WITHOUT ROWID;

CREATE INDEX link_visit_in_order ON link_visit (link, last_at);
