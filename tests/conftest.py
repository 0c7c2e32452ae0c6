"""What every test gets: no event loop left over, no task or socket leaked."""

from __future__ import annotations

import asyncio

# Python 3.11 makes a loop for the main thread when one is asked for and none was ever set; the asyncio plugin asks, and
# nobody closes it. "None was set" is an answer too, and leaks nothing.
asyncio.set_event_loop(None)
