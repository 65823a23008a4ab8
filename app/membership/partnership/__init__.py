"""Two municipalities that work together: opened when both have kept their commitment, with people, dates and documents."""
