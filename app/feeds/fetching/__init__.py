"""Staff: whose calendar knows of a workshop's last change, and whose does not."""
