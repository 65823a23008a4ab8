"""The organisations that networks are made of, as staff keep them."""
