"""The network as it is, with invented people: what the demo loads."""
