"""What is told of findings, executions and rehearsals: lines for people, JSON for programs."""
