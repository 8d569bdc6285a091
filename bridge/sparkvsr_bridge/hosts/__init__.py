# SPDX-License-Identifier: Apache-2.0
"""What every host's plugin needs and no host provides: session, job list, requests, the engine's place.

Apache-2.0, Python 3.9, standard library and pyzmq. Importing these modules opens no socket and loads no
pyzmq: it is imported by the session's thread when the engine is first needed.
"""
