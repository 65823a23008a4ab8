"""Who did what to what, when, in sentences that staff can read."""
