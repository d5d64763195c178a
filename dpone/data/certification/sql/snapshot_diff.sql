-- Make the target equal to a full snapshot, touching only what differs.
DELETE FROM target WHERE NOT EXISTS (SELECT 1 FROM stage AS s WHERE s.id = target.id);
INSERT INTO target (id, business_date, name, amount, updated_at, active, xmin)
SELECT id, business_date, name, amount, updated_at, active, xmin
FROM stage AS s
WHERE NOT EXISTS (
  SELECT 1 FROM target WHERE target.id = s.id
    AND target.updated_at = s.updated_at AND target.xmin = s.xmin AND NOT (s.business_date IS NOT target.business_date OR s.name IS NOT target.name
    OR s.amount IS NOT target.amount OR s.active IS NOT target.active)
)
ON CONFLICT (id) DO UPDATE SET
  business_date = excluded.business_date, name = excluded.name, amount = excluded.amount,
  updated_at = excluded.updated_at, active = excluded.active, xmin = excluded.xmin;
