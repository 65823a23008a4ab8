"""The table of commitments as files to take along."""
