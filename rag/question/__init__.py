"""The parts of `rag.questions`: what a question asks for, grammar by grammar."""
