"""Staff write the rules by which reminders go: a network's usual ones, and those of one workshop."""
