"""Qt widgets: they draw the model's state and hand on what a person does. No logic is here."""
