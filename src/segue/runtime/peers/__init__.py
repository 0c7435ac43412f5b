"""An engine among others: signs of life, claims to work, and what others have written."""
