# SPDX-License-Identifier: Apache-2.0
"""What crosses between the processes, as frozen records: what was read of Resolve, what is asked of it."""
