# SPDX-License-Identifier: Apache-2.0
"""The process that talks to Resolve: the only one that loads fusionscript. Standard library alone, Python
3.9.

JSON lines come on standard input and go out on standard output, one per call; a `step` line on the way
reports that Resolve still answers. It is killed and started again when it hangs, so it keeps nothing.
"""
