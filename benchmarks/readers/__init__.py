"""One file for each client that reads: `reader(order)` prepares it, `ids(rows, order)` says what it has read."""
