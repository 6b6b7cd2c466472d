-- Videos, live and motion photos, words and stars from the files themselves,
-- and what cannot be shown.

ALTER TABLE asset ADD COLUMN taken_from TEXT;
ALTER TABLE asset ADD COLUMN live TEXT;
ALTER TABLE asset ADD COLUMN plays INTEGER NOT NULL DEFAULT 0 CHECK (plays IN (0, 1));
ALTER TABLE asset ADD COLUMN unseen TEXT;

DROP INDEX asset_to_render;
CREATE INDEX asset_to_render ON asset (seq) WHERE thumbhash = x'';
CREATE INDEX asset_by_live ON asset (live) WHERE live IS NOT NULL;
CREATE INDEX asset_by_name ON asset (name);
CREATE INDEX asset_video_by_bytes ON asset (bytes) WHERE kind = 'video';

CREATE TABLE asset_tag (
    asset    BLOB    NOT NULL REFERENCES asset (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    tag      TEXT    NOT NULL,
    PRIMARY KEY (asset, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE motion (
    asset       BLOB    NOT NULL PRIMARY KEY REFERENCES asset (id) ON DELETE CASCADE,
    id          BLOB    NOT NULL UNIQUE,
    hash        BLOB             UNIQUE,
    name        TEXT    NOT NULL,
    start       INTEGER NOT NULL,
    bytes       INTEGER NOT NULL,
    mime        TEXT    NOT NULL,
    plays       INTEGER NOT NULL CHECK (plays IN (0, 1)),
    in_place    INTEGER          CHECK (in_place IN (0, 1)),
    path        TEXT,
    modified_ms INTEGER
) STRICT, WITHOUT ROWID;
