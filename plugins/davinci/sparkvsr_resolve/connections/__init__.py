# SPDX-License-Identifier: Apache-2.0
"""Reaching Resolve: a Python that fits, the process that talks to it, the state of the connection."""
