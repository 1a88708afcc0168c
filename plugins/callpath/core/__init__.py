"""The pure core: takes text and bytes, returns values; does no input and no output."""
