"""The page on which staff write a workshop."""
