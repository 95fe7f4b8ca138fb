"""Leaders from a file: read it, recognise its columns, plan what would change, and do it when HR says so."""
