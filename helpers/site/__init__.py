"""The static book: stored pages, frames of live figures, widgets without a kernel."""
