"""How each kind of database is copied and put back, and who is in the way."""
