"""Five questions after a workshop, answered by those who were there and read by staff without names."""
