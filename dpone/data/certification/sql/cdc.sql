-- Apply the last change of each key, changes applied before are ignored, whatever their order.
CREATE TEMP TABLE last_change AS
SELECT id AS changed, max(seq) AS at FROM stage WHERE seq > :applied_seq GROUP BY id;
DELETE FROM target WHERE id IN (
  SELECT s.id FROM stage AS s JOIN last_change AS l ON l.changed = s.id AND l.at = s.seq WHERE s.op = 'D'
);
INSERT INTO target (id, business_date, name, amount, updated_at, active, xmin)
SELECT id, business_date, name, amount, updated_at, active, xmin
FROM stage AS s JOIN last_change AS l ON l.changed = s.id AND l.at = s.seq
WHERE s.op <> 'D'
ON CONFLICT (id) DO UPDATE SET
  business_date = excluded.business_date, name = excluded.name, amount = excluded.amount,
  updated_at = excluded.updated_at, active = excluded.active, xmin = excluded.xmin;
DROP TABLE last_change;
