"""An uploaded file read: bytes into rows or entries, and those into drafts, with all that is wrong in words."""
