"""What the reader gets: pictures and texts made from values of the core."""
