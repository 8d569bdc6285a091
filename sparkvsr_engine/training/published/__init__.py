"""The published model's two stages of training on the trainer that `lite` is trained with."""
