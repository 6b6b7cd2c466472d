-- Trash, archive and locked photos, and undo.

ALTER TABLE asset ADD COLUMN shelf TEXT NOT NULL DEFAULT 'timeline' CHECK (shelf IN ('timeline', 'archive', 'locked'));
ALTER TABLE asset ADD COLUMN trashed_at INTEGER;

DROP INDEX asset_by_time;
CREATE INDEX asset_by_time ON asset (shelf, sorted_at, seq) WHERE trashed_at IS NULL;
CREATE INDEX asset_in_trash ON asset (trashed_at) WHERE trashed_at IS NOT NULL;

DROP TRIGGER asset_counted;
DROP TRIGGER asset_uncounted;
DROP TRIGGER asset_recounted;

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

CREATE TABLE undo (
    id      INTEGER NOT NULL PRIMARY KEY,
    command TEXT    NOT NULL,
    made_at INTEGER NOT NULL
) STRICT;

CREATE TABLE undo_step (
    undo     INTEGER NOT NULL REFERENCES undo (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    sql      TEXT    NOT NULL,
    PRIMARY KEY (undo, position)
) STRICT, WITHOUT ROWID;
