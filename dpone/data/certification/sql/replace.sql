-- Drop the target and make it again.
DROP TABLE target;
CREATE TABLE target (
  id INTEGER NOT NULL, business_date TEXT NOT NULL, name TEXT, amount INTEGER, updated_at INTEGER NOT NULL,
  active INTEGER NOT NULL, xmin INTEGER NOT NULL
);
INSERT INTO target (id, business_date, name, amount, updated_at, active, xmin)
SELECT id, business_date, name, amount, updated_at, active, xmin
FROM stage;
CREATE UNIQUE INDEX target_key ON target (id);
