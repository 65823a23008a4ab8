"""Who makes up a delegation, as numbers: guidance, never a condition."""
