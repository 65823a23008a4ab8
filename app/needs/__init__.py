"""What participants need to be able to come: food, access, interpretation, a letter for a visa. Kept apart, sealed, and not for long."""
