-- Links through which visitors add photos, and what they sent.

ALTER TABLE link ADD COLUMN upload TEXT NOT NULL DEFAULT 'none' CHECK (upload IN ('none', 'add', 'only'));
ALTER TABLE link ADD COLUMN auto_accept INTEGER NOT NULL DEFAULT 0 CHECK (auto_accept IN (0, 1));
ALTER TABLE link ADD COLUMN upload_files INTEGER NOT NULL DEFAULT 2000;
ALTER TABLE link ADD COLUMN upload_bytes INTEGER NOT NULL DEFAULT 10737418240;
ALTER TABLE asset ADD COLUMN contributor TEXT;

CREATE TABLE upload (
    id           BLOB    NOT NULL PRIMARY KEY,
    link         BLOB    NOT NULL,
    visitor      BLOB    NOT NULL,
    visitor_name TEXT    NOT NULL,
    name         TEXT    NOT NULL,
    bytes        INTEGER NOT NULL,
    received     INTEGER NOT NULL DEFAULT 0,
    expected     BLOB,
    hash         BLOB,
    sha256       BLOB,
    state        TEXT    NOT NULL DEFAULT 'arriving'
                 CHECK (state IN ('arriving', 'waiting', 'accepted', 'rejected')),
    moved_at     INTEGER NOT NULL,
    received_at  INTEGER,
    decided_at   INTEGER,
    looked_at    INTEGER,
    kind         TEXT,
    width        INTEGER NOT NULL DEFAULT 0,
    height       INTEGER NOT NULL DEFAULT 0,
    duration_ms  INTEGER,
    taken_local  INTEGER,
    taken_offset INTEGER,
    placed       INTEGER NOT NULL DEFAULT 0 CHECK (placed IN (0, 1)),
    thumbhash    BLOB    NOT NULL DEFAULT x'',
    alike        BLOB    NOT NULL DEFAULT x'',
    unseen       TEXT,
    asset        BLOB             REFERENCES asset (id) ON DELETE SET NULL,
    fresh        INTEGER NOT NULL DEFAULT 0 CHECK (fresh IN (0, 1))
) STRICT, WITHOUT ROWID;

CREATE INDEX upload_of_link ON upload (link, visitor);
CREATE INDEX upload_by_state ON upload (state, moved_at);
CREATE INDEX upload_of_asset ON upload (asset) WHERE asset IS NOT NULL;
