-- Load a range of days again: what the target has of them goes, what the source has of them comes.
DELETE FROM target WHERE business_date BETWEEN :first AND :last;
INSERT INTO target (id, business_date, name, amount, updated_at, active, xmin)
SELECT id, business_date, name, amount, updated_at, active, xmin
FROM stage
WHERE business_date BETWEEN :first AND :last;
