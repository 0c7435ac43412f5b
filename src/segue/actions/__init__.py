"""What tasks do: built-in actions and Python functions."""
