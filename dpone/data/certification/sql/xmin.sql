-- Take rows of newer transactions: ids are 32-bit counters that wrap, so newer means less than half the circle ahead.
INSERT INTO target (id, business_date, name, amount, updated_at, active, xmin)
SELECT id, business_date, name, amount, updated_at, active, xmin
FROM stage
WHERE ((xmin - :last_xmin) & 4294967295) BETWEEN 1 AND 2147483647
ON CONFLICT (id) DO UPDATE SET
  business_date = excluded.business_date, name = excluded.name, amount = excluded.amount,
  updated_at = excluded.updated_at, active = excluded.active, xmin = excluded.xmin;
