-- Whether there is free work of some kind, or due by some time, is asked often, and must not cost
-- more the more there is of another.
CREATE INDEX work_free_by_kind ON work (kind, number) WHERE free;
CREATE INDEX work_free_by_due ON work (kind, due) WHERE free;
