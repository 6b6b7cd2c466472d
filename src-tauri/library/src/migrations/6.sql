-- How the owner turned a photo, and where photos are on the map.

ALTER TABLE asset ADD COLUMN turn INTEGER NOT NULL DEFAULT 0 CHECK (turn BETWEEN 0 AND 3);

CREATE INDEX asset_on_map ON asset (latitude, longitude)
    WHERE shelf = 'timeline' AND trashed_at IS NULL AND latitude IS NOT NULL AND longitude IS NOT NULL;

CREATE TABLE map_cell (
    level  INTEGER NOT NULL,
    x      INTEGER NOT NULL,
    y      INTEGER NOT NULL,
    count  INTEGER NOT NULL,
    north  REAL    NOT NULL,
    east   REAL    NOT NULL,
    newest INTEGER,
    PRIMARY KEY (level, x, y)
) STRICT, WITHOUT ROWID;

CREATE VIEW map_level (level) AS VALUES (4), (6), (8), (10), (12), (14), (16), (18), (20);

INSERT INTO map_cell (level, x, y, count, north, east, newest)
SELECT level,
       CAST((longitude + 180.0) / 360.0 * (1 << level) AS INTEGER) AS x,
       CAST((latitude + 90.0) / 360.0 * (1 << level) AS INTEGER) AS y,
       count(*), sum(latitude), sum(longitude), max(spot)
  FROM asset, map_level
 WHERE shelf = 'timeline' AND trashed_at IS NULL AND latitude IS NOT NULL AND longitude IS NOT NULL
 GROUP BY 1, 2, 3;

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
