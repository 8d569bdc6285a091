# SPDX-License-Identifier: Apache-2.0
"""From what was read to what will be done. No Resolve, no engine: data in, data out."""
