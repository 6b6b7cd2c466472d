-- Links through which visitors add photos, and what they sent.

ALTER TABLE link ADD COLUMN upload TEXT NOT NULL DEFAULT 'none' CHECK (upload IN ('none', 'add', 'only'));
ALTER TABLE link ADD COLUMN auto_accept INTEGER NOT NULL DEFAULT 0 CHECK (auto_accept IN (0, 1));
ALTER TABLE link ADD COLUMN upload_files INTEGER NOT NULL DEFAULT 2000;
ALTER TABLE link ADD COLUMN upload_bytes INTEGER NOT NULL DEFAULT 10000000000;
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

-- Comments and likes, and links that allow them.

ALTER TABLE link ADD COLUMN comments INTEGER NOT NULL DEFAULT 0 CHECK (comments IN (0, 1));

CREATE TABLE activity (
    id      BLOB    NOT NULL PRIMARY KEY,
    home    BLOB    NOT NULL REFERENCES device (id),
    album   BLOB             REFERENCES album (id) ON DELETE CASCADE,
    link    BLOB             REFERENCES link (id) ON DELETE CASCADE,
    asset   BLOB,
    kind    TEXT    NOT NULL CHECK (kind IN ('comment', 'like')),
    text    TEXT    NOT NULL DEFAULT '',
    person  BLOB             REFERENCES person (id),
    name    TEXT    NOT NULL DEFAULT '',
    through BLOB             REFERENCES link (id) ON DELETE SET NULL,
    mark    BLOB,
    proof   BLOB,
    made_at INTEGER NOT NULL,
    CHECK ((album IS NULL) <> (link IS NULL)),
    CHECK ((person IS NULL) <> (proof IS NULL)),
    FOREIGN KEY (album, asset) REFERENCES album_asset (album, asset) ON DELETE CASCADE,
    FOREIGN KEY (link, asset) REFERENCES link_asset (link, asset) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX activity_of_album ON activity (album, asset, kind);
CREATE INDEX activity_of_link ON activity (link, asset, kind);
CREATE INDEX activity_of_asset ON activity (asset) WHERE asset IS NOT NULL;
CREATE INDEX activity_through ON activity (through) WHERE through IS NOT NULL;
CREATE UNIQUE INDEX activity_like ON activity
    (coalesce(album, link), coalesce(asset, x''), coalesce(person, proof)) WHERE kind = 'like';

CREATE TABLE activity_unread (
    activity BLOB NOT NULL PRIMARY KEY REFERENCES activity (id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- Links for so many people, and of which the password is being guessed.

ALTER TABLE link ADD COLUMN people INTEGER CHECK (people BETWEEN 1 AND 10000);
ALTER TABLE link ADD COLUMN seats INTEGER NOT NULL DEFAULT 0;
ALTER TABLE link ADD COLUMN seat_version INTEGER NOT NULL DEFAULT 0;
ALTER TABLE link ADD COLUMN guessed_at INTEGER;
