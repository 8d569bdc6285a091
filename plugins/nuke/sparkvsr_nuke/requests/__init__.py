# SPDX-License-Identifier: Apache-2.0
"""From a node's settings to a job: planned, versioned, sent, or written as a farm's command."""
