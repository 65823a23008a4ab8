"""The weekly digest for members who want it: what comes, what is still needed, what is new, what ends soon."""
