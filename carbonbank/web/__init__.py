"""Edge: HTTP and pages, one blueprint per noun."""
