"""The worker process as the daemon sees it: started, given orders, watched, started again."""
