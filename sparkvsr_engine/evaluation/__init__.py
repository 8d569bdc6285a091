"""How good a result is: measures, the benchmark protocol, comparison of two results, tables and pictures.

Not here: degradation of sources (`training`), the command line (`cli`). Nothing heavy is imported from here.
"""
