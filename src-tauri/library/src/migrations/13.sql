-- What visitors send, say and do at a machine that serves another's links, on its way to their home.
ALTER TABLE upload ADD COLUMN home BLOB REFERENCES device (id) ON DELETE CASCADE; -- of a link that is served here for another: whose, for whom it waits
ALTER TABLE upload ADD COLUMN via BLOB REFERENCES device (id) ON DELETE SET NULL; -- of one of the library's links: the machine it was sent at, which has its bytes until they are here

CREATE INDEX upload_for_home ON upload (home, state) WHERE home IS NOT NULL;
CREATE INDEX upload_via ON upload (via, state) WHERE via IS NOT NULL;

ALTER TABLE link_visit ADD COLUMN told INTEGER NOT NULL DEFAULT 0 CHECK (told IN (0, 1)); -- to its link's home, as it is

-- A machine that serves a link is told of all its terms.
DROP TRIGGER link_hosted_anew;
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

INSERT INTO fed SELECT 'links', 12, id, 0 FROM link
 WHERE home = (SELECT device FROM library) AND revoked_at IS NULL;
