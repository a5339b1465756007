"""Where it is all put together; nobody imports it."""
