"""The networks: the page of each in three languages, who belongs to it, when it calls for new members, its documents."""
