-- Add what is newer than the target's watermark, a row exactly at it is there already.
INSERT INTO target (id, business_date, name, amount, updated_at, active, xmin)
SELECT id, business_date, name, amount, updated_at, active, xmin
FROM stage
WHERE updated_at > :watermark;
