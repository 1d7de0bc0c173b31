"""The programs that are timed, each to be run as a process of its own; the last line that it prints is JSON.

Those of the stock stack are texts: another interpreter runs them, and nothing of askpapers imports those packages.
Every program uses all cores: OMP_NUM_THREADS is set for torch, ONNX Runtime takes all by itself.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from rag.retrieval import Mode

MODES: tuple[Mode, ...] = ("keyword", "dense", "hybrid")
K = 10
_WARM_UP = "a question that is not measured"

STOCK_PACKAGES = (
    "torch",
    "sentence-transformers",
    "chromadb",
    "llama-index-core",
    "llama-index-vector-stores-chroma",
    "llama-index-embeddings-huggingface",
)

IMPORT_CHROMA = "import chromadb"

# `putenv` reaches the native code that reads these, before it is loaded.
_THREADS = """
import os
os.putenv("OMP_NUM_THREADS", str(os.cpu_count()))
os.putenv("TOKENIZERS_PARALLELISM", "true")
"""

OUR_INGEST = _THREADS + "import evals.speed_programs as programs; programs.ingest_program()"
OUR_PAPERS = "import evals.speed_programs as programs; programs.papers_program()"
OUR_SEARCH = _THREADS + "import evals.speed_programs as programs; programs.search_program()"

_STOCK_IMPORTS = """
import json, sys, time
import chromadb, torch
from chromadb.config import Settings
from llama_index.core import Document
from llama_index.core.ingestion import IngestionPipeline
from llama_index.core.node_parser import SentenceSplitter
from llama_index.embeddings.huggingface import HuggingFaceEmbedding
from llama_index.vector_stores.chroma import ChromaVectorStore
"""

STOCK_VERSIONS = f"""{_STOCK_IMPORTS}
from importlib.metadata import version
print(json.dumps({{name: version(name) for name in {STOCK_PACKAGES!r}}}))
"""

# Arguments: papers as JSONL, folder for Chroma, folder of the model's weights. Everything is as it comes, but the
# model, which is the one that askpapers uses.
STOCK_INGEST = f"""{_THREADS}{_STOCK_IMPORTS}
papers, folder, weights = sys.argv[1:]
collection = chromadb.PersistentClient(folder, Settings(anonymized_telemetry=False)).create_collection("papers")
embedding = HuggingFaceEmbedding(model_name=weights, device="cpu")
embedding.get_text_embedding("{_WARM_UP}")
pipeline = IngestionPipeline(
    transformations=[SentenceSplitter(), embedding], vector_store=ChromaVectorStore(chroma_collection=collection)
)
started = time.perf_counter()
with open(papers, encoding="utf-8") as lines:
    records = [json.loads(line) for line in lines]
pipeline.run(documents=[Document(text=each["abstract"], metadata={{"title": each["title"]}}) for each in records])
seconds = time.perf_counter() - started
print(json.dumps({{"seconds": seconds, "n_papers": len(records), "n_embedded": collection.count()}}))
"""

# Arguments: folder of a library's Chroma, file of query vectors (.npy). Its index and records are the library's own.
CHROMA_QUERIES = f"""{_THREADS}
import json, sys, time
import chromadb, numpy
from chromadb.config import Settings
folder, vectors = sys.argv[1:]
client = chromadb.PersistentClient(folder, Settings(anonymized_telemetry=False))
collection = client.get_collection("passages", embedding_function=None)
rows = numpy.load(vectors)
collection.query(query_embeddings=rows[:1], n_results={K})
milliseconds = []
for i in range(len(rows)):
    started = time.perf_counter()
    collection.query(query_embeddings=rows[i : i + 1], n_results={K})
    milliseconds.append((time.perf_counter() - started) * 1000)
print(json.dumps({{"query": milliseconds}}))
"""


def ingest_program() -> None:
    """Arguments: folder of a new library, sources. Prints seconds after the model is loaded, papers, texts embedded."""
    from ingest import ingest
    from rag.library import Library
    from rag.minilm import MiniLM
    from rag.settings import Settings

    folder, *sources = sys.argv[1:]
    # Not by its name: then nothing would be embedded that an earlier repeat has embedded.
    library = Library.create(folder, embedder=MiniLM(Settings.from_env().cache))
    library.embed(_WARM_UP)
    started = time.perf_counter()
    report = ingest(library, sources)
    seconds = time.perf_counter() - started
    n_papers, n_passages = library.vectors.count()
    record = {"seconds": seconds, "n_papers": n_papers, "n_embedded": n_passages}
    print(json.dumps(record | {"rejected": [str(error) for error in report.rejected]}))


def papers_program() -> None:
    """Arguments: folder of a library, a file that is given title and abstract of each of its papers (JSONL)."""
    from evals.files import write_jsonl
    from rag.library import Library

    folder, target = sys.argv[1:]
    papers = Library.open(folder).papers()
    write_jsonl(Path(target), ({"title": paper.title, "abstract": paper.abstract} for paper in papers))


def search_program() -> None:
    """Arguments: folder of a library, a question set, how many questions to ask, a file for their vectors (.npy).

    Prints milliseconds for each question: of each search mode, and of an answer.
    """
    import numpy as np

    from evals.files import read_questions
    from rag import Engine, Library

    folder, file, most, vectors = sys.argv[1:]
    questions = read_questions(Path(file))[: int(most)]
    library = Library.open(folder)
    engine = Engine(library)
    engine.ask(_WARM_UP)
    taken: dict[str, list[float]] = {mode: [] for mode in (*MODES, "ask")}
    for mode in MODES:
        library.search(_WARM_UP, k=K, mode=mode)
    for question in questions:
        for mode in MODES:
            taken[mode].append(_milliseconds(partial(library.search, question.question, k=K, mode=mode)))
        taken["ask"].append(_milliseconds(partial(engine.ask, question.question, history=question.history)))
    np.save(vectors, np.stack([library.embed(question.question) for question in questions]))
    print(json.dumps(taken))


def _milliseconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000
