"""Edge: durable work. A job is enqueued anywhere and done by the one worker process."""
