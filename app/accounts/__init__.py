"""People, their dated affiliation to an organisation, sign-up and sign-in, second factor, roles."""
