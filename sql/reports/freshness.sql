-- How fresh this file is.
SELECT * FROM freshness;
