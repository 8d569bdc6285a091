"""The daemon: accepts, stores, schedules and reports. It never computes, so it always answers."""
