"""What the environment says. The only reader of environment variables.

| variable | meaning | default |
|---|---|---|
| `ASKPAPERS_LIBRARY` | folder of the library | `library` in the user data folder |
| `ASKPAPERS_CACHE` | folder for what can be made again (the converted embedding model) | the user cache folder |
| `ASKPAPERS_LLM` | the language model: `none`, `openai/MODEL`, `openai-like/MODEL@http://host/v1` | see below |
| `ASKPAPERS_LLM_KEY` | key for an `openai-like` model | no key |
| `ASKPAPERS_LLM_TIMEOUT` | seconds that a whole reply may take | 60 |
| `ASKPAPERS_CONTEXT_TOKENS` | tokens that fit into the model (prompt and answer) | what is known of the model |
| `ASKPAPERS_EMBEDDING_KEY` | key for an `openai-like` embedding | no key |
| `OPENAI_API_KEY`, `OPENAI_BASE_URL` | key and address for `openai/…` | none; OpenAI's |

Without `ASKPAPERS_LLM`, a key in `OPENAI_API_KEY` means a small current OpenAI model; no key means no model (quotes).
`OPENAI_API_KEY` is sent to OpenAI or to `OPENAI_BASE_URL`, never to an `openai-like` address.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import platformdirs

from rag.errors import SettingsError
from rag.models import DEFAULT_OPENAI_MODEL, NO_MODEL

DEFAULT_TIMEOUT_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Where things are, and which language model writes. `library_is_default` says that the user named no library.

    Keys are kept out of the repr.
    """

    library: Path
    sample_library: Path
    cache: Path
    library_is_default: bool = True
    llm: str = NO_MODEL
    llm_key: str | None = field(default=None, repr=False)
    embedding_key: str | None = field(default=None, repr=False)
    llm_timeout_s: float = DEFAULT_TIMEOUT_S
    context_tokens: int | None = None
    openai_api_key: str | None = field(default=None, repr=False)
    openai_base_url: str | None = field(default=None, repr=False)  # may hold a password

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Settings from environment variables (those of this process unless given) and the platform's usual folders.

        Raises SettingsError when a number is none.
        """
        env = os.environ if environ is None else environ
        data = Path(platformdirs.user_data_dir("askpapers", appauthor=False))

        def said(name: str) -> str | None:
            return env.get(name, "").strip() or None

        named = said("ASKPAPERS_LIBRARY")
        cache = said("ASKPAPERS_CACHE") or platformdirs.user_cache_dir("askpapers", appauthor=False)
        key = said("OPENAI_API_KEY")
        context = _positive(env, "ASKPAPERS_CONTEXT_TOKENS")
        return cls(
            library=Path(named).expanduser() if named else data / "library",
            sample_library=data / "sample-library",
            cache=Path(cache).expanduser(),
            library_is_default=not named,
            llm=said("ASKPAPERS_LLM") or (f"openai/{DEFAULT_OPENAI_MODEL}" if key else NO_MODEL),
            llm_key=said("ASKPAPERS_LLM_KEY"),
            embedding_key=said("ASKPAPERS_EMBEDDING_KEY"),
            llm_timeout_s=_positive(env, "ASKPAPERS_LLM_TIMEOUT") or DEFAULT_TIMEOUT_S,
            context_tokens=int(context) if context is not None else None,
            openai_api_key=key,
            openai_base_url=said("OPENAI_BASE_URL"),
        )


@contextmanager
def tiktoken_reads(folder: Path) -> Iterator[None]:
    """While it lasts, tiktoken looks for its word lists in this folder, unless the user named one."""
    name = "TIKTOKEN_CACHE_DIR"
    if name in os.environ:
        yield
        return
    os.environ[name] = str(folder)
    try:
        yield
    finally:
        os.environ.pop(name, None)


def _positive(env: Mapping[str, str], name: str) -> float | None:
    text = env.get(name, "").strip()
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 1 <= value < 1e9:
        raise SettingsError(f"{name} is {text!r}, which is not a number of at least 1; correct or unset it")
    return value


def spare_threads() -> None:
    """For a program of ours, before numpy is imported: its linear algebra keeps to one thread, unless the user says otherwise.

    The others spin while they wait: for products as small as ours that doubled the processor time of an answer and won nothing.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def no_telemetry() -> None:
    """Before a package is imported that reports its use to its makers (Chroma, ONNX Runtime, Hugging Face's): it reports nothing.

    ONNX Runtime looks this up when it is loaded, connects at once and leaves an id of the machine in the user's cache folder;
    its `disable_telemetry_events` comes too late.
    """
    os.environ.setdefault("ANONYMIZED_TELEMETRY", "False")
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
