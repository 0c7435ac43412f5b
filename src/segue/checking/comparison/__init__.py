"""Places in Orquesta's files at which a difference from it could matter."""
