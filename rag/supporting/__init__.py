"""The parts of `rag.support`: whether a cited text says what a sentence says."""
