"""A process that renders parts on one device: orders on its input, reports on its output, one line each.

`python -m sparkvsr_engine.jobs.spreading.child DEVICE THREADS`, started by `local`. It ends with its input.
"""

from __future__ import annotations

import os
import queue
import sys
import threading
from typing import IO

from sparkvsr_engine.jobs.spreading.orders import PartOrder, PartReport
from sparkvsr_engine.jobs.spreading.part_rendering import PartRenderer
from sparkvsr_engine.jobs.worker import prepare_kernels


def main(arguments: list[str]) -> None:
    """Render what is ordered until nobody is left to order."""
    device, threads = arguments[0], int(arguments[1])
    # Libraries that print must not break the reports: descriptor 1 becomes the log's.
    reports = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    orders: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(sys.stdin.buffer, orders), name="orders", daemon=True).start()
    prepare_kernels(threads)
    renderer = PartRenderer(device, threads)

    def report(news: PartReport) -> None:
        reports.write(news.to_line())
        reports.flush()

    while True:
        renderer.render(PartOrder.from_line(orders.get()), report)


def _read(source: IO[bytes], orders: queue.SimpleQueue[bytes]) -> None:
    for line in source:
        orders.put(line)
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
