-- Whether anybody still refers to a definition is asked whenever executions are pruned.
CREATE INDEX executions_by_definition ON executions (definition);
