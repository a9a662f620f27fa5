"""What the models share that learn each series by itself, many series at a time: batches, seasons, least squares."""
