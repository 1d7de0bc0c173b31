"""The parts of `rag.catalogue`: questions about records, answered by counting and comparing them."""
