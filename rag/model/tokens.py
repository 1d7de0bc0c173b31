"""How many tokens a text is, for packing a prompt: o200k_base where tiktoken is installed, else an estimate on the high side.

Never goes to the network: tiktoken downloads its word lists on first use, but llama-index-core brings this one along.
Other providers' models cut text differently; their counts differ by some tens of per cent.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import tiktoken

CHARACTERS_PER_TOKEN = 3  # English prose has 4 to 5 under o200k_base, formulas and names about 3


def count_tokens(text: str) -> int:
    """Tokens of a text; 0 for the empty one. Text that looks like a control token counts as plain text."""
    encoding = encoding_of("o200k_base")
    if encoding is None:
        return -(-len(text) // CHARACTERS_PER_TOKEN)
    return len(encoding.encode_ordinary(text))


@lru_cache(maxsize=4)
def encoding_of(name: str) -> tiktoken.Encoding | None:
    """tiktoken's "o200k_base" or "cl100k_base"; None when it or its word list is not installed. The first call takes some
    tenths of a second.
    """
    try:
        core = find_spec("llama_index.core")
    except ModuleNotFoundError:
        return None
    if core is None or core.origin is None or find_spec("tiktoken") is None:
        return None
    folder = Path(core.origin).parent / "_static" / "tiktoken_cache"
    if not folder.is_dir():
        return None
    import tiktoken

    from rag.settings import tiktoken_reads

    with tiktoken_reads(folder):
        return tiktoken.get_encoding(name)
