-- Originals that the off-site store alone has: where each is, the time that its file had, and when it
-- was last read here.
ALTER TABLE offsite_copy ADD COLUMN place TEXT NOT NULL DEFAULT 'here' CHECK (place IN ('here', 'away', 'lost'));
ALTER TABLE offsite_copy ADD COLUMN modified_ns INTEGER;
ALTER TABLE offsite_copy ADD COLUMN used_at INTEGER NOT NULL DEFAULT 0;
CREATE INDEX offsite_away ON offsite_copy (hash) WHERE place = 'away';
