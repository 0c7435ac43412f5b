"""YAML text to a frozen `Workflow`, with findings that know their line and column."""
