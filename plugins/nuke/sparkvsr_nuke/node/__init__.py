# SPDX-License-Identifier: Apache-2.0
"""The plugin's node: its knobs, the nodes inside, and what it remembers."""
