-- What the off-site store holds of the originals, each once. Local to this machine.
CREATE TABLE offsite_copy (
    hash      BLOB    NOT NULL PRIMARY KEY,              -- BLAKE3 of the original
    stored    INTEGER NOT NULL,                          -- bytes at the store, sealed
    tag       TEXT,                                      -- what the store marks them with (its ETag)
    copied_at INTEGER NOT NULL,
    gone_at   INTEGER                                    -- since when no photo has the original
) STRICT, WITHOUT ROWID;

-- Uploads in parts that were begun there and have not ended. Local to this machine.
CREATE TABLE offsite_begun (
    upload TEXT NOT NULL PRIMARY KEY,                    -- the store's id of it
    name   TEXT NOT NULL
) STRICT, WITHOUT ROWID;
