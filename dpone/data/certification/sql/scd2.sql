-- Keep history: a changed or vanished row is closed, the new version opens at the time of the load.
UPDATE target SET valid_to = :loaded_at, is_current = 0
WHERE is_current = 1 AND NOT EXISTS (
  SELECT 1 FROM stage AS s WHERE s.id = target.id AND NOT (s.business_date IS NOT target.business_date OR s.name IS NOT target.name
    OR s.amount IS NOT target.amount OR s.active IS NOT target.active)
);
INSERT INTO target (id, business_date, name, amount, updated_at, active, xmin, valid_from, valid_to, is_current)
SELECT id, business_date, name, amount, updated_at, active, xmin, :loaded_at, NULL, 1
FROM stage AS s
WHERE NOT EXISTS (SELECT 1 FROM target WHERE target.id = s.id AND target.is_current = 1);
