"""Server-side tables: what `get` shows of each kind, so that clients need to know none."""
