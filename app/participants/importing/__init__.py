"""A list of people from a table: looked at row by row, then registered all at once or not at all."""
