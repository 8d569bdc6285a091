"""How far two pictures differ by features learnt elsewhere, as losses that can be differentiated."""
