"""Papers: certificates of attendance, name badges, the sheet that people sign."""
