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

-- Whoever is told of a photo is told whether it has a moving part: of the library's own, and of what
-- its albums and links show.
DROP TRIGGER motion_fed;
DROP TRIGGER motion_fed_gone;
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

-- Many photos come and go between the timeline and an album, and that is nothing to the search.
DROP TRIGGER asset_searched_anew;
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

-- What names an asset is found by it, when that is deleted.
CREATE INDEX given_of_asset ON given (asset);
CREATE INDEX album_of_cover ON album (cover) WHERE cover IS NOT NULL;
