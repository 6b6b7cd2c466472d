-- The catalog of a library, as a new one is made. Ids are UUIDs (16 bytes);
-- times are milliseconds since 1970. Columns ending in _local hold the wall
-- clock as if it stood in UTC. A column never changes its meaning: a new
-- meaning is a new column, by a numbered migration.

-- Who and what this library is. One row.
CREATE TABLE library (
    only       INTEGER NOT NULL PRIMARY KEY CHECK (only = 1),
    id         BLOB    NOT NULL,
    person     BLOB    NOT NULL REFERENCES person (id),  -- whose library it is
    device     BLOB    NOT NULL REFERENCES device (id),  -- the machine it lives on: the home of its rows
    created_at INTEGER NOT NULL,
    person_key BLOB                                      -- the person's Ed25519 secret key, sealed
) STRICT;

CREATE TABLE person (
    id      BLOB    NOT NULL PRIMARY KEY,
    name    TEXT    NOT NULL,
    key     BLOB,                                        -- Ed25519 public key; null until it has one
    card    BLOB,                                        -- what the person says of itself, signed
    version INTEGER NOT NULL DEFAULT 0,                  -- of the card: the highest wins
    picture BLOB                                         -- WebP, as the card has it
) STRICT, WITHOUT ROWID;

-- Their machines. A device's Ed25519 key is its address among peers.
CREATE TABLE device (
    id     BLOB NOT NULL PRIMARY KEY,
    person BLOB NOT NULL REFERENCES person (id),
    name   TEXT NOT NULL,
    key    BLOB,
    since  INTEGER NOT NULL DEFAULT 0                    -- when it was paired, last
) STRICT, WITHOUT ROWID;

