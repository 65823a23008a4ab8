"""The page where people pick a calendar."""
