-- Executions that run for an attempt of another one: which one, and the name of the attempt. depth
-- is how many executions stand above. folder is where relative paths in the definition begin.
ALTER TABLE executions ADD COLUMN parent TEXT;
ALTER TABLE executions ADD COLUMN attempt TEXT;
ALTER TABLE executions ADD COLUMN depth INTEGER NOT NULL DEFAULT 0;
ALTER TABLE executions ADD COLUMN folder TEXT;

-- Both are partial: an execution is in one of them.
CREATE INDEX executions_by_parent ON executions (parent, created_at, id) WHERE parent IS NOT NULL;
CREATE INDEX executions_on_top ON executions (created_at, id) WHERE parent IS NULL;
