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
