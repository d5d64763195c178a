-- Every day that the source has is replaced as a whole, other days stay.
DELETE FROM target WHERE business_date IN (SELECT business_date FROM stage);
INSERT INTO target (id, business_date, name, amount, updated_at, active, xmin)
SELECT id, business_date, name, amount, updated_at, active, xmin
FROM stage;
