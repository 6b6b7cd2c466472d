-- Albums that begin with their newest photo; and links of other homes' albums, and partners' albums, alike.
ALTER TABLE album ADD COLUMN sort_order TEXT NOT NULL DEFAULT 'oldest' CHECK (sort_order IN ('oldest', 'newest')); -- its first photo
ALTER TABLE link ADD COLUMN sort_order TEXT NOT NULL DEFAULT 'oldest' CHECK (sort_order IN ('oldest', 'newest')); -- of that album
ALTER TABLE partner_album ADD COLUMN sort_order TEXT NOT NULL DEFAULT 'oldest' CHECK (sort_order IN ('oldest', 'newest'));

DROP TRIGGER album_shared_anew;
CREATE TRIGGER album_shared_anew AFTER UPDATE OF title, description, cover, originals, linking, talking, everyone,
    keeping, sort_order ON album
WHEN NEW.owner IS NULL BEGIN
    INSERT INTO fed VALUES ('album:' || lower(hex(NEW.id)), 2, NEW.id, 0);
END;

DROP TRIGGER album_fed_to_partners;
CREATE TRIGGER album_fed_to_partners AFTER UPDATE OF title, description, cover, sort_order ON album BEGIN
    INSERT INTO fed SELECT space, 2, album, removed FROM partner_told_album WHERE album = NEW.id;
END;

DROP TRIGGER album_hosted_anew;
CREATE TRIGGER album_hosted_anew AFTER UPDATE OF title, sort_order ON album BEGIN
    INSERT INTO fed SELECT 'links', 12, id, 0 FROM link WHERE album = NEW.id AND revoked_at IS NULL;
END;
