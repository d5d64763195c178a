-- Empty the target and load everything.
DELETE FROM target;
INSERT INTO target (id, business_date, name, amount, updated_at, active, xmin)
SELECT id, business_date, name, amount, updated_at, active, xmin
FROM stage;
