# SPDX-License-Identifier: Apache-2.0
"""What is read of Resolve; nothing is changed."""
