# SPDX-License-Identifier: Apache-2.0
"""What a node is to upscale: Reads and branches, their frames and colours, rendered where needed."""
