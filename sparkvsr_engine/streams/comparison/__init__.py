"""Rate against quality: small streams beside plain codecs at full size and beside other ways to restore a
small movie.
"""
