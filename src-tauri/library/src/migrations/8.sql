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
