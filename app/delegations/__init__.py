"""A municipality sends several people in one act, and somebody goes instead of somebody else."""
