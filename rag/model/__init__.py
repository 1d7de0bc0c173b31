"""The parts of `rag.models`: endpoints, replies, errors and token counts of language models."""
