"""The parts of `rag.premises`: what a question takes for granted, and what the papers say of it."""
