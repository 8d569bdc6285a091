# SPDX-License-Identifier: Apache-2.0
"""What a host leaves to its session's threads, and what its main thread does with the results."""
