-- Links for so many people, and of which the password is being guessed.

ALTER TABLE link ADD COLUMN people INTEGER CHECK (people BETWEEN 1 AND 10000);
ALTER TABLE link ADD COLUMN seats INTEGER NOT NULL DEFAULT 0;
ALTER TABLE link ADD COLUMN seat_version INTEGER NOT NULL DEFAULT 0;
ALTER TABLE link ADD COLUMN guessed_at INTEGER;
