-- What people write about a customer is sealed like all he says. Words written before stand where they stood and are still read there.
ALTER TABLE call_contact_fix ADD COLUMN reply_sealed BLOB;            -- instead of reply
ALTER TABLE archive_customer ADD COLUMN no_call_reason_sealed BLOB;   -- instead of no_call_reason
