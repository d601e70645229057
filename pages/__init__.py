"""The dashboard: one script per page, and what they are made of in `ui`."""
