"""What the environment says. The only reader of environment variables.

| variable | meaning | default |
|---|---|---|
| `ASKPAPERS_LIBRARY` | folder of the library | `library` in the user data folder |
| `ASKPAPERS_CACHE` | folder for what can be made again (the converted embedding model) | the user cache folder |
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import platformdirs


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Where things are. `library_is_default` says that the user named no library of their own."""

    library: Path
    sample_library: Path
    cache: Path
    library_is_default: bool = True

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Settings from environment variables (those of this process unless given) and the platform's usual folders."""
        env = os.environ if environ is None else environ
        data = Path(platformdirs.user_data_dir("askpapers", appauthor=False))
        named = env.get("ASKPAPERS_LIBRARY", "").strip()
        cache = env.get("ASKPAPERS_CACHE", "").strip() or platformdirs.user_cache_dir("askpapers", appauthor=False)
        return cls(
            library=Path(named).expanduser() if named else data / "library",
            sample_library=data / "sample-library",
            cache=Path(cache).expanduser(),
            library_is_default=not named,
        )
