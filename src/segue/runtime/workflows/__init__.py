"""From a file or a name to a program, and to what begins an execution of it."""
