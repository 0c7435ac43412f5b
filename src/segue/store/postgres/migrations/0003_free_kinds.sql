-- Whether there is free work of some kind is asked often, and must not cost more the more there is
-- of another.
CREATE INDEX work_free_by_kind ON work (kind, number) WHERE free;
