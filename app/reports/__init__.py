"""What a network reports to its funder: how many took part, from where, as what, for how long."""
