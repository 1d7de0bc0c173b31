"""The parts of `rag.embeddings`: providers, batches, costs and the cache of vectors."""
