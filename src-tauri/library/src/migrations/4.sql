-- Search: the words of every asset, and the names of the places they were taken at.

ALTER TABLE asset ADD COLUMN place TEXT;
ALTER TABLE asset ADD COLUMN spot INTEGER GENERATED ALWAYS AS
    ((max(min(sorted_at / 1000, 274877906943), -274877906944) << 24) | (seq & 16777215)) VIRTUAL;

CREATE INDEX asset_to_place ON asset (seq) WHERE latitude IS NOT NULL AND place IS NULL;
CREATE INDEX asset_by_camera ON asset (camera_model, shelf, trashed_at)
    WHERE trashed_at IS NULL AND shelf <> 'locked' AND camera_model > '';
CREATE INDEX asset_by_place ON asset (place, shelf, trashed_at)
    WHERE trashed_at IS NULL AND shelf <> 'locked' AND place > '';

CREATE VIRTUAL TABLE search USING fts5 (
    words, camera, marks,
    content = '', contentless_delete = 1,
    tokenize = 'unicode61 remove_diacritics 2', prefix = '1 2 3'
);

CREATE VIEW searched (asset, spot, words, camera, marks) AS
SELECT asset.id, asset.spot,
       concat_ws(' ', asset.name, asset.title, asset.description, asset.place,
           (SELECT group_concat(tag, ' ') FROM asset_tag WHERE asset_tag.asset = asset.id)),
       concat_ws(' ', asset.camera_make, asset.camera_model),
       concat_ws(' ', char(0xe000) || asset.kind,
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

CREATE TRIGGER asset_searched AFTER INSERT ON asset BEGIN
    INSERT INTO search (rowid, words, camera, marks)
    SELECT spot, words, camera, marks FROM searched WHERE asset = NEW.id;
END;

CREATE TRIGGER asset_unsearched AFTER DELETE ON asset BEGIN
    DELETE FROM search WHERE rowid = OLD.spot;
END;

CREATE TRIGGER asset_searched_anew AFTER UPDATE OF sorted_at, name, title, description, place,
    camera_make, camera_model, kind, mime, favorite, latitude, rating, shelf, trashed_at ON asset BEGIN
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

INSERT INTO search (rowid, words, camera, marks)
SELECT spot, words, camera, marks FROM searched ORDER BY spot;
