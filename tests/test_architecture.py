"""The shape of the house: who may import whom, what costs nothing to import, what is public."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MAY_IMPORT = {
    "rag": {"rag"},
    "ingest": {"ingest", "rag"},
    "evals": {"evals", "rag", "ingest"},
    "ui": {"ui", "rag", "ingest", "evals"},
}
ONLY_IN = {
    "chromadb": {"rag/vectors.py", "evals/speed_scale.py"},
    "tantivy": {"rag/keywords.py"},
    "gradio": {"ui/chat.py", "ui/explore.py", "ui/api.py"},
    "openai": {"rag/model/endpoint.py", "rag/embedding/openai.py"},
    "llama_index": {"rag/model/calls.py", "rag/model/endpoint.py", "rag/llamaindex.py"},
    "httpx": {"rag/model/endpoint.py", "rag/model/wire.py"},
}
HEAVY = ["chromadb", "gradio", "llama_index", "openai", "onnxruntime", "onnx", "numpy", "tantivy", "tokenizers", "rich"]


def imports(file: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found.update(name.name.partition(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found


def files() -> list[Path]:
    return sorted(file for package in MAY_IMPORT for file in (ROOT / package).rglob("*.py"))


@pytest.mark.parametrize("file", files(), ids=lambda file: str(file.relative_to(ROOT)))
def test_imports_follow_the_arrows(file: Path) -> None:
    name = file.relative_to(ROOT)
    assert imports(file) & MAY_IMPORT.keys() <= MAY_IMPORT[name.parts[0]]
    for package, allowed in ONLY_IN.items():
        assert package not in imports(file) or name.as_posix() in allowed, f"{name} imports {package}"


def test_the_environment_is_read_in_one_place() -> None:
    readers = {
        str(file.relative_to(ROOT))
        for file in files()
        if "os.environ" in file.read_text("utf-8") or "getenv" in file.read_text("utf-8")
    }
    assert readers == {"rag/settings.py"}


@pytest.mark.parametrize("statement", ["import rag", "import ingest", "import evals", "from ui.cli import app"])
def test_importing_loads_nothing_heavy(statement: str) -> None:
    code = f"import sys; {statement}; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "[]"


def test_asking_loads_neither_gradio_nor_llama_index_nor_openai(sample_copy: object) -> None:
    code = (
        "import sys, rag; rag.Engine(rag.Library.open(sys.argv[1])).ask('what saves optimizer memory?');"
        "print([name for name in ('gradio', 'llama_index', 'openai', 'onnx', 'torch') if name in sys.modules])"
    )
    path = str(sample_copy.path)  # type: ignore[attr-defined]
    done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "[]"


def test_everything_public_exists_and_is_sorted() -> None:
    import rag

    assert list(rag.__all__) == sorted(rag.__all__)
    assert all(hasattr(rag, name) for name in rag.__all__)
    assert rag.Library.__name__ == "Library" and rag.Engine.__name__ == "Engine" and rag.Answer.__name__ == "Answer"


def test_the_error_tree_in_the_docstring_is_the_real_one() -> None:
    from rag import errors

    real = {
        name: value.__mro__[1].__name__
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, errors.AskpapersError) and name != "AskpapersError"
    }
    drawn: dict[str, str] = {}
    parents = {0: "AskpapersError"}
    for line in (errors.__doc__ or "").splitlines():
        if "──" in line:
            depth = line.index("──") // 4
            name = line.split("── ")[1].split()[0]
            drawn[name] = parents[depth - 1]
            parents[depth] = name
    assert drawn == real
