-- Load a table beside the target, then let them change places.
CREATE TABLE shadow (
  id INTEGER NOT NULL, business_date TEXT NOT NULL, name TEXT, amount INTEGER, updated_at INTEGER NOT NULL,
  active INTEGER NOT NULL, xmin INTEGER NOT NULL
);
INSERT INTO shadow (id, business_date, name, amount, updated_at, active, xmin)
SELECT id, business_date, name, amount, updated_at, active, xmin
FROM stage;
ALTER TABLE target RENAME TO retired;
ALTER TABLE shadow RENAME TO target;
DROP TABLE retired;
CREATE UNIQUE INDEX target_key ON target (id);
