-- Of what is newer than the watermark, the latest version of each key wins.
INSERT INTO target (id, business_date, name, amount, updated_at, active, xmin)
SELECT id, business_date, name, amount, updated_at, active, xmin
FROM (
  SELECT *, row_number() OVER (PARTITION BY id ORDER BY updated_at DESC) AS age FROM stage WHERE updated_at > :watermark
)
WHERE age = 1
ON CONFLICT (id) DO UPDATE SET
  business_date = excluded.business_date, name = excluded.name, amount = excluded.amount,
  updated_at = excluded.updated_at, active = excluded.active, xmin = excluded.xmin;
