-- Checksums of what visitors download.

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
