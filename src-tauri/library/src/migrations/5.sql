-- One row for each file of an asset, watched folders, and what was looked at already; what
-- assets look like.

ALTER TABLE asset ADD COLUMN lost INTEGER NOT NULL DEFAULT 0 CHECK (lost IN (0, 1));

ALTER TABLE original RENAME TO original_before;
DROP INDEX original_copied;

CREATE TABLE original (
    in_place    INTEGER NOT NULL CHECK (in_place IN (0, 1)),
    path        TEXT    NOT NULL,
    asset       BLOB    NOT NULL REFERENCES asset (id) ON DELETE CASCADE,
    part        TEXT    NOT NULL CHECK (part IN ('whole', 'live', 'side')),
    hash        BLOB    NOT NULL,
    bytes       INTEGER NOT NULL,
    modified_ms INTEGER NOT NULL,
    inode       INTEGER,
    PRIMARY KEY (in_place, path)
) STRICT, WITHOUT ROWID;

CREATE INDEX original_of_asset ON original (asset, part, in_place);

CREATE TABLE watched (
    id        BLOB    NOT NULL PRIMARY KEY,
    path      TEXT    NOT NULL UNIQUE,
    volume    TEXT    NOT NULL,
    state     TEXT    NOT NULL CHECK (state IN ('new', 'here', 'away', 'held')),
    gone      INTEGER NOT NULL DEFAULT 0,
    added_at  INTEGER NOT NULL,
    looked_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE seen (
    path        TEXT    NOT NULL PRIMARY KEY,
    bytes       INTEGER NOT NULL,
    modified_ms INTEGER NOT NULL,
    code        TEXT    NOT NULL,
    message     TEXT    NOT NULL,
    hash        BLOB,
    seen_at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX seen_deleted ON seen (hash) WHERE code = 'deleted';

-- A path that two assets named has the bytes of the one that came last.
INSERT OR REPLACE INTO original (in_place, path, asset, part, hash, bytes, modified_ms)
SELECT o.in_place, o.path, o.asset, 'whole', asset.hash, asset.bytes, o.modified_ms
  FROM original_before AS o JOIN asset ON asset.id = o.asset ORDER BY asset.seq;

INSERT OR REPLACE INTO original (in_place, path, asset, part, hash, bytes, modified_ms)
SELECT in_place, path, asset, 'live', hash, bytes, modified_ms
  FROM motion WHERE in_place IS NOT NULL;

DROP TABLE original_before;
ALTER TABLE motion DROP COLUMN in_place;
ALTER TABLE motion DROP COLUMN path;
ALTER TABLE motion DROP COLUMN modified_ms;

-- Assets that look the same: what was imported before is looked at again.

CREATE TABLE likeness (
    asset    BLOB    NOT NULL PRIMARY KEY REFERENCES asset (id) ON DELETE CASCADE,
    bytes    BLOB,
    compared INTEGER NOT NULL DEFAULT 0 CHECK (compared IN (0, 1))
) STRICT, WITHOUT ROWID;

CREATE INDEX likeness_to_compare ON likeness (asset) WHERE compared = 0;

CREATE TABLE twin (
    one            BLOB    NOT NULL REFERENCES asset (id) ON DELETE CASCADE,
    other          BLOB    NOT NULL REFERENCES asset (id) ON DELETE CASCADE,
    apart          INTEGER NOT NULL,
    apart_for_good INTEGER NOT NULL DEFAULT 0 CHECK (apart_for_good IN (0, 1)),
    PRIMARY KEY (one, other)
) STRICT, WITHOUT ROWID;

CREATE INDEX twin_by_other ON twin (other);

INSERT INTO likeness (asset) SELECT id FROM asset WHERE thumbhash <> x'';

-- What opens the locked photos.
CREATE TABLE pin (
    only    INTEGER NOT NULL PRIMARY KEY CHECK (only = 1),
    hash    TEXT    NOT NULL,
    tries   INTEGER NOT NULL DEFAULT 0,
    wait_to INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Imports that can be taken up again, and files whose bytes the library has.

CREATE INDEX seen_held ON seen (seen_at) WHERE code = 'held';

CREATE TABLE import (
    id       BLOB    NOT NULL PRIMARY KEY,
    in_place INTEGER NOT NULL CHECK (in_place IN (0, 1)),
    album    BLOB             REFERENCES album (id) ON DELETE SET NULL,
    template TEXT,
    begun_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE import_path (
    import   BLOB    NOT NULL REFERENCES import (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    path     BLOB    NOT NULL,
    PRIMARY KEY (import, position)
) STRICT, WITHOUT ROWID;
