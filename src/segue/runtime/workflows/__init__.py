"""From a file or a name to a program, and what an execution of it is given."""
