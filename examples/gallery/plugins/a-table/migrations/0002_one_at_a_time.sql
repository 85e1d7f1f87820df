-- A change comes as the next number; what has run is never touched.
CREATE UNIQUE INDEX a_table_loan_out ON a_table_loan (plate) WHERE back_at IS NULL;