-- The person's own machines that were removed: a card that still has them is out of date.
CREATE TABLE removed (
    device     BLOB    NOT NULL PRIMARY KEY,
    removed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX person_by_key ON person (key) WHERE key IS NOT NULL;
CREATE UNIQUE INDEX device_by_key ON device (key) WHERE key IS NOT NULL;
CREATE INDEX device_of_person ON device (person);

-- A photo or a video: what is known of one sequence of bytes.
CREATE TABLE asset (
    seq           INTEGER NOT NULL PRIMARY KEY,          -- order of import; ties in time
    id            BLOB    NOT NULL UNIQUE,
    home          BLOB    NOT NULL,                      -- the device it was imported on; of others' it may be unknown
    via           BLOB,                                  -- the device that told of it; null: the library's own
    hash          BLOB    NOT NULL,                      -- BLAKE3 of the original
    kind          TEXT    NOT NULL CHECK (kind IN ('photo', 'video')),
    name          TEXT    NOT NULL,                      -- the file's name when it came
    bytes         INTEGER NOT NULL,
    mime          TEXT    NOT NULL,
    width         INTEGER NOT NULL,                      -- as seen upright
    height        INTEGER NOT NULL,
    duration_ms   INTEGER,
    taken_local   INTEGER,
    taken_offset  INTEGER,                               -- minutes east of UTC
    sorted_at     INTEGER NOT NULL,                      -- taken_local, else the file's own time
    latitude      REAL,
    longitude     REAL,
    altitude      REAL,
    camera_make   TEXT,
    camera_model  TEXT,
    lens          TEXT,
    f_number      REAL,
    exposure_time REAL,                                  -- seconds
    iso           INTEGER,
    focal_length  REAL,                                  -- millimetres
    rating        INTEGER CHECK (rating BETWEEN 0 AND 5),
    title         TEXT,
    description   TEXT,
    favorite      INTEGER NOT NULL DEFAULT 0 CHECK (favorite IN (0, 1)),
    thumbhash     BLOB    NOT NULL DEFAULT x'',          -- empty until rendered
    imported_at   INTEGER NOT NULL,
    taken_from    TEXT,                                  -- exif, xmp, quicktime, gps, name: what the time is known from
    live          TEXT,                                  -- Apple's content identifier, shared by picture and video
    plays         INTEGER NOT NULL DEFAULT 0 CHECK (plays IN (0, 1)), -- a video that browsers play as it is
    unseen        TEXT,                                  -- code of the reason why it cannot be previewed
    shelf         TEXT NOT NULL DEFAULT 'timeline' CHECK (shelf IN ('timeline', 'archive', 'locked', 'album')), -- album: another person's, seen in albums alone
    trashed_at    INTEGER,                               -- when it went to the trash, whatever its shelf
    lost          INTEGER NOT NULL DEFAULT 0 CHECK (lost IN (0, 1)), -- it went there because its file left a watched folder
    place         TEXT,                                  -- name of the town it was taken in; '' when none is near, null until looked up
    turn          INTEGER NOT NULL DEFAULT 0 CHECK (turn BETWEEN 0 AND 3), -- quarter turns clockwise that the owner gave it, after the file's own orientation
    contributor   TEXT,                                  -- the name of the visitor who sent it
    partner       BLOB,                                  -- the person who shows all of their library, of a photo of that
    -- Its rowid in search: when it was taken, to the second, then when it came. Sixteen million
    -- imports have one each.
    spot          INTEGER GENERATED ALWAYS AS
        ((max(min(sorted_at / 1000, 274877906943), -274877906944) << 24) | (seq & 16777215)) VIRTUAL
) STRICT;

CREATE UNIQUE INDEX asset_by_hash ON asset (hash) WHERE via IS NULL;
CREATE INDEX asset_told ON asset (hash) WHERE via IS NOT NULL;
CREATE INDEX asset_by_via ON asset (via) WHERE via IS NOT NULL;
CREATE INDEX asset_of_partner ON asset (partner, sorted_at, seq) WHERE partner IS NOT NULL;
CREATE INDEX asset_by_time ON asset (shelf, sorted_at, seq) WHERE trashed_at IS NULL;
CREATE INDEX asset_in_trash ON asset (trashed_at) WHERE trashed_at IS NOT NULL;
CREATE INDEX asset_to_render ON asset (seq) WHERE thumbhash = x'';
CREATE INDEX asset_to_place ON asset (seq) WHERE latitude IS NOT NULL AND place IS NULL;
CREATE INDEX asset_by_camera ON asset (camera_model, shelf, trashed_at)
    WHERE trashed_at IS NULL AND shelf IN ('timeline', 'archive') AND camera_model > '';
CREATE INDEX asset_by_place ON asset (place, shelf, trashed_at)
    WHERE trashed_at IS NULL AND shelf IN ('timeline', 'archive') AND place > '';
CREATE INDEX asset_on_map ON asset (latitude, longitude)
    WHERE shelf = 'timeline' AND trashed_at IS NULL AND latitude IS NOT NULL AND longitude IS NOT NULL;
CREATE INDEX asset_by_live ON asset (live) WHERE live IS NOT NULL;
CREATE INDEX asset_by_name ON asset (name);
CREATE INDEX asset_video_by_bytes ON asset (bytes) WHERE kind = 'video';

-- Keywords of an asset, in the order of its file.
CREATE TABLE asset_tag (
    asset    BLOB    NOT NULL REFERENCES asset (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    tag      TEXT    NOT NULL,
    PRIMARY KEY (asset, position)
) STRICT, WITHOUT ROWID;

-- The moving part of a live or motion photo: a file of its own beside the
-- photo's, or a run of bytes inside the photo's original. Of a photo that another
-- machine tells of only that there is one: no bytes are its.
CREATE TABLE motion (
    asset       BLOB    NOT NULL PRIMARY KEY REFERENCES asset (id) ON DELETE CASCADE,
    id          BLOB    NOT NULL UNIQUE,
    hash        BLOB             UNIQUE,                 -- BLAKE3 of its own file; null inside the photo's
    name        TEXT    NOT NULL,
    start       INTEGER NOT NULL,                        -- first byte within the file
    bytes       INTEGER NOT NULL,
    mime        TEXT    NOT NULL,
    plays       INTEGER NOT NULL CHECK (plays IN (0, 1))  -- browsers play it as it is
) STRICT, WITHOUT ROWID;

-- How many assets a month of the timeline has: kept by triggers, so that the timeline's months
-- are read, not counted.
CREATE TABLE month_count (
    month INTEGER NOT NULL PRIMARY KEY,                  -- 202605
    count INTEGER NOT NULL
) STRICT;

CREATE TRIGGER asset_counted AFTER INSERT ON asset
WHEN NEW.shelf = 'timeline' AND NEW.trashed_at IS NULL BEGIN
    INSERT INTO month_count (month, count)
    VALUES (CAST(strftime('%Y%m', NEW.sorted_at / 1000, 'unixepoch') AS INTEGER), 1)
    ON CONFLICT (month) DO UPDATE SET count = count + 1;
END;

CREATE TRIGGER asset_uncounted AFTER DELETE ON asset
WHEN OLD.shelf = 'timeline' AND OLD.trashed_at IS NULL BEGIN
    UPDATE month_count SET count = count - 1
    WHERE month = CAST(strftime('%Y%m', OLD.sorted_at / 1000, 'unixepoch') AS INTEGER);
END;

CREATE TRIGGER asset_left_month AFTER UPDATE OF sorted_at, shelf, trashed_at ON asset
WHEN OLD.shelf = 'timeline' AND OLD.trashed_at IS NULL BEGIN
    UPDATE month_count SET count = count - 1
    WHERE month = CAST(strftime('%Y%m', OLD.sorted_at / 1000, 'unixepoch') AS INTEGER);
END;

CREATE TRIGGER asset_entered_month AFTER UPDATE OF sorted_at, shelf, trashed_at ON asset
WHEN NEW.shelf = 'timeline' AND NEW.trashed_at IS NULL BEGIN
    INSERT INTO month_count (month, count)
    VALUES (CAST(strftime('%Y%m', NEW.sorted_at / 1000, 'unixepoch') AS INTEGER), 1)
    ON CONFLICT (month) DO UPDATE SET count = count + 1;
END;

-- How many assets of the timeline are where, so that a map is read, not counted. The world is cut
-- into squares of 360 / 2^level degrees, from the date line and the south pole on, at each of these
-- levels. Kept by triggers.
CREATE VIEW map_level (level) AS VALUES (4), (6), (8), (10), (12), (14), (16), (18), (20);

CREATE TABLE map_cell (
    level  INTEGER NOT NULL,
    x      INTEGER NOT NULL,                             -- squares east of the date line
    y      INTEGER NOT NULL,                             -- squares north of the south pole
    count  INTEGER NOT NULL,
    north  REAL    NOT NULL,                             -- sum of their latitudes
    east   REAL    NOT NULL,                             -- sum of their longitudes
    newest INTEGER,                                      -- spot of the newest; null once that has left
    PRIMARY KEY (level, x, y)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER asset_mapped AFTER INSERT ON asset
WHEN NEW.shelf = 'timeline' AND NEW.trashed_at IS NULL
    AND NEW.latitude IS NOT NULL AND NEW.longitude IS NOT NULL BEGIN
    INSERT INTO map_cell (level, x, y, count, north, east, newest)
    SELECT level,
           CAST((NEW.longitude + 180.0) / 360.0 * (1 << level) AS INTEGER),
           CAST((NEW.latitude + 90.0) / 360.0 * (1 << level) AS INTEGER),
           1, NEW.latitude, NEW.longitude, NEW.spot
      FROM map_level WHERE true
    ON CONFLICT (level, x, y) DO UPDATE SET
        count = count + 1, north = north + excluded.north, east = east + excluded.east,
        newest = max(coalesce(newest, excluded.newest), excluded.newest);
END;

CREATE TRIGGER asset_unmapped AFTER DELETE ON asset
WHEN OLD.shelf = 'timeline' AND OLD.trashed_at IS NULL
    AND OLD.latitude IS NOT NULL AND OLD.longitude IS NOT NULL BEGIN
    UPDATE map_cell SET count = count - 1, north = north - OLD.latitude, east = east - OLD.longitude,
        newest = nullif(newest, OLD.spot)
    WHERE (level, x, y) IN (SELECT level,
               CAST((OLD.longitude + 180.0) / 360.0 * (1 << level) AS INTEGER),
               CAST((OLD.latitude + 90.0) / 360.0 * (1 << level) AS INTEGER) FROM map_level);
    DELETE FROM map_cell
    WHERE count = 0 AND (level, x, y) IN (SELECT level,
               CAST((OLD.longitude + 180.0) / 360.0 * (1 << level) AS INTEGER),
               CAST((OLD.latitude + 90.0) / 360.0 * (1 << level) AS INTEGER) FROM map_level);
END;

CREATE TRIGGER asset_left_map AFTER UPDATE OF shelf, trashed_at, latitude, longitude, sorted_at ON asset
WHEN OLD.shelf = 'timeline' AND OLD.trashed_at IS NULL
    AND OLD.latitude IS NOT NULL AND OLD.longitude IS NOT NULL BEGIN
    UPDATE map_cell SET count = count - 1, north = north - OLD.latitude, east = east - OLD.longitude,
        newest = nullif(newest, OLD.spot)
    WHERE (level, x, y) IN (SELECT level,
               CAST((OLD.longitude + 180.0) / 360.0 * (1 << level) AS INTEGER),
               CAST((OLD.latitude + 90.0) / 360.0 * (1 << level) AS INTEGER) FROM map_level);
    DELETE FROM map_cell
    WHERE count = 0 AND (level, x, y) IN (SELECT level,
               CAST((OLD.longitude + 180.0) / 360.0 * (1 << level) AS INTEGER),
               CAST((OLD.latitude + 90.0) / 360.0 * (1 << level) AS INTEGER) FROM map_level);
END;

CREATE TRIGGER asset_entered_map AFTER UPDATE OF shelf, trashed_at, latitude, longitude, sorted_at ON asset
WHEN NEW.shelf = 'timeline' AND NEW.trashed_at IS NULL
    AND NEW.latitude IS NOT NULL AND NEW.longitude IS NOT NULL BEGIN
    INSERT INTO map_cell (level, x, y, count, north, east, newest)
    SELECT level,
           CAST((NEW.longitude + 180.0) / 360.0 * (1 << level) AS INTEGER),
           CAST((NEW.latitude + 90.0) / 360.0 * (1 << level) AS INTEGER),
           1, NEW.latitude, NEW.longitude, NEW.spot
      FROM map_level WHERE true
    ON CONFLICT (level, x, y) DO UPDATE SET
        count = count + 1, north = north + excluded.north, east = east + excluded.east,
        newest = max(coalesce(newest, excluded.newest), excluded.newest);
END;

-- What can be searched for. A row's rowid is its asset's spot, so that what is found comes by time
-- without being sorted. Only the index of words is kept, not the words.
CREATE VIRTUAL TABLE search USING fts5 (
    words, camera, marks,
    content = '', contentless_delete = 1,
    tokenize = 'unicode61 remove_diacritics 2', prefix = '1 2 3'
);

-- The words of each asset. Marks are what filters ask for: words that begin with a character of
-- private use, which no person types.
CREATE VIEW searched (asset, spot, words, camera, marks) AS
SELECT asset.id, asset.spot,
       concat_ws(' ', asset.name, asset.title, asset.description, asset.place,
           (SELECT group_concat(tag, ' ') FROM asset_tag WHERE asset_tag.asset = asset.id)),
       concat_ws(' ', asset.camera_make, asset.camera_model),
       concat_ws(' ', char(0xe000) || asset.kind,
           CASE WHEN asset.partner IS NOT NULL THEN char(0xe000) || 'of' || lower(hex(asset.partner)) END,
           CASE WHEN asset.mime LIKE 'image/x-%' THEN char(0xe000) || 'raw' END,
           CASE WHEN EXISTS (SELECT 1 FROM motion WHERE motion.asset = asset.id)
                THEN char(0xe000) || 'live' END,
           CASE WHEN asset.trashed_at IS NOT NULL THEN char(0xe000) || 'trashed'
                WHEN asset.shelf = 'archive' THEN char(0xe000) || 'archived' END,
           CASE WHEN asset.favorite THEN char(0xe000) || 'favorite' END,
           char(0xe000) || CASE WHEN asset.latitude IS NULL THEN 'unplaced' ELSE 'placed' END,
           CASE WHEN asset.rating >= 1 THEN char(0xe000) || 'stars1' END,
           CASE WHEN asset.rating >= 2 THEN char(0xe000) || 'stars2' END,
           CASE WHEN asset.rating >= 3 THEN char(0xe000) || 'stars3' END,
           CASE WHEN asset.rating >= 4 THEN char(0xe000) || 'stars4' END,
           CASE WHEN asset.rating >= 5 THEN char(0xe000) || 'stars5' END)
  FROM asset;

-- The index is kept true by triggers alone.
CREATE TRIGGER asset_searched AFTER INSERT ON asset BEGIN
    INSERT INTO search (rowid, words, camera, marks)
    SELECT spot, words, camera, marks FROM searched WHERE asset = NEW.id;
END;

CREATE TRIGGER asset_unsearched AFTER DELETE ON asset BEGIN
    DELETE FROM search WHERE rowid = OLD.spot;
END;

CREATE TRIGGER asset_searched_anew AFTER UPDATE OF sorted_at, name, title, description, place,
    camera_make, camera_model, kind, mime, favorite, latitude, rating, shelf, trashed_at, partner ON asset
    WHEN (OLD.spot, OLD.name, OLD.title, OLD.description, OLD.place, OLD.camera_make, OLD.camera_model, OLD.kind, OLD.mime,
          OLD.favorite, OLD.latitude, OLD.rating, OLD.shelf = 'archive', OLD.trashed_at, OLD.partner)
      IS NOT (NEW.spot, NEW.name, NEW.title, NEW.description, NEW.place, NEW.camera_make, NEW.camera_model, NEW.kind, NEW.mime,
          NEW.favorite, NEW.latitude, NEW.rating, NEW.shelf = 'archive', NEW.trashed_at, NEW.partner) BEGIN
    DELETE FROM search WHERE rowid = OLD.spot;
    INSERT INTO search (rowid, words, camera, marks)
    SELECT spot, words, camera, marks FROM searched WHERE asset = NEW.id;
END;

CREATE TRIGGER tag_searched AFTER INSERT ON asset_tag BEGIN
    DELETE FROM search WHERE rowid = (SELECT spot FROM asset WHERE id = NEW.asset);
    INSERT INTO search (rowid, words, camera, marks)
    SELECT spot, words, camera, marks FROM searched WHERE asset = NEW.asset;
END;

CREATE TRIGGER tag_unsearched AFTER DELETE ON asset_tag BEGIN
    DELETE FROM search WHERE rowid = (SELECT spot FROM asset WHERE id = OLD.asset);
    INSERT INTO search (rowid, words, camera, marks)
    SELECT spot, words, camera, marks FROM searched WHERE asset = OLD.asset;
END;

CREATE TRIGGER tag_searched_anew AFTER UPDATE OF tag ON asset_tag BEGIN
    DELETE FROM search WHERE rowid = (SELECT spot FROM asset WHERE id = NEW.asset);
    INSERT INTO search (rowid, words, camera, marks)
    SELECT spot, words, camera, marks FROM searched WHERE asset = NEW.asset;
END;

CREATE TRIGGER motion_searched AFTER INSERT ON motion BEGIN
    DELETE FROM search WHERE rowid = (SELECT spot FROM asset WHERE id = NEW.asset);
    INSERT INTO search (rowid, words, camera, marks)
    SELECT spot, words, camera, marks FROM searched WHERE asset = NEW.asset;
END;

CREATE TRIGGER motion_unsearched AFTER DELETE ON motion BEGIN
    DELETE FROM search WHERE rowid = (SELECT spot FROM asset WHERE id = OLD.asset);
    INSERT INTO search (rowid, words, camera, marks)
    SELECT spot, words, camera, marks FROM searched WHERE asset = OLD.asset;
END;

-- The files that an asset has: its own bytes, its live part's when that is a file of its own, and
-- what came beside it. The same bytes may lie in several places. Local to this machine.
CREATE TABLE original (
    in_place    INTEGER NOT NULL CHECK (in_place IN (0, 1)), -- 1: the user's own file, never touched
    path        TEXT    NOT NULL,                        -- under originals/, or absolute when in place
    asset       BLOB    NOT NULL REFERENCES asset (id) ON DELETE CASCADE,
    part        TEXT    NOT NULL CHECK (part IN ('whole', 'live', 'side')),
    hash        BLOB    NOT NULL,                        -- BLAKE3 of the file
    bytes       INTEGER NOT NULL,
    modified_ms INTEGER NOT NULL,                        -- the file's time when it was read
    inode       INTEGER,                                 -- in place: to know it by when it has moved
    PRIMARY KEY (in_place, path)
) STRICT, WITHOUT ROWID;

CREATE INDEX original_of_asset ON original (asset, part, in_place);

-- A folder of the user's that is followed. Local to this machine.
CREATE TABLE watched (
    id        BLOB    NOT NULL PRIMARY KEY,
    path      TEXT    NOT NULL UNIQUE,                   -- absolute
    volume    TEXT    NOT NULL,                          -- what its drive and folder were known by
    state     TEXT    NOT NULL CHECK (state IN ('new', 'here', 'away', 'held')),
    gone      INTEGER NOT NULL DEFAULT 0,                -- held: files that wait for the user's word
    added_at  INTEGER NOT NULL,
    looked_at INTEGER                                    -- when it was last looked through whole
) STRICT, WITHOUT ROWID;

-- Files that were looked at, as they were then, and what came of it: they are not read again while
-- they stay the same. Local to this machine.
CREATE TABLE seen (
    path        TEXT    NOT NULL PRIMARY KEY,            -- absolute
    bytes       INTEGER NOT NULL,
    modified_ms INTEGER NOT NULL,
    code        TEXT    NOT NULL,                        -- 'held': the library has its bytes; 'deleted': its photo was, for good; else why it was not imported
    message     TEXT    NOT NULL,                        -- the same as a sentence
    hash        BLOB,                                    -- BLAKE3, of what was read whole
    seen_at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX seen_deleted ON seen (hash) WHERE code = 'deleted';
CREATE INDEX seen_held ON seen (seen_at) WHERE code = 'held';

-- An import that was begun and has not ended: it is under way, or was broken off. Local to this
-- machine.
CREATE TABLE import (
    id       BLOB    NOT NULL PRIMARY KEY,
    in_place INTEGER NOT NULL CHECK (in_place IN (0, 1)),
    album    BLOB             REFERENCES album (id) ON DELETE SET NULL, -- what is imported goes there, too
    template TEXT,                                       -- where copies go; null: as the library is set
    begun_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE import_path (
    import   BLOB    NOT NULL REFERENCES import (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    path     BLOB    NOT NULL,                           -- as the system writes it, in whatever letters
    PRIMARY KEY (import, position)
) STRICT, WITHOUT ROWID;

-- A file about to be written under originals/. Start-up removes what a crash
-- left: the temporary file always, the target only when no asset owns it.
CREATE TABLE intent (
    id     INTEGER NOT NULL PRIMARY KEY,
    temp   TEXT    NOT NULL UNIQUE,                      -- under originals/
    target TEXT    NOT NULL,                             -- under originals/
    hash   BLOB    NOT NULL                              -- what the whole file will hash to
) STRICT;

CREATE TABLE album (
    id          BLOB    NOT NULL PRIMARY KEY,
    home        BLOB    NOT NULL REFERENCES device (id),
    title       TEXT    NOT NULL,
    description TEXT    NOT NULL DEFAULT '',
    cover       BLOB             REFERENCES asset (id) ON DELETE SET NULL, -- null: the first photo
    created_at  INTEGER NOT NULL,
    -- What its owner lets members do, and makes everyone of the household in it.
    everyone    TEXT             CHECK (everyone IN ('editor', 'viewer')),
    originals   INTEGER NOT NULL DEFAULT 1 CHECK (originals IN (0, 1)), -- viewers may have originals
    linking     INTEGER NOT NULL DEFAULT 0 CHECK (linking IN (0, 1)),   -- editors may make public links
    keeping     INTEGER NOT NULL DEFAULT 1 CHECK (keeping IN (0, 1)),   -- originals that members put there are kept here, too
    talking     INTEGER NOT NULL DEFAULT 1 CHECK (talking IN (0, 1)),   -- members may comment and like
    -- Of another home's album: whose it is and what one may; and one's own wishes for it.
    owner       BLOB             REFERENCES person (id), -- null: the library's person
    role        TEXT             CHECK (role IN ('editor', 'viewer')),
    in_timeline INTEGER NOT NULL DEFAULT 0 CHECK (in_timeline IN (0, 1)),
    quiet       INTEGER NOT NULL DEFAULT 0 CHECK (quiet IN (0, 1)),
    heir        BLOB,                                    -- the member to whom its owner hands it over
    owns        INTEGER NOT NULL DEFAULT 0 CHECK (owns IN (0, 1)), -- the library's person's, though it lives elsewhere
    lent        INTEGER NOT NULL DEFAULT 0 CHECK (lent IN (0, 1)), -- moved there from here: should its home have it no more, it lives here again
    bound_for   BLOB,                                    -- the machine that it is to live on, as soon as that has all of it
    moves       INTEGER NOT NULL DEFAULT 0,              -- how often it has come from another machine
    sort_order  TEXT    NOT NULL DEFAULT 'oldest' CHECK (sort_order IN ('oldest', 'newest')) -- its first photo
) STRICT, WITHOUT ROWID;

CREATE INDEX album_of_others ON album (home) WHERE owner IS NOT NULL;
CREATE INDEX album_of_cover ON album (cover) WHERE cover IS NOT NULL;

CREATE TABLE album_asset (
    album    BLOB    NOT NULL REFERENCES album (id) ON DELETE CASCADE,
    asset    BLOB    NOT NULL REFERENCES asset (id) ON DELETE CASCADE,
    added_at INTEGER NOT NULL,
    person   BLOB,                                       -- who put it there; null: the album's owner
    waits    INTEGER NOT NULL DEFAULT 0 CHECK (waits IN (0, 1, 2)), -- for the album's home: 1 asked, 2 answered and not told yet
    given    INTEGER NOT NULL DEFAULT 0 CHECK (given IN (0, 1)),    -- one's own, put into another's album here: its home may have it
    PRIMARY KEY (album, asset)
) STRICT, WITHOUT ROWID;

CREATE INDEX album_asset_by_asset ON album_asset (asset);
CREATE INDEX album_asset_waiting ON album_asset (album, waits) WHERE waits > 0;

-- Whom an album is shared with, at its home; and as its home told it.
CREATE TABLE member (
    album      BLOB    NOT NULL REFERENCES album (id) ON DELETE CASCADE,
    person     BLOB    NOT NULL REFERENCES person (id),
    role       TEXT    NOT NULL CHECK (role IN ('editor', 'viewer')),
    state      TEXT    NOT NULL CHECK (state IN ('asked', 'joined', 'declined')),
    asked_at   INTEGER NOT NULL,
    decided_at INTEGER,
    owns       INTEGER NOT NULL DEFAULT 0 CHECK (owns IN (0, 1)), -- whose album it is, which lives here
    lodging    INTEGER NOT NULL DEFAULT 0 CHECK (lodging IN (0, 1)), -- in it only because it moves to their machine, or from there; told to nobody else
    PRIMARY KEY (album, person)
) STRICT, WITHOUT ROWID;

CREATE INDEX member_by_person ON member (person);

-- Albums that other homes share with the library's person, whether they were accepted or not.
CREATE TABLE offer (
    album BLOB    NOT NULL PRIMARY KEY,
    home  BLOB    NOT NULL REFERENCES device (id) ON DELETE CASCADE,
    title TEXT    NOT NULL,
    role  TEXT    NOT NULL CHECK (role IN ('editor', 'viewer')),
    state TEXT    NOT NULL CHECK (state IN ('asked', 'joined', 'declined')),
    count INTEGER NOT NULL,                              -- photos in it when it was told
    asked_at INTEGER NOT NULL,
    heir  INTEGER NOT NULL DEFAULT 0 CHECK (heir IN (0, 1)), -- it is to be taken over
    owns  INTEGER NOT NULL DEFAULT 0 CHECK (owns IN (0, 1)), -- one's own album, which lives there
    lodge INTEGER NOT NULL DEFAULT 0 CHECK (lodge IN (0, 1, 2, 3)), -- it is to live here: 1 not asked for yet, 2 asked for; 3: it left, and is told until all of it is there
    owner BLOB,                                          -- whose it is, where that is not its home's person
    moves INTEGER NOT NULL DEFAULT 0                     -- how often it has moved
) STRICT, WITHOUT ROWID;

CREATE INDEX offer_of_home ON offer (home);

-- One's own photos that were put into albums which have moved: their new homes may have them as those before.
CREATE TABLE given (
    album BLOB NOT NULL,
    asset BLOB NOT NULL REFERENCES asset (id) ON DELETE CASCADE,
    home  BLOB NOT NULL,                                 -- where the album lives now, as its home of before said
    PRIMARY KEY (album, asset)
) STRICT, WITHOUT ROWID;

CREATE INDEX given_of_asset ON given (asset);

-- Albums that lived here and went on: who was in one hears of it whenever they come.
CREATE TABLE moved (
    album BLOB NOT NULL PRIMARY KEY,
    title TEXT NOT NULL,
    home  BLOB NOT NULL                                  -- where to
) STRICT, WITHOUT ROWID;

-- Public links that the library's person made of others' albums, as those albums' homes told them.
CREATE TABLE editor_link (
    id         BLOB NOT NULL PRIMARY KEY,
    album      BLOB NOT NULL REFERENCES album (id) ON DELETE CASCADE,
    label      TEXT NOT NULL,
    address    TEXT,                                     -- null until it was made
    expires_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX editor_link_of_album ON editor_link (album);

-- To whom the library's person shows all of it, and by which rules: one way.
CREATE TABLE partner (
    person     BLOB    NOT NULL PRIMARY KEY REFERENCES person (id),
    home       BLOB,                                     -- the own machine that decides; null: this one
    state      TEXT    NOT NULL CHECK (state IN ('asked', 'accepted', 'declined', 'ended')),
    since      INTEGER,                                  -- only what was taken then or later, wall clock; null: everything
    captions   INTEGER NOT NULL CHECK (captions IN (0, 1)), -- titles, descriptions and tags travel
    albums     INTEGER NOT NULL CHECK (albums IN (0, 1)),   -- so do albums
    asked_at   INTEGER NOT NULL,
    decided_at INTEGER
) STRICT, WITHOUT ROWID;

-- The machines of theirs that were told of the library, and which of them have dropped it.
CREATE TABLE partner_copy (
    person     BLOB    NOT NULL REFERENCES partner (person) ON DELETE CASCADE,
    device     BLOB    NOT NULL REFERENCES device (id) ON DELETE CASCADE,
    since      INTEGER NOT NULL,
    dropped_at INTEGER,
    PRIMARY KEY (person, device)
) STRICT, WITHOUT ROWID;

-- The libraries that others show, a row for each of their machines, and one's own wishes for them.
CREATE TABLE partner_library (
    home        BLOB    NOT NULL PRIMARY KEY REFERENCES device (id) ON DELETE CASCADE,
    person      BLOB    NOT NULL REFERENCES person (id),
    decides     BLOB    NOT NULL,                        -- the machine of theirs that hears the answer
    state       TEXT    NOT NULL CHECK (state IN ('asked', 'accepted', 'declined', 'ended')), -- as it told
    since       INTEGER,
    captions    INTEGER NOT NULL CHECK (captions IN (0, 1)),
    albums      INTEGER NOT NULL CHECK (albums IN (0, 1)),
    asked_at    INTEGER NOT NULL,
    count       INTEGER NOT NULL,                        -- photos, when it was told
    bytes       INTEGER NOT NULL,                        -- of their originals, then
    consent     INTEGER NOT NULL DEFAULT 0 CHECK (consent IN (0, 1)),     -- accepted at this machine
    in_timeline INTEGER NOT NULL DEFAULT 0 CHECK (in_timeline IN (0, 1)),
    keep        TEXT    NOT NULL DEFAULT 'nothing' CHECK (keep IN ('nothing', 'previews', 'originals')),
    dropping    INTEGER NOT NULL DEFAULT 0 CHECK (dropping IN (0, 1))     -- its copies go, and then its home is told
) STRICT, WITHOUT ROWID;

CREATE INDEX partner_library_of ON partner_library (person);

-- Albums of those libraries, and what is in them.
CREATE TABLE partner_album (
    home        BLOB    NOT NULL REFERENCES device (id) ON DELETE CASCADE,
    id          BLOB    NOT NULL,
    title       TEXT    NOT NULL,
    description TEXT    NOT NULL,
    cover       BLOB,
    created_at  INTEGER NOT NULL,
    sort_order  TEXT    NOT NULL DEFAULT 'oldest' CHECK (sort_order IN ('oldest', 'newest')),
    PRIMARY KEY (home, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE partner_album_asset (
    album BLOB NOT NULL,
    asset BLOB NOT NULL REFERENCES asset (id) ON DELETE CASCADE,
    PRIMARY KEY (album, asset)
) STRICT, WITHOUT ROWID;

CREATE INDEX partner_album_of_asset ON partner_album_asset (asset);

-- Where a photo that others told of lies: in the timeline by an album or by a library that is seen
-- there, the same bytes once, and never beside one's own.
CREATE VIEW placed (asset, shelf) AS
SELECT asset.id,
       CASE WHEN EXISTS (SELECT 1 FROM album_asset JOIN album ON album.id = album_asset.album
                          WHERE album_asset.asset = asset.id AND album.in_timeline)
              OR asset.partner IS NOT NULL
                 AND EXISTS (SELECT 1 FROM partner_library
                              WHERE partner_library.home = asset.via AND partner_library.in_timeline)
                 AND NOT EXISTS (SELECT 1 FROM asset AS own
                                  WHERE own.hash = asset.hash AND own.via IS NULL AND own.trashed_at IS NULL)
                 AND NOT EXISTS (SELECT 1 FROM asset AS told
                                   JOIN partner_library ON partner_library.home = told.via
                                  WHERE told.hash = asset.hash AND told.via IS NOT NULL
                                    AND told.partner IS NOT NULL AND told.seq < asset.seq
                                    AND partner_library.in_timeline)
            THEN 'timeline' ELSE 'album' END
  FROM asset WHERE asset.via IS NOT NULL;

CREATE TRIGGER asset_places_told AFTER INSERT ON asset WHEN NEW.via IS NULL BEGIN
    UPDATE asset SET shelf = (SELECT placed.shelf FROM placed WHERE placed.asset = asset.id)
     WHERE hash = NEW.hash AND via IS NOT NULL AND partner IS NOT NULL;
END;

CREATE TRIGGER asset_places_told_anew AFTER UPDATE OF hash, trashed_at ON asset WHEN NEW.via IS NULL BEGIN
    UPDATE asset SET shelf = (SELECT placed.shelf FROM placed WHERE placed.asset = asset.id)
     WHERE hash IN (OLD.hash, NEW.hash) AND via IS NOT NULL AND partner IS NOT NULL;
END;

CREATE TRIGGER asset_gone_places_told AFTER DELETE ON asset WHEN OLD.via IS NULL OR OLD.partner IS NOT NULL BEGIN
    UPDATE asset SET shelf = (SELECT placed.shelf FROM placed WHERE placed.asset = asset.id)
     WHERE hash = OLD.hash AND via IS NOT NULL AND partner IS NOT NULL;
END;

-- What others did in shared albums, for the person at this machine. Local.
CREATE TABLE notice (
    id      INTEGER NOT NULL PRIMARY KEY,
    made_at INTEGER NOT NULL,
    kind    TEXT    NOT NULL CHECK (kind IN ('asked', 'joined', 'declined', 'left', 'removed', 'added', 'taken', 'comment', 'mention', 'like', 'refused', 'heir', 'moved', 'stays', 'library_offered', 'library_accepted', 'library_declined', 'library_ended')),
    album   BLOB,
    title   TEXT    NOT NULL,                            -- of the album, then
    person  BLOB    NOT NULL,
    name    TEXT    NOT NULL,                            -- of the person, then
    asset   BLOB,
    text    TEXT    NOT NULL DEFAULT '',
    seen    INTEGER NOT NULL DEFAULT 0 CHECK (seen IN (0, 1))
) STRICT;

CREATE INDEX notice_unseen ON notice (id) WHERE seen = 0;
CREATE INDEX notice_of_album ON notice (album);

-- What assets look like, to find others that look the same.
CREATE TABLE likeness (
    asset    BLOB    NOT NULL PRIMARY KEY REFERENCES asset (id) ON DELETE CASCADE,
    bytes    BLOB,                                       -- as media::Likeness has it; empty: too plain; null: not seen yet
    compared INTEGER NOT NULL DEFAULT 0 CHECK (compared IN (0, 1))  -- with all others
) STRICT, WITHOUT ROWID;

CREATE INDEX likeness_to_compare ON likeness (asset) WHERE compared = 0;

-- Two assets that look the same. Local to this machine.
CREATE TABLE twin (
    one            BLOB    NOT NULL REFERENCES asset (id) ON DELETE CASCADE,
    other          BLOB    NOT NULL REFERENCES asset (id) ON DELETE CASCADE,  -- the greater id
    apart          INTEGER NOT NULL,                    -- thousandths of what was compared
    apart_for_good INTEGER NOT NULL DEFAULT 0 CHECK (apart_for_good IN (0, 1)), -- the owner said so
    PRIMARY KEY (one, other)
) STRICT, WITHOUT ROWID;

CREATE INDEX twin_by_other ON twin (other);

-- A public link. Its key is not in this file: only a keyed hash to find it by,
-- and the key sealed with the library's secret, for «copy link».
CREATE TABLE link (
    id               BLOB    NOT NULL PRIMARY KEY,
    home             BLOB    NOT NULL REFERENCES device (id),
    key_hash         BLOB    NOT NULL UNIQUE,
    key_sealed       BLOB    NOT NULL,
    name             TEXT             UNIQUE,            -- the readable /s/<name>
    album            BLOB             REFERENCES album (id) ON DELETE CASCADE, -- null: a selection
    label            TEXT    NOT NULL DEFAULT '',        -- for whom; the owner's own note
    description      TEXT    NOT NULL DEFAULT '',
    password_hash    TEXT,                               -- argon2id, PHC string
    password_version INTEGER NOT NULL DEFAULT 0,         -- raised with the password: ends passes
    expires_at       INTEGER,
    download         TEXT    NOT NULL CHECK (download IN ('none', 'screen', 'original')),
    show_metadata    INTEGER NOT NULL CHECK (show_metadata IN (0, 1)),
    generation       INTEGER NOT NULL DEFAULT 0,         -- raised with any change: ends streams
    created_at       INTEGER NOT NULL,
    revoked_at       INTEGER,
    -- The readable name may go without a password, though it can be guessed.
    guessable        INTEGER NOT NULL DEFAULT 0 CHECK (guessable IN (0, 1)),
    paused           INTEGER NOT NULL DEFAULT 0 CHECK (paused IN (0, 1)),
    -- Visitors may add photos; only: that is all they may, a drop box.
    upload           TEXT    NOT NULL DEFAULT 'none' CHECK (upload IN ('none', 'add', 'only')),
    auto_accept      INTEGER NOT NULL DEFAULT 0 CHECK (auto_accept IN (0, 1)), -- what they send is taken in unasked
    upload_files     INTEGER NOT NULL DEFAULT 2000,      -- the most they may send
    upload_bytes     INTEGER NOT NULL DEFAULT 10000000000,
    comments         INTEGER NOT NULL DEFAULT 0 CHECK (comments IN (0, 1)), -- visitors may comment and like
    -- For so many browsers, each of which takes a seat by a gesture; null: any number.
    people           INTEGER          CHECK (people BETWEEN 1 AND 10000),
    seats            INTEGER NOT NULL DEFAULT 0,         -- taken; never one less, but all at once
    seat_version     INTEGER NOT NULL DEFAULT 0,         -- raised when all seats are freed
    guessed_at       INTEGER,                            -- when very many passwords were last wrong; local
    person           BLOB,                               -- the editor of the album who made it; null: the owner
    title            TEXT,                               -- of another home's link that follows an album: that is called so
    sort_order       TEXT    NOT NULL DEFAULT 'oldest' CHECK (sort_order IN ('oldest', 'newest')) -- of that album
) STRICT, WITHOUT ROWID;

CREATE INDEX link_by_album ON link (album);
CREATE INDEX link_of_home ON link (home);

CREATE TABLE link_asset (
    link     BLOB    NOT NULL REFERENCES link (id) ON DELETE CASCADE,
    asset    BLOB    NOT NULL REFERENCES asset (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    PRIMARY KEY (link, asset)
) STRICT, WITHOUT ROWID;

CREATE INDEX link_asset_in_order ON link_asset (link, position);
CREATE INDEX link_asset_by_asset ON link_asset (asset);

-- What people said of a photo, or of the whole: a comment, or a like. It belongs to an
-- album, or to a link of chosen photos, and goes with what it is of.
CREATE TABLE activity (
    id      BLOB    NOT NULL PRIMARY KEY,
    home    BLOB    NOT NULL REFERENCES device (id),
    album   BLOB             REFERENCES album (id) ON DELETE CASCADE,
    link    BLOB             REFERENCES link (id) ON DELETE CASCADE, -- of chosen photos
    asset   BLOB,                                        -- null: the whole
    kind    TEXT    NOT NULL CHECK (kind IN ('comment', 'like')),
    text    TEXT    NOT NULL DEFAULT '',
    person  BLOB             REFERENCES person (id),     -- null: a visitor
    name    TEXT    NOT NULL DEFAULT '',                 -- what a visitor called themselves; a person's stands there
    through BLOB             REFERENCES link (id) ON DELETE SET NULL, -- by which a visitor came
    mark    BLOB,                                        -- by which a visitor's browser knows its own; all may see it
    proof   BLOB,                                        -- keyed hash of what that browser alone knows; of what another home told, its id
    made_at INTEGER NOT NULL,
    waits   INTEGER NOT NULL DEFAULT 0 CHECK (waits IN (0, 1)), -- for the album's home to take it
    edited_at INTEGER,                                   -- when its writer changed it, last
    told    BLOB,                                        -- of a link that is served here for another: its row as its home tells it, the link's id and its own there
    CHECK ((album IS NULL) <> (link IS NULL)),
    CHECK ((person IS NULL) <> (proof IS NULL)),
    FOREIGN KEY (album, asset) REFERENCES album_asset (album, asset) ON DELETE CASCADE,
    FOREIGN KEY (link, asset) REFERENCES link_asset (link, asset) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX activity_of_album ON activity (album, asset, kind);
CREATE INDEX activity_of_link ON activity (link, asset, kind);
CREATE INDEX activity_of_asset ON activity (asset) WHERE asset IS NOT NULL;
CREATE INDEX activity_through ON activity (through) WHERE through IS NOT NULL;
CREATE UNIQUE INDEX activity_told ON activity (told) WHERE told IS NOT NULL;
CREATE UNIQUE INDEX activity_like ON activity
    (coalesce(album, link), coalesce(asset, x''), coalesce(person, proof)) WHERE kind = 'like';

-- What visitors said that the owner has not seen yet. Local to this machine.
CREATE TABLE activity_unread (
    activity BLOB NOT NULL PRIMARY KEY REFERENCES activity (id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- What is known of bytes that visitors download, so that an archive can say its
-- length and its tag before its first byte. Local to this machine.
CREATE TABLE checksum (
    hash        BLOB    NOT NULL,                        -- of the original
    form        TEXT    NOT NULL,                        -- what is made of it: original, clean, preview, video; turned: -1 to -3
    bytes       INTEGER NOT NULL,
    modified_ns INTEGER NOT NULL,                        -- of the file that was read
    crc32       INTEGER NOT NULL,
    sha256      BLOB,                                    -- null: it cannot be made and is withheld
    PRIMARY KEY (hash, form)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER checksum_of_removed AFTER DELETE ON asset BEGIN
    DELETE FROM checksum WHERE hash = OLD.hash;
END;

CREATE TRIGGER checksum_of_rewritten AFTER UPDATE OF hash ON asset BEGIN
    DELETE FROM checksum WHERE hash = OLD.hash;
END;

-- What visitors did with a link, for its owner alone: counted after a gesture of a
-- person, never when a page is only fetched. No addresses. Days are counted since
-- 1970, UTC. Local.
CREATE TABLE link_day (
    link      BLOB    NOT NULL REFERENCES link (id) ON DELETE CASCADE,
    day       INTEGER NOT NULL,
    visits    INTEGER NOT NULL DEFAULT 0,
    photos    INTEGER NOT NULL DEFAULT 0,
    downloads INTEGER NOT NULL DEFAULT 0,
    uploads   INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (link, day)
) STRICT, WITHOUT ROWID;

-- The last visits. `token` is a page's own random word for as long as it is open.
CREATE TABLE link_visit (
    link      BLOB    NOT NULL REFERENCES link (id) ON DELETE CASCADE,
    token     BLOB    NOT NULL,
    began_at  INTEGER NOT NULL,
    last_at   INTEGER NOT NULL,
    device    TEXT    NOT NULL,
    photos    INTEGER NOT NULL DEFAULT 0,
    downloads INTEGER NOT NULL DEFAULT 0,
    uploads   INTEGER NOT NULL DEFAULT 0,
    told      INTEGER NOT NULL DEFAULT 0 CHECK (told IN (0, 1)), -- to its link's home, as it is
    PRIMARY KEY (link, token)
) STRICT, WITHOUT ROWID;

CREATE INDEX link_visit_in_order ON link_visit (link, last_at);

-- A file that a visitor sends through a link, outside the library until its owner takes it in. Its
-- bytes lie under inbox/, named by its id. The link may be gone. Local.
CREATE TABLE upload (
    id           BLOB    NOT NULL PRIMARY KEY,
    link         BLOB    NOT NULL,
    visitor      BLOB    NOT NULL,                       -- keyed hash of what the visitor proves to be the same by
    visitor_name TEXT    NOT NULL,                       -- as they gave it
    name         TEXT    NOT NULL,                       -- the file's, as they gave it
    bytes        INTEGER NOT NULL,                       -- as many as were announced
    received     INTEGER NOT NULL DEFAULT 0,             -- of these are on the disk
    expected     BLOB,                                   -- SHA-256, where it was told beforehand
    hash         BLOB,                                   -- BLAKE3, once all is here
    sha256       BLOB,
    state        TEXT    NOT NULL DEFAULT 'arriving'
                 CHECK (state IN ('arriving', 'waiting', 'accepted', 'rejected')),
    moved_at     INTEGER NOT NULL,                       -- when it last grew
    received_at  INTEGER,
    decided_at   INTEGER,
    looked_at    INTEGER,                                -- when a decoder saw it; what follows is what it found
    kind         TEXT,
    width        INTEGER NOT NULL DEFAULT 0,
    height       INTEGER NOT NULL DEFAULT 0,
    duration_ms  INTEGER,
    taken_local  INTEGER,
    taken_offset INTEGER,
    placed       INTEGER NOT NULL DEFAULT 0 CHECK (placed IN (0, 1)),
    thumbhash    BLOB    NOT NULL DEFAULT x'',
    alike        BLOB    NOT NULL DEFAULT x'',           -- ids of assets that look the same, one after the other
    unseen       TEXT,
    asset        BLOB             REFERENCES asset (id) ON DELETE SET NULL, -- what became of it
    fresh        INTEGER NOT NULL DEFAULT 0 CHECK (fresh IN (0, 1)), -- the library did not have that before
    home         BLOB             REFERENCES device (id) ON DELETE CASCADE, -- of a link that is served here for another: whose, for whom it waits
    via          BLOB             REFERENCES device (id) ON DELETE SET NULL -- of one of the library's links: the machine it was sent at, which has its bytes until they are here
) STRICT, WITHOUT ROWID;

CREATE INDEX upload_of_link ON upload (link, visitor);
CREATE INDEX upload_by_state ON upload (state, moved_at);
CREATE INDEX upload_of_asset ON upload (asset) WHERE asset IS NOT NULL;
CREATE INDEX upload_for_home ON upload (home, state) WHERE home IS NOT NULL;
CREATE INDEX upload_via ON upload (via, state) WHERE via IS NOT NULL;

-- Wrong passwords per link and network (/32 or /64), for the wait before the
-- next try. Local; rows an hour old are swept.
CREATE TABLE wrong_password (
    link     BLOB    NOT NULL REFERENCES link (id) ON DELETE CASCADE,
    network  TEXT    NOT NULL,
    tries    INTEGER NOT NULL,
    since    INTEGER NOT NULL,                           -- when the hour began
    wait_to  INTEGER NOT NULL,                           -- no try before this
    PRIMARY KEY (link, network)
) STRICT, WITHOUT ROWID;

-- What opens the locked photos. At most one row. Local to this machine.
CREATE TABLE pin (
    only    INTEGER NOT NULL PRIMARY KEY CHECK (only = 1),
    hash    TEXT    NOT NULL,                            -- argon2id, PHC string
    tries   INTEGER NOT NULL DEFAULT 0,                  -- wrong ones, one after the other
    wait_to INTEGER NOT NULL DEFAULT 0                   -- no try before this
) STRICT;

-- What was done that can be undone, and the statements that undo it, last
-- first. Written by temporary triggers while a command is recorded.
CREATE TABLE undo (
    id      INTEGER NOT NULL PRIMARY KEY,
    command TEXT    NOT NULL,                            -- what was done, in words
    made_at INTEGER NOT NULL
) STRICT;

CREATE TABLE undo_step (
    undo     INTEGER NOT NULL REFERENCES undo (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    sql      TEXT    NOT NULL,
    PRIMARY KEY (undo, position)
) STRICT, WITHOUT ROWID;

-- How a device is reached and what is kept of it here. Local to this machine.
CREATE TABLE peer (
    device    BLOB    NOT NULL PRIMARY KEY REFERENCES device (id) ON DELETE CASCADE,
    addresses TEXT    NOT NULL DEFAULT '',               -- where it was met, one to a line, last first
    typed     TEXT    NOT NULL DEFAULT '',               -- host:port that the user typed
    keep      TEXT    NOT NULL DEFAULT 'nothing' CHECK (keep IN ('nothing', 'previews', 'originals')),
    known_at  INTEGER NOT NULL,
    seen_at   INTEGER
) STRICT, WITHOUT ROWID;

-- How often a row that others may see has changed, and in which life of this catalog: a restored
-- backup begins another, so that nobody takes its numbers for those of before. One row.
CREATE TABLE feed_state (
    only     INTEGER NOT NULL PRIMARY KEY CHECK (only = 1),
    epoch    INTEGER NOT NULL,
    revision INTEGER NOT NULL
) STRICT;

INSERT INTO feed_state (only, epoch, revision) VALUES (1, random() & 0x7fffffffffffffff, 0);

-- Groups of rows that someone follows: 'library' for the owner's other devices, 'card' for whom
-- people are. Nothing is noted of a space before somebody follows it.
CREATE TABLE feed_space (
    space     TEXT    NOT NULL PRIMARY KEY,
    opened_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What followers are told: each row once, at its newest revision. Kinds: 1 asset, 2 album,
-- 3 asset in an album (both ids), 4 person, 5 member, 6 comment or like, 7 an album shared with
-- somebody, 8 an editor's link, 9 a library shown to somebody, 10 an original that is kept of another own machine, 11 a move,
-- 12 a link that is served elsewhere, too, 13 an asset in one (both ids), 14 what was said of one (both ids). Kept by triggers, so that no change can be forgotten.
CREATE TABLE feed (
    space    TEXT    NOT NULL,
    kind     INTEGER NOT NULL,
    row      BLOB    NOT NULL,
    revision INTEGER NOT NULL,
    removed  INTEGER NOT NULL CHECK (removed IN (0, 1)),
    PRIMARY KEY (space, kind, row)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX feed_by_revision ON feed (space, revision);

-- Noting a row here gives it the next revision, where its space is followed.
CREATE VIEW fed (space, kind, row, removed) AS SELECT space, kind, row, removed FROM feed;

CREATE TRIGGER fed_anew INSTEAD OF INSERT ON fed
WHEN EXISTS (SELECT 1 FROM feed_space WHERE space = NEW.space) BEGIN
    UPDATE feed_state SET revision = revision + 1;
    INSERT INTO feed (space, kind, row, revision, removed)
    SELECT NEW.space, NEW.kind, NEW.row, revision, NEW.removed FROM feed_state WHERE true
    ON CONFLICT (space, kind, row) DO UPDATE
        SET revision = excluded.revision, removed = excluded.removed;
END;

CREATE TRIGGER asset_fed AFTER INSERT ON asset WHEN NEW.via IS NULL BEGIN
    INSERT INTO fed VALUES ('library', 1, NEW.id, NEW.shelf = 'locked');
END;

CREATE TRIGGER asset_fed_anew AFTER UPDATE OF hash, name, bytes, mime, width, height, duration_ms, taken_local,
    taken_offset, taken_from, sorted_at, latitude, longitude, altitude, place, camera_make, camera_model, lens,
    f_number, exposure_time, iso, focal_length, rating, title, description, favorite, thumbhash, plays,
    unseen, shelf, trashed_at, turn, contributor ON asset WHEN NEW.via IS NULL BEGIN
    INSERT INTO fed VALUES ('library', 1, NEW.id, NEW.shelf = 'locked');
END;

CREATE TRIGGER asset_fed_gone AFTER DELETE ON asset WHEN OLD.via IS NULL BEGIN
    INSERT INTO fed VALUES ('library', 1, OLD.id, 1);
END;

CREATE TRIGGER tag_fed AFTER INSERT ON asset_tag BEGIN
    INSERT INTO fed SELECT 'library', 1, id, shelf = 'locked' FROM asset WHERE id = NEW.asset AND via IS NULL;
END;

CREATE TRIGGER tag_fed_gone AFTER DELETE ON asset_tag BEGIN
    INSERT INTO fed SELECT 'library', 1, id, shelf = 'locked' FROM asset WHERE id = OLD.asset AND via IS NULL;
END;

-- Whoever is told of a photo is told whether it has a moving part: of the library's own, and of what
-- its albums and links show.
CREATE TRIGGER motion_fed AFTER INSERT ON motion BEGIN
    UPDATE asset SET plays = plays
     WHERE id = NEW.asset AND (via IS NULL OR EXISTS (SELECT 1 FROM album_asset WHERE asset = NEW.asset)
                               OR EXISTS (SELECT 1 FROM link_asset WHERE asset = NEW.asset));
END;

CREATE TRIGGER motion_fed_gone AFTER DELETE ON motion BEGIN
    UPDATE asset SET plays = plays
     WHERE id = OLD.asset AND (via IS NULL OR EXISTS (SELECT 1 FROM album_asset WHERE asset = OLD.asset)
                               OR EXISTS (SELECT 1 FROM link_asset WHERE asset = OLD.asset));
END;

CREATE TRIGGER album_fed AFTER INSERT ON album BEGIN
    INSERT INTO fed VALUES ('library', 2, NEW.id, 0);
END;

CREATE TRIGGER album_fed_anew AFTER UPDATE ON album BEGIN
    INSERT INTO fed VALUES ('library', 2, NEW.id, 0);
END;

CREATE TRIGGER album_fed_gone AFTER DELETE ON album BEGIN
    INSERT INTO fed VALUES ('library', 2, OLD.id, 1);
END;

CREATE TRIGGER album_asset_fed AFTER INSERT ON album_asset BEGIN
    INSERT INTO fed SELECT 'library', 3, CAST(NEW.album || NEW.asset AS BLOB), shelf IN ('locked', 'album')
      FROM asset WHERE id = NEW.asset;
END;

CREATE TRIGGER album_asset_fed_gone AFTER DELETE ON album_asset BEGIN
    INSERT INTO fed VALUES ('library', 3, CAST(OLD.album || OLD.asset AS BLOB), 1);
END;

CREATE TRIGGER album_asset_fed_locked AFTER UPDATE OF shelf ON asset
WHEN (OLD.shelf = 'locked') <> (NEW.shelf = 'locked') BEGIN
    INSERT INTO fed SELECT 'library', 3, CAST(album || asset AS BLOB), NEW.shelf = 'locked'
      FROM album_asset WHERE asset = NEW.id;
END;

CREATE TRIGGER person_fed AFTER INSERT ON person WHEN NEW.card IS NOT NULL BEGIN
    INSERT INTO fed VALUES ('card', 4, NEW.id, 0);
END;

CREATE TRIGGER person_fed_anew AFTER UPDATE OF card ON person WHEN NEW.card IS NOT NULL BEGIN
    INSERT INTO fed VALUES ('card', 4, NEW.id, 0);
END;

CREATE TRIGGER person_fed_gone AFTER DELETE ON person WHEN OLD.card IS NOT NULL BEGIN
    INSERT INTO fed VALUES ('card', 4, OLD.id, 1);
END;

-- Albums that are shared: the space of each is `album:` and its id, that of each person `shared:`
-- and theirs. Of an album of another home is told only what waits for that.
CREATE TRIGGER asset_fed_to_albums AFTER UPDATE OF hash, name, bytes, mime, width, height, duration_ms, taken_local,
    taken_offset, sorted_at, latitude, longitude, altitude, place, camera_make, camera_model, lens,
    f_number, exposure_time, iso, focal_length, title, description, thumbhash, plays,
    unseen, shelf, trashed_at, turn ON asset BEGIN
    INSERT INTO fed
    SELECT 'album:' || lower(hex(album)), 1, NEW.id, NEW.shelf = 'locked' OR NEW.trashed_at IS NOT NULL
      FROM album_asset JOIN album ON album.id = album_asset.album
     WHERE asset = NEW.id AND (owner IS NULL OR waits = 1);
END;

CREATE TRIGGER tag_fed_to_albums AFTER INSERT ON asset_tag BEGIN
    INSERT INTO fed SELECT 'album:' || lower(hex(album)), 1, asset, 0
      FROM album_asset JOIN album ON album.id = album_asset.album
     WHERE asset = NEW.asset AND (owner IS NULL OR waits = 1);
END;

CREATE TRIGGER tag_fed_to_albums_gone AFTER DELETE ON asset_tag BEGIN
    INSERT INTO fed SELECT 'album:' || lower(hex(album)), 1, asset, 0
      FROM album_asset JOIN album ON album.id = album_asset.album
     WHERE asset = OLD.asset AND (owner IS NULL OR waits = 1);
END;

CREATE TRIGGER album_asset_shared AFTER INSERT ON album_asset
WHEN NEW.waits = 1 OR (SELECT owner FROM album WHERE id = NEW.album) IS NULL BEGIN
    INSERT INTO fed SELECT 'album:' || lower(hex(NEW.album)), 1, id, shelf = 'locked' OR trashed_at IS NOT NULL
      FROM asset WHERE id = NEW.asset;
END;

CREATE TRIGGER album_asset_shared_anew AFTER UPDATE ON album_asset
WHEN OLD.waits = 1 OR NEW.waits = 1 OR (SELECT owner FROM album WHERE id = NEW.album) IS NULL BEGIN
    INSERT INTO fed SELECT 'album:' || lower(hex(NEW.album)), 1, id, shelf = 'locked' OR trashed_at IS NOT NULL
      FROM asset WHERE id = NEW.asset;
END;

CREATE TRIGGER album_asset_shared_gone AFTER DELETE ON album_asset
WHEN OLD.waits = 1 OR (SELECT owner FROM album WHERE id = OLD.album) IS NULL BEGIN
    INSERT INTO fed VALUES ('album:' || lower(hex(OLD.album)), 1, OLD.asset, 1);
END;

CREATE TRIGGER album_shared_anew AFTER UPDATE OF title, description, cover, originals, linking, talking, everyone,
    keeping, sort_order ON album
WHEN NEW.owner IS NULL BEGIN
    INSERT INTO fed VALUES ('album:' || lower(hex(NEW.id)), 2, NEW.id, 0);
END;

CREATE TRIGGER album_retitled AFTER UPDATE OF title ON album WHEN NEW.owner IS NULL BEGIN
    INSERT INTO fed SELECT 'shared:' || lower(hex(person)), 7, album, 0 FROM member WHERE album = NEW.id;
END;

CREATE TRIGGER member_fed AFTER INSERT ON member
WHEN (SELECT owner FROM album WHERE id = NEW.album) IS NULL BEGIN
    INSERT INTO fed VALUES ('album:' || lower(hex(NEW.album)), 5, NEW.person, 0);
    INSERT INTO fed VALUES ('shared:' || lower(hex(NEW.person)), 7, NEW.album, 0);
END;

CREATE TRIGGER member_fed_anew AFTER UPDATE ON member
WHEN (SELECT owner FROM album WHERE id = NEW.album) IS NULL BEGIN
    INSERT INTO fed VALUES ('album:' || lower(hex(NEW.album)), 5, NEW.person, 0);
    INSERT INTO fed VALUES ('shared:' || lower(hex(NEW.person)), 7, NEW.album, 0);
END;

CREATE TRIGGER member_fed_gone AFTER DELETE ON member
WHEN EXISTS (SELECT 1 FROM album WHERE id = OLD.album AND owner IS NULL) BEGIN
    INSERT INTO fed VALUES ('album:' || lower(hex(OLD.album)), 5, OLD.person, 1);
    INSERT INTO fed VALUES ('shared:' || lower(hex(OLD.person)), 7, OLD.album, 1);
END;

CREATE TRIGGER person_renamed AFTER UPDATE OF name ON person BEGIN
    INSERT INTO fed SELECT 'album:' || lower(hex(album)), 5, person, 0
      FROM member JOIN album ON album.id = member.album WHERE person = NEW.id AND owner IS NULL;
END;

CREATE TRIGGER link_fed AFTER INSERT ON link WHEN NEW.album IS NOT NULL AND NEW.person IS NOT NULL BEGIN
    INSERT INTO fed VALUES ('album:' || lower(hex(NEW.album)), 8, NEW.id, 0);
END;

CREATE TRIGGER link_fed_anew AFTER UPDATE OF key_sealed, label, expires_at, revoked_at, person ON link
WHEN NEW.album IS NOT NULL AND NEW.person IS NOT NULL BEGIN
    INSERT INTO fed VALUES ('album:' || lower(hex(NEW.album)), 8, NEW.id, NEW.revoked_at IS NOT NULL);
END;

CREATE TRIGGER link_fed_gone AFTER DELETE ON link WHEN OLD.album IS NOT NULL AND OLD.person IS NOT NULL BEGIN
    INSERT INTO fed VALUES ('album:' || lower(hex(OLD.album)), 8, OLD.id, 1);
END;

CREATE TRIGGER activity_fed AFTER INSERT ON activity
WHEN NEW.album IS NOT NULL AND (SELECT owner FROM album WHERE id = NEW.album) IS NULL BEGIN
    INSERT INTO fed VALUES ('album:' || lower(hex(NEW.album)), 6, NEW.id, 0);
END;

CREATE TRIGGER activity_fed_anew AFTER UPDATE OF text, asset ON activity
WHEN NEW.album IS NOT NULL AND (SELECT owner FROM album WHERE id = NEW.album) IS NULL BEGIN
    INSERT INTO fed VALUES ('album:' || lower(hex(NEW.album)), 6, NEW.id, 0);
END;

CREATE TRIGGER activity_fed_gone AFTER DELETE ON activity
WHEN OLD.album IS NOT NULL AND (SELECT owner FROM album WHERE id = OLD.album) IS NULL BEGIN
    INSERT INTO fed VALUES ('album:' || lower(hex(OLD.album)), 6, OLD.id, 1);
END;

-- A library that is shown to partners: the space of each is `partner:` and their id. What they may
-- see is nothing but this; what they were never told is not told as gone either.
CREATE VIEW partner_sees (person, asset) AS
SELECT partner.person, asset.id
  FROM partner JOIN asset ON asset.via IS NULL AND +asset.shelf = 'timeline' AND asset.trashed_at IS NULL
       AND (partner.since IS NULL OR asset.sorted_at >= partner.since)
 WHERE partner.state = 'accepted';

CREATE VIEW partner_told (space, asset, removed) AS
SELECT 'partner:' || lower(hex(partner.person)), asset.id,
       NOT EXISTS (SELECT 1 FROM partner_sees AS sees
                    WHERE sees.person = partner.person AND sees.asset = asset.id)
  FROM partner JOIN asset ON asset.via IS NULL
 WHERE partner.state = 'accepted'
   AND (EXISTS (SELECT 1 FROM partner_sees AS sees
                 WHERE sees.person = partner.person AND sees.asset = asset.id)
        OR EXISTS (SELECT 1 FROM feed WHERE feed.space = 'partner:' || lower(hex(partner.person))
                      AND feed.kind = 1 AND feed.row = asset.id AND feed.removed = 0));

CREATE VIEW partner_told_album (space, album, removed) AS
SELECT 'partner:' || lower(hex(partner.person)), album.id,
       NOT EXISTS (SELECT 1 FROM album_asset JOIN partner_sees AS sees ON sees.asset = album_asset.asset
                    WHERE album_asset.album = album.id AND sees.person = partner.person)
  FROM partner JOIN album ON album.owner IS NULL
 WHERE partner.state = 'accepted' AND partner.albums
   AND (EXISTS (SELECT 1 FROM album_asset JOIN partner_sees AS sees ON sees.asset = album_asset.asset
                 WHERE album_asset.album = album.id AND sees.person = partner.person)
        OR EXISTS (SELECT 1 FROM feed WHERE feed.space = 'partner:' || lower(hex(partner.person))
                      AND feed.kind = 2 AND feed.row = album.id AND feed.removed = 0));

CREATE TRIGGER asset_fed_to_partners AFTER INSERT ON asset WHEN NEW.via IS NULL BEGIN
    INSERT INTO fed SELECT space, 1, asset, removed FROM partner_told WHERE asset = NEW.id;
END;

CREATE TRIGGER asset_fed_to_partners_anew AFTER UPDATE OF hash, name, bytes, mime, width, height, duration_ms,
    taken_local, taken_offset, sorted_at, latitude, longitude, altitude, place, camera_make, camera_model, lens,
    f_number, exposure_time, iso, focal_length, title, description, thumbhash, plays,
    unseen, shelf, trashed_at, turn ON asset WHEN NEW.via IS NULL BEGIN
    INSERT INTO fed SELECT space, 1, asset, removed FROM partner_told WHERE asset = NEW.id;
END;

CREATE TRIGGER asset_albums_fed_to_partners AFTER UPDATE OF sorted_at, shelf, trashed_at ON asset
WHEN NEW.via IS NULL BEGIN
    INSERT INTO fed SELECT space, 2, album, removed FROM partner_told_album
     WHERE album IN (SELECT album FROM album_asset WHERE album_asset.asset = NEW.id);
END;

CREATE TRIGGER asset_gone_to_partners AFTER DELETE ON asset WHEN OLD.via IS NULL BEGIN
    INSERT INTO fed SELECT space, kind, row, 1 FROM feed
     WHERE space IN (SELECT 'partner:' || lower(hex(person)) FROM partner)
       AND kind = 1 AND row = OLD.id AND removed = 0;
END;

CREATE TRIGGER tag_fed_to_partners AFTER INSERT ON asset_tag BEGIN
    INSERT INTO fed SELECT space, 1, asset, removed FROM partner_told WHERE asset = NEW.asset;
END;

CREATE TRIGGER tag_gone_to_partners AFTER DELETE ON asset_tag BEGIN
    INSERT INTO fed SELECT space, 1, asset, removed FROM partner_told WHERE asset = OLD.asset;
END;

CREATE TRIGGER album_fed_to_partners AFTER UPDATE OF title, description, cover, sort_order ON album BEGIN
    INSERT INTO fed SELECT space, 2, album, removed FROM partner_told_album WHERE album = NEW.id;
END;

CREATE TRIGGER album_gone_to_partners AFTER DELETE ON album BEGIN
    INSERT INTO fed SELECT space, kind, row, 1 FROM feed
     WHERE space IN (SELECT 'partner:' || lower(hex(person)) FROM partner)
       AND kind = 2 AND row = OLD.id AND removed = 0;
END;

CREATE TRIGGER album_asset_fed_to_partners AFTER INSERT ON album_asset BEGIN
    INSERT INTO fed SELECT space, 1, asset, removed FROM partner_told WHERE asset = NEW.asset;
    INSERT INTO fed SELECT space, 2, album, removed FROM partner_told_album WHERE album = NEW.album;
END;

CREATE TRIGGER album_asset_gone_to_partners AFTER DELETE ON album_asset BEGIN
    INSERT INTO fed SELECT space, 1, asset, removed FROM partner_told WHERE asset = OLD.asset;
    INSERT INTO fed SELECT space, 2, album, removed FROM partner_told_album WHERE album = OLD.album;
END;

CREATE TRIGGER partner_fed AFTER INSERT ON partner BEGIN
    INSERT INTO fed VALUES ('shared:' || lower(hex(NEW.person)), 9, NEW.person, NEW.state = 'ended');
    INSERT INTO fed VALUES ('library', 9, NEW.person, 0);
END;

CREATE TRIGGER partner_fed_anew AFTER UPDATE ON partner BEGIN
    INSERT INTO fed VALUES ('shared:' || lower(hex(NEW.person)), 9, NEW.person, NEW.state = 'ended');
    INSERT INTO fed VALUES ('library', 9, NEW.person, 0);
END;

CREATE TRIGGER partner_gone AFTER DELETE ON partner BEGIN
    INSERT INTO fed VALUES ('shared:' || lower(hex(OLD.person)), 9, OLD.person, 1);
    INSERT INTO fed VALUES ('library', 9, OLD.person, 1);
END;

-- With a machine that is not known any more goes what it told; what stands in an album of this
-- library's own stays there.
CREATE TRIGGER device_forgotten BEFORE DELETE ON device BEGIN
    UPDATE partner SET home = NULL WHERE home = OLD.id;
    UPDATE asset SET partner = NULL WHERE via = OLD.id AND partner IS NOT NULL;
    DELETE FROM activity WHERE home = OLD.id;
    DELETE FROM album WHERE home = OLD.id;
    DELETE FROM asset WHERE via = OLD.id AND NOT EXISTS (
        SELECT 1 FROM album_asset JOIN album ON album.id = album_asset.album
         WHERE album_asset.asset = asset.id AND album.owner IS NULL);
END;

CREATE TRIGGER person_unknown AFTER UPDATE OF card ON person WHEN OLD.card IS NOT NULL AND NEW.card IS NULL BEGIN
    INSERT INTO fed VALUES ('card', 4, NEW.id, 1);
END;

-- Rows of other homes as they told them, also of kinds unknown to this program.
CREATE TABLE replica (
    home      BLOB    NOT NULL REFERENCES device (id) ON DELETE CASCADE,
    space     TEXT    NOT NULL,
    kind      INTEGER NOT NULL,
    row       BLOB    NOT NULL,
    epoch     INTEGER NOT NULL,
    body      BLOB    NOT NULL,
    sorted_at INTEGER,                                   -- of an asset
    PRIMARY KEY (home, space, kind, row)
) STRICT, WITHOUT ROWID;

CREATE INDEX replica_by_time ON replica (home, space, sorted_at, row) WHERE sorted_at IS NOT NULL;

-- Up to where each home's spaces are known here.
CREATE TABLE cursor (
    home        BLOB    NOT NULL REFERENCES device (id) ON DELETE CASCADE,
    space       TEXT    NOT NULL,
    epoch       INTEGER NOT NULL,
    revision    INTEGER NOT NULL,
    complete_at INTEGER,                                 -- when nothing newer was there, last
    refused     INTEGER NOT NULL DEFAULT 0,              -- rows that cannot be
    PRIMARY KEY (home, space)
) STRICT, WITHOUT ROWID;

-- What this library asks of other homes, until they have answered and for a while after.
CREATE TABLE outbox (
    id         BLOB    NOT NULL PRIMARY KEY,
    home       BLOB    NOT NULL REFERENCES device (id) ON DELETE CASCADE,
    wish       BLOB    NOT NULL,
    told       TEXT    NOT NULL,                         -- what is wished, in words
    state      TEXT    NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'done', 'refused')),
    reason     TEXT    NOT NULL DEFAULT '',
    made_at    INTEGER NOT NULL,
    decided_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX outbox_waiting ON outbox (home, made_at) WHERE state = 'waiting';

-- What others asked and how it was answered, so that a repeat does nothing twice.
CREATE TABLE decided (
    id         BLOB    NOT NULL PRIMARY KEY,
    device     BLOB    NOT NULL,
    refusal    TEXT,
    decided_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX decided_by_time ON decided (decided_at);

-- Further files of photos that other machines told of: live parts that are files of their own, and sidecars.
CREATE TABLE part (
    home  BLOB    NOT NULL REFERENCES device (id) ON DELETE CASCADE,
    asset BLOB    NOT NULL,
    hash  BLOB    NOT NULL,                              -- BLAKE3 of the file
    part  TEXT    NOT NULL CHECK (part IN ('live', 'side')),
    name  TEXT    NOT NULL,                              -- as it is called beside the photo
    bytes INTEGER NOT NULL,
    PRIMARY KEY (home, asset, hash)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER replica_part_gone AFTER DELETE ON replica WHEN OLD.space = 'library' AND OLD.kind = 1 BEGIN
    DELETE FROM part WHERE home = OLD.home AND asset = OLD.row;
END;

CREATE TRIGGER partner_part_gone AFTER DELETE ON asset
WHEN OLD.partner <> (SELECT person FROM library) BEGIN
    DELETE FROM part WHERE home = OLD.via AND asset = OLD.id;
END;

CREATE TRIGGER partner_part_left AFTER UPDATE OF partner ON asset
WHEN OLD.partner <> (SELECT person FROM library) AND NEW.partner IS NULL BEGIN
    DELETE FROM part WHERE home = OLD.via AND asset = OLD.id;
END;

CREATE TRIGGER part_fed AFTER INSERT ON original WHEN NEW.part <> 'whole' BEGIN
    INSERT INTO fed SELECT 'library', 1, id, shelf = 'locked' FROM asset WHERE id = NEW.asset AND via IS NULL;
    INSERT INTO fed SELECT space, 1, asset, removed FROM partner_told WHERE asset = NEW.asset;
END;

CREATE TRIGGER part_fed_anew AFTER UPDATE OF asset, part, hash ON original WHEN NEW.part <> 'whole' BEGIN
    INSERT INTO fed SELECT 'library', 1, id, shelf = 'locked' FROM asset WHERE id = NEW.asset AND via IS NULL;
    INSERT INTO fed SELECT space, 1, asset, removed FROM partner_told WHERE asset = NEW.asset;
END;

CREATE TRIGGER part_fed_gone AFTER DELETE ON original WHEN OLD.part <> 'whole' BEGIN
    INSERT INTO fed SELECT 'library', 1, id, shelf = 'locked' FROM asset WHERE id = OLD.asset AND via IS NULL;
    INSERT INTO fed SELECT space, 1, asset, removed FROM partner_told WHERE asset = OLD.asset;
END;

-- Copies of bytes whose home is elsewhere. Local to this machine; the files are below kept/.
CREATE TABLE kept (
    home    BLOB    NOT NULL REFERENCES device (id) ON DELETE CASCADE,
    asset   BLOB    NOT NULL,
    what    TEXT    NOT NULL CHECK (what IN ('thumbnail', 'preview', 'motion', 'film', 'original') OR what GLOB 'part-*'),
    hash    BLOB    NOT NULL,
    bytes   INTEGER NOT NULL,
    used_at INTEGER NOT NULL,
    wanted  INTEGER NOT NULL CHECK (wanted IN (0, 1)),   -- 1: kept by the user's wish, 0: seen lately
    PRIMARY KEY (home, asset, what)
) STRICT, WITHOUT ROWID;

CREATE INDEX kept_by_use ON kept (used_at) WHERE wanted = 0;

-- Originals of one's own other machines that are kept here, for all of those to know, with which of
-- the photo's further files.
CREATE TRIGGER kept_fed AFTER INSERT ON kept WHEN NEW.what NOT IN ('thumbnail', 'preview', 'motion', 'film') BEGIN
    INSERT INTO fed SELECT 'library', 10, CAST(NEW.home || NEW.asset AS BLOB), NOT EXISTS (
        SELECT 1 FROM kept WHERE home = NEW.home AND asset = NEW.asset AND what = 'original' AND wanted);
END;

CREATE TRIGGER kept_fed_anew AFTER UPDATE OF hash, wanted ON kept WHEN NEW.what NOT IN ('thumbnail', 'preview', 'motion', 'film') BEGIN
    INSERT INTO fed SELECT 'library', 10, CAST(NEW.home || NEW.asset AS BLOB), NOT EXISTS (
        SELECT 1 FROM kept WHERE home = NEW.home AND asset = NEW.asset AND what = 'original' AND wanted);
END;

CREATE TRIGGER kept_fed_gone AFTER DELETE ON kept
WHEN OLD.what NOT IN ('thumbnail', 'preview', 'motion', 'film') AND OLD.wanted BEGIN
    INSERT INTO fed SELECT 'library', 10, CAST(OLD.home || OLD.asset AS BLOB), NOT EXISTS (
        SELECT 1 FROM kept WHERE home = OLD.home AND asset = OLD.asset AND what = 'original' AND wanted);
END;

-- The inner hashes of large originals, by which parts of them are checked on their way (bao).
CREATE TABLE outboard (
    hash  BLOB NOT NULL PRIMARY KEY,
    bytes BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- What the off-site store holds of the originals, each once. Local to this machine.
CREATE TABLE offsite_copy (
    hash      BLOB    NOT NULL PRIMARY KEY,              -- BLAKE3 of the original
    stored    INTEGER NOT NULL,                          -- bytes at the store, sealed
    tag       TEXT,                                      -- what the store marks them with (its ETag)
    copied_at INTEGER NOT NULL,
    gone_at   INTEGER,                                   -- since when no photo has the original
    -- Where the original is: here, too; at the store alone; or not there any more either, when it was looked.
    place     TEXT    NOT NULL DEFAULT 'here' CHECK (place IN ('here', 'away', 'lost')),
    modified_ns INTEGER,                                 -- away: the file's time, nanoseconds since 1970
    used_at   INTEGER NOT NULL DEFAULT 0                 -- when it was last read here, where it matters
) STRICT, WITHOUT ROWID;

CREATE INDEX offsite_away ON offsite_copy (hash) WHERE place = 'away';

-- Uploads in parts that were begun there and have not ended. Local to this machine.
CREATE TABLE offsite_begun (
    upload TEXT NOT NULL PRIMARY KEY,                    -- the store's id of it
    name   TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Settings of this machine, never shared.
CREATE TABLE setting (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Machines that serve this library's links while it is away; what addresses of links begin with
-- there, as they tell, and until when they serve without hearing of it.
CREATE TABLE server (
    device   BLOB    NOT NULL PRIMARY KEY REFERENCES device (id) ON DELETE CASCADE,
    since    INTEGER NOT NULL,
    address  TEXT,                                       -- null until it told
    lease_ms INTEGER NOT NULL,                           -- without a word
    rest_ms  INTEGER NOT NULL                            -- after this library said that it rests
) STRICT, WITHOUT ROWID;

-- Homes whose links are served here. Local.
CREATE TABLE hosting (
    home     BLOB    NOT NULL PRIMARY KEY REFERENCES device (id) ON DELETE CASCADE,
    asked    INTEGER NOT NULL DEFAULT 0 CHECK (asked IN (0, 1)), -- by the home; before, it is only allowed to
    keep     TEXT    NOT NULL CHECK (keep IN ('previews', 'originals')), -- of what its links show
    lease_ms INTEGER NOT NULL DEFAULT 0,
    rest_ms  INTEGER NOT NULL DEFAULT 0,
    heard_at INTEGER NOT NULL DEFAULT 0,                 -- when a contact with it began or ended, last
    rests    INTEGER NOT NULL DEFAULT 0 CHECK (rests IN (0, 1)) -- it said so then
) STRICT, WITHOUT ROWID;

-- What the library's own links show, for the machines that serve them: the space `links`. Kinds: 1
-- asset, 12 link, 13 an asset that a link shows (both ids).
CREATE VIEW linked (link, asset, position) AS
SELECT link.id, part.asset, asset.sorted_at
  FROM link JOIN album_asset AS part ON part.album = link.album JOIN asset ON asset.id = part.asset
 WHERE link.title IS NULL AND link.revoked_at IS NULL AND asset.trashed_at IS NULL AND asset.shelf <> 'locked'
 UNION ALL
SELECT link.id, part.asset, part.position
  FROM link JOIN link_asset AS part ON part.link = link.id JOIN asset ON asset.id = part.asset
 WHERE link.home = (SELECT device FROM library)
   AND link.revoked_at IS NULL AND asset.trashed_at IS NULL AND asset.shelf <> 'locked';

CREATE TRIGGER link_hosted AFTER INSERT ON link WHEN NEW.home = (SELECT device FROM library) BEGIN
    INSERT INTO fed VALUES ('links', 12, NEW.id, 0);
    INSERT INTO fed SELECT 'links', 1, asset, 0 FROM linked WHERE link = NEW.id;
    INSERT INTO fed SELECT 'links', 13, CAST(link || asset AS BLOB), 0 FROM linked WHERE link = NEW.id;
END;

CREATE TRIGGER link_hosted_anew AFTER UPDATE OF key_sealed, name, guessable, description, password_hash,
    password_version, expires_at, download, show_metadata, people, seat_version, paused, revoked_at, upload,
    auto_accept, upload_files, upload_bytes, comments
    ON link WHEN NEW.home = (SELECT device FROM library) BEGIN
    INSERT INTO fed VALUES ('links', 12, NEW.id, NEW.revoked_at IS NOT NULL);
    INSERT INTO fed SELECT 'links', 13, row, 1 FROM feed
     WHERE NEW.revoked_at IS NOT NULL AND space = 'links' AND kind = 13 AND removed = 0
       AND substr(row, 1, 16) = NEW.id;
    INSERT INTO fed SELECT 'links', 1, row, 1 FROM feed
     WHERE NEW.revoked_at IS NOT NULL AND space = 'links' AND kind = 1 AND removed = 0
       AND NOT EXISTS (SELECT 1 FROM linked WHERE linked.asset = feed.row);
END;

CREATE TRIGGER link_hosted_gone AFTER DELETE ON link WHEN OLD.home = (SELECT device FROM library) BEGIN
    INSERT INTO fed SELECT 'links', 12, OLD.id, 1 FROM feed
     WHERE space = 'links' AND kind = 12 AND row = OLD.id AND removed = 0;
    INSERT INTO fed SELECT 'links', 13, row, 1 FROM feed
     WHERE space = 'links' AND kind = 13 AND removed = 0 AND substr(row, 1, 16) = OLD.id;
    INSERT INTO fed SELECT 'links', 1, row, 1 FROM feed
     WHERE space = 'links' AND kind = 1 AND removed = 0
       AND NOT EXISTS (SELECT 1 FROM linked WHERE linked.asset = feed.row);
END;

CREATE TRIGGER album_hosted_anew AFTER UPDATE OF title, sort_order ON album BEGIN
    INSERT INTO fed SELECT 'links', 12, id, 0 FROM link WHERE album = NEW.id AND revoked_at IS NULL;
END;

CREATE TRIGGER album_asset_hosted AFTER INSERT ON album_asset BEGIN
    INSERT INTO fed SELECT DISTINCT 'links', 1, asset, 0 FROM linked
     WHERE asset = NEW.asset AND link IN (SELECT id FROM link WHERE album = NEW.album);
    INSERT INTO fed SELECT 'links', 13, CAST(link || asset AS BLOB), 0 FROM linked
     WHERE asset = NEW.asset AND link IN (SELECT id FROM link WHERE album = NEW.album);
END;

CREATE TRIGGER album_asset_hosted_gone AFTER DELETE ON album_asset BEGIN
    INSERT INTO fed SELECT 'links', 13, row, 1 FROM feed
     WHERE space = 'links' AND kind = 13 AND removed = 0
       AND row IN (SELECT CAST(id || OLD.asset AS BLOB) FROM link WHERE album = OLD.album);
    INSERT INTO fed SELECT 'links', 1, row, 1 FROM feed
     WHERE space = 'links' AND kind = 1 AND row = OLD.asset AND removed = 0
       AND NOT EXISTS (SELECT 1 FROM linked WHERE linked.asset = OLD.asset);
END;

CREATE TRIGGER link_asset_hosted AFTER INSERT ON link_asset BEGIN
    INSERT INTO fed SELECT 'links', 1, asset, 0 FROM linked WHERE link = NEW.link AND asset = NEW.asset;
    INSERT INTO fed SELECT 'links', 13, CAST(link || asset AS BLOB), 0 FROM linked
     WHERE link = NEW.link AND asset = NEW.asset;
END;

CREATE TRIGGER link_asset_hosted_anew AFTER UPDATE ON link_asset BEGIN
    INSERT INTO fed SELECT 'links', 13, row, 1 FROM feed
     WHERE space = 'links' AND kind = 13 AND row = CAST(OLD.link || OLD.asset AS BLOB) AND removed = 0;
    INSERT INTO fed SELECT 'links', 1, asset, 0 FROM linked WHERE link = NEW.link AND asset = NEW.asset;
    INSERT INTO fed SELECT 'links', 13, CAST(link || asset AS BLOB), 0 FROM linked
     WHERE link = NEW.link AND asset = NEW.asset;
    INSERT INTO fed SELECT 'links', 1, row, 1 FROM feed
     WHERE space = 'links' AND kind = 1 AND row = OLD.asset AND removed = 0
       AND NOT EXISTS (SELECT 1 FROM linked WHERE linked.asset = OLD.asset);
END;

CREATE TRIGGER link_asset_hosted_gone AFTER DELETE ON link_asset BEGIN
    INSERT INTO fed SELECT 'links', 13, row, 1 FROM feed
     WHERE space = 'links' AND kind = 13 AND row = CAST(OLD.link || OLD.asset AS BLOB) AND removed = 0;
    INSERT INTO fed SELECT 'links', 1, row, 1 FROM feed
     WHERE space = 'links' AND kind = 1 AND row = OLD.asset AND removed = 0
       AND NOT EXISTS (SELECT 1 FROM linked WHERE linked.asset = OLD.asset);
END;

CREATE TRIGGER asset_hosted_anew AFTER UPDATE OF hash, name, bytes, mime, width, height, duration_ms, taken_local,
    taken_offset, sorted_at, latitude, longitude, altitude, place, camera_make, camera_model, lens,
    f_number, exposure_time, iso, focal_length, title, description, thumbhash, plays,
    unseen, shelf, trashed_at, turn ON asset
WHEN EXISTS (SELECT 1 FROM feed_space WHERE space = 'links') BEGIN
    INSERT INTO fed SELECT DISTINCT 'links', 1, asset, 0 FROM linked WHERE asset = NEW.id;
    INSERT INTO fed SELECT 'links', 1, row, 1 FROM feed
     WHERE space = 'links' AND kind = 1 AND row = NEW.id AND removed = 0
       AND NOT EXISTS (SELECT 1 FROM linked WHERE linked.asset = NEW.id);
END;

CREATE TRIGGER asset_hosted_elsewhere AFTER UPDATE OF sorted_at, shelf, trashed_at ON asset
WHEN EXISTS (SELECT 1 FROM feed_space WHERE space = 'links') BEGIN
    INSERT INTO fed SELECT 'links', 13, CAST(link.id || NEW.id AS BLOB),
                           NEW.trashed_at IS NOT NULL OR NEW.shelf = 'locked'
      FROM link WHERE revoked_at IS NULL AND home = (SELECT device FROM library)
       AND (album IN (SELECT album FROM album_asset WHERE asset = NEW.id)
            OR id IN (SELECT link FROM link_asset WHERE asset = NEW.id));
END;

CREATE TRIGGER tag_hosted AFTER INSERT ON asset_tag WHEN EXISTS (SELECT 1 FROM feed_space WHERE space = 'links') BEGIN
    INSERT INTO fed SELECT DISTINCT 'links', 1, asset, 0 FROM linked WHERE asset = NEW.asset;
END;

CREATE TRIGGER tag_hosted_gone AFTER DELETE ON asset_tag
WHEN EXISTS (SELECT 1 FROM feed_space WHERE space = 'links') BEGIN
    INSERT INTO fed SELECT DISTINCT 'links', 1, asset, 0 FROM linked WHERE asset = OLD.asset;
END;

-- What was said of what a link shows, for the machines that serve it: the space `links`, kind 14 (a
-- link's id and its own).
CREATE VIEW linked_said (link, activity) AS
SELECT link.id, activity.id
  FROM link JOIN activity ON activity.album = link.album LEFT JOIN asset ON asset.id = activity.asset
 WHERE link.home = (SELECT device FROM library) AND link.comments AND link.revoked_at IS NULL
   AND (activity.asset IS NULL OR asset.trashed_at IS NULL AND asset.shelf <> 'locked')
 UNION ALL
SELECT link.id, activity.id
  FROM link JOIN activity ON activity.link = link.id LEFT JOIN asset ON asset.id = activity.asset
 WHERE link.home = (SELECT device FROM library) AND link.comments AND link.revoked_at IS NULL
   AND (activity.asset IS NULL OR asset.trashed_at IS NULL AND asset.shelf <> 'locked');

CREATE TRIGGER activity_hosted AFTER INSERT ON activity
WHEN EXISTS (SELECT 1 FROM feed_space WHERE space = 'links') BEGIN
    INSERT INTO fed SELECT 'links', 14, CAST(link || activity AS BLOB), 0 FROM linked_said WHERE activity = NEW.id;
END;

CREATE TRIGGER activity_hosted_anew AFTER UPDATE OF text, edited_at, asset ON activity
WHEN EXISTS (SELECT 1 FROM feed_space WHERE space = 'links') BEGIN
    INSERT INTO fed SELECT 'links', 14, CAST(link || activity AS BLOB), 0 FROM linked_said WHERE activity = NEW.id;
END;

CREATE TRIGGER activity_hosted_gone AFTER DELETE ON activity
WHEN EXISTS (SELECT 1 FROM feed_space WHERE space = 'links') BEGIN
    INSERT INTO fed SELECT 'links', 14, row, 1 FROM feed
     WHERE space = 'links' AND kind = 14 AND removed = 0
       AND row IN (SELECT CAST(id || OLD.id AS BLOB) FROM link WHERE album = OLD.album OR id = OLD.link);
END;

CREATE TRIGGER link_said_hosted AFTER INSERT ON link WHEN NEW.home = (SELECT device FROM library) BEGIN
    INSERT INTO fed SELECT 'links', 14, CAST(link || activity AS BLOB), 0 FROM linked_said WHERE link = NEW.id;
END;

CREATE TRIGGER link_said_hosted_anew AFTER UPDATE OF comments, revoked_at ON link
WHEN NEW.home = (SELECT device FROM library)
 AND (NEW.comments, NEW.revoked_at) IS NOT (OLD.comments, OLD.revoked_at) BEGIN
    INSERT INTO fed SELECT 'links', 14, row, 1 FROM feed
     WHERE (NEW.revoked_at IS NOT NULL OR NOT NEW.comments) AND space = 'links' AND kind = 14
       AND removed = 0 AND substr(row, 1, 16) = NEW.id;
    INSERT INTO fed SELECT 'links', 14, CAST(link || activity AS BLOB), 0 FROM linked_said WHERE link = NEW.id;
END;

CREATE TRIGGER link_said_hosted_gone AFTER DELETE ON link WHEN OLD.home = (SELECT device FROM library) BEGIN
    INSERT INTO fed SELECT 'links', 14, row, 1 FROM feed
     WHERE space = 'links' AND kind = 14 AND removed = 0 AND substr(row, 1, 16) = OLD.id;
END;

CREATE TRIGGER asset_said_hosted AFTER UPDATE OF shelf, trashed_at ON asset
WHEN EXISTS (SELECT 1 FROM feed_space WHERE space = 'links') BEGIN
    INSERT INTO fed SELECT 'links', 14, row, 1 FROM feed
     WHERE (NEW.trashed_at IS NOT NULL OR NEW.shelf = 'locked') AND space = 'links' AND kind = 14
       AND removed = 0 AND row IN (
           SELECT CAST(link.id || activity.id AS BLOB)
             FROM activity JOIN link ON link.album = activity.album OR link.id = activity.link
            WHERE activity.asset = NEW.id);
    INSERT INTO fed SELECT 'links', 14, CAST(linked_said.link || activity.id AS BLOB), 0
      FROM activity JOIN linked_said ON linked_said.activity = activity.id WHERE activity.asset = NEW.id;
END;

-- With a machine that is not known any more go its links, too.
CREATE TRIGGER device_links_forgotten BEFORE DELETE ON device BEGIN
    DELETE FROM link WHERE home = OLD.id;
END;

-- What others asked of homes that are away, to be handed on. Local.
CREATE TABLE errand (
    seq        INTEGER NOT NULL PRIMARY KEY,
    id         BLOB    NOT NULL UNIQUE,
    asker      BLOB    NOT NULL REFERENCES device (id) ON DELETE CASCADE,
    home       BLOB    NOT NULL REFERENCES device (id) ON DELETE CASCADE,
    wish       BLOB    NOT NULL,                         -- emptied once it is decided
    made_at    INTEGER NOT NULL,
    decided_at INTEGER,
    refusal    TEXT,
    signature  BLOB    NOT NULL DEFAULT x''              -- of the asker
) STRICT;

CREATE INDEX errand_waiting ON errand (home, seq) WHERE decided_at IS NULL;
CREATE INDEX errand_of_asker ON errand (asker);

-- Photos that members put into an album whose home is away, as their machine told of them with an
-- errand: their bytes are fetched from that machine and wait here for the home. Local.
CREATE TABLE parcel (
    home   BLOB NOT NULL REFERENCES hosting (home) ON DELETE CASCADE,
    device BLOB NOT NULL REFERENCES device (id) ON DELETE CASCADE,   -- the member's machine
    asset  BLOB NOT NULL,
    album  BLOB NOT NULL,
    errand BLOB NOT NULL REFERENCES errand (id) ON DELETE CASCADE,
    row    BLOB NOT NULL,
    PRIMARY KEY (device, asset, home, album)
) STRICT, WITHOUT ROWID;

CREATE INDEX parcel_of_errand ON parcel (errand);
CREATE INDEX parcel_for ON parcel (home, asset);

-- Photos that came into albums here with an errand: which machine carries their bytes. Local.
CREATE TABLE carrier (
    device BLOB NOT NULL REFERENCES device (id) ON DELETE CASCADE,
    via    BLOB NOT NULL,                                            -- the member's machine
    asset  BLOB NOT NULL,
    PRIMARY KEY (device, via, asset)
) STRICT, WITHOUT ROWID;

-- What homes show to others and to other machines of their person, for whom it is handed on here
-- while those are away: rows as they came, with the home's own revisions, also those that are gone.
-- Local.
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
