"""Results put back into a timeline, in the form the program that reads it needs."""
