"""The library as a map: papers on a plane, near ones together, in clusters named by the words of their titles. Pure.

Vectors (unit length) are cut to their main directions (PCA) and clustered (k-means). The plane is t-SNE's of at most
`LANDMARKS` papers; every further paper stands among the landmarks that it is nearest to, so the time does not grow with the
square of the library. A cluster is named by c-TF-IDF over titles (Grootendorst, 2022, arXiv:2203.05794): words that are
frequent in it and rare in the others.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# More clusters than can be told apart by colour and shape are no help.
MOST_CLUSTERS = 8
LANDMARKS = 1_000
_N_NEAR = 4
_N_TERMS = 3
_DIRECTIONS = 50
# Capitals that are part of a name ("LLMs", "GaLore", "3D"), not of the way titles are written ("Fine-Tuning").
_TELLING = re.compile(r"[A-Za-z0-9][A-Z]|\d")
# A pair says more than its words do, if it is this often for each time the most frequent word is.
_PAIR_WEIGHT, _PAIR_SHARE = 2.0, 0.15
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:-[A-Za-z0-9]+)*")
# Words of titles that name no topic; English stop words come on top.
_EMPTY = frozenset(
    "using use via based towards toward approach approaches method methods paper study new novel efficient effective improved "
    "improving improve analysis framework understanding task tasks one two better large".split()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """Papers that belong together: its name (up to three terms) and how many they are."""

    name: str
    n_papers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelfMap:
    """Where papers stand: `places[i]` is (x, y) in [0, 1] of the i-th paper, `members[i]` the index of its cluster.

    Clusters are in the order of their size, the largest first.
    """

    places: tuple[tuple[float, float], ...]
    members: tuple[int, ...]
    clusters: tuple[Cluster, ...]


def make_map(titles: Sequence[str], vectors: NDArray[np.float32], *, landmarks: int = LANDMARKS) -> ShelfMap:
    """The map of papers by title and vector, shape (n, d), rows of unit length. The same input gives the same map."""
    n = len(titles)
    if n != len(vectors):
        raise ValueError(f"{n} titles and {len(vectors)} vectors")
    if n == 0:
        return ShelfMap(places=(), members=(), clusters=())
    if n < 4:
        places = tuple(((i + 1) / (n + 1), 0.5) for i in range(n))
        return ShelfMap(places=places, members=(0,) * n, clusters=_named(titles, [0] * n))
    # One thread: who asks a question meanwhile needs the others.
    with import_module("threadpoolctl").threadpool_limits(1):
        reduced = _main_directions(vectors)
        members = _by_size(_cluster(reduced))
        places = _places(reduced, landmarks)
    return ShelfMap(places=places, members=tuple(members), clusters=_named(titles, members))


def n_clusters(n_papers: int) -> int:
    """One cluster for few papers, then about √(n/8), at most `MOST_CLUSTERS`."""
    return 1 if n_papers < 12 else max(2, min(MOST_CLUSTERS, round(math.sqrt(n_papers / 8))))


def papers_a_month(days: Mapping[int, int]) -> list[tuple[str, int]]:
    """How many papers by month ("2024-05"), from days as YYYYMMDD, months without papers included."""
    counted: Counter[tuple[int, int]] = Counter()
    for day, n in days.items():
        counted[(day // 10_000, day // 100 % 100)] += n
    if not counted:
        return []
    (year, month), last = min(counted), max(counted)
    months = []
    while (year, month) <= last:
        months.append((f"{year:04d}-{month:02d}", counted.get((year, month), 0)))
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return months


def cluster_terms(titles: Sequence[str], members: Sequence[int], n_terms: int = _N_TERMS) -> list[tuple[str, ...]]:
    """The distinctive terms of each cluster, best first: tf · log(1 + A / f), tf the term's count in the cluster, f in all,
    A the mean number of words a cluster. No term names two clusters.
    """
    n = max(members, default=-1) + 1
    by_cluster: list[Counter[str]] = [Counter() for _ in range(n)]
    shapes: dict[str, Counter[str]] = {}
    for title, member in zip(titles, members, strict=True):
        for key, shape in _terms(title).items():
            by_cluster[member][key] += 1
            shapes.setdefault(key, Counter())[shape] += 1
    total: Counter[str] = Counter()
    for counted in by_cluster:
        total.update(counted)
    mean = sum(total.values()) / max(n, 1)
    owner = _owners(by_cluster, Counter(members))
    named = []
    for member, counted in enumerate(by_cluster):
        least = 2 if any(count > 1 for count in counted.values()) else 1
        scored = {key: tf * math.log(1 + mean / total[key]) for key, tf in counted.items() if tf >= least}
        for key in list(scored):
            if " " in key:
                scored[key] *= _PAIR_WEIGHT * (counted[key] >= _PAIR_SHARE * counted.most_common(1)[0][1])
        best = sorted(scored, key=lambda key: (-scored[key], key))
        own = [key for key in best if owner[key] == member] or best
        named.append(tuple(_shape(shapes[key]) for key in _apart(own, n_terms)))
    return named


def _owners(by_cluster: Sequence[Counter[str]], sizes: Mapping[int, int]) -> dict[str, int]:
    """The one cluster that each term may name: where the largest share of the papers has it; of equals, the first."""
    best: dict[str, tuple[float, int]] = {}
    for member, counted in enumerate(by_cluster):
        for key, count in counted.items():
            share = count / max(sizes[member], 1)
            if key not in best or share > best[key][0]:
                best[key] = (share, member)
    return {key: member for key, (_, member) in best.items()}


def _apart(keys: Sequence[str], n: int) -> list[str]:
    """The first n terms that share no word with one before them."""
    chosen: list[str] = []
    said: set[str] = set()
    for key in keys:
        if said.isdisjoint(key.split()):
            chosen.append(key)
            said.update(key.split())
        if len(chosen) == n:
            break
    return chosen


def _terms(title: str) -> dict[str, str]:
    """The words of a title that may name a topic, and pairs of neighbours: by their key (lower case, singular), as written."""
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    found: dict[str, str] = {}
    before: tuple[str, str, int] | None = None
    for match in _WORD.finditer(title):
        word, lower = match.group(), match.group().lower()
        if len(lower) < 3 or lower in ENGLISH_STOP_WORDS or lower in _EMPTY:
            continue
        key = lower[:-1] if lower.endswith("s") and not lower.endswith(("ss", "us", "is")) else lower
        found.setdefault(key, word)
        if before is not None and title[before[2] : match.start()] == " ":
            found.setdefault(f"{before[0]} {key}", f"{before[1]} {word}")
        before = (key, word, match.end())
    return found


def _shape(shapes: Counter[str]) -> str:
    """A term as it is written most often; a mere capital at the beginning of a title word says nothing."""
    folded: Counter[str] = Counter()
    for shape, n in shapes.items():
        folded[" ".join(word if _TELLING.search(word) else word.lower() for word in shape.split())] += n
    return min(folded, key=lambda shape: (-folded[shape], shape))


def _named(titles: Sequence[str], members: Sequence[int]) -> tuple[Cluster, ...]:
    sizes = Counter(members)
    terms = cluster_terms(titles, members)
    return tuple(
        Cluster(name=", ".join(names) or f"group {index + 1}", n_papers=sizes[index])
        for index, names in enumerate(terms)
    )


def _main_directions(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    import numpy as np
    from sklearn.decomposition import PCA

    n_directions = min(_DIRECTIONS, len(vectors) - 1, vectors.shape[1])
    found: NDArray[np.float32] = PCA(n_directions, random_state=0).fit_transform(np.asarray(vectors, np.float32))
    return found


def _cluster(reduced: NDArray[np.float32]) -> list[int]:
    from sklearn.cluster import KMeans

    k = n_clusters(len(reduced))
    return [int(label) for label in KMeans(k, n_init=4, random_state=0).fit_predict(reduced)]


def _by_size(labels: Sequence[int]) -> list[int]:
    """The same groups, numbered by size; of equals, by their first paper."""
    sizes = Counter(labels)
    first = {label: labels.index(label) for label in sizes}
    order = sorted(sizes, key=lambda label: (-sizes[label], first[label]))
    rank = {label: place for place, label in enumerate(order)}
    return [rank[label] for label in labels]


def _places(reduced: NDArray[np.float32], most: int) -> tuple[tuple[float, float], ...]:
    import numpy as np

    n = len(reduced)
    chosen = np.unique(np.linspace(0, n - 1, min(n, most)).round().astype(int))
    plane = _plane(reduced[chosen])
    if len(chosen) < n:
        plane = _among(reduced, chosen, plane)
    # The outermost half percent on each side would leave most of the plane empty.
    low, high = np.percentile(plane, 0.5, axis=0), np.percentile(plane, 99.5, axis=0)
    scaled = np.clip((plane - low) / np.maximum(high - low, 1e-9), 0, 1)
    return tuple((round(float(x), 4), round(float(y), 4)) for x, y in scaled)


def _plane(reduced: NDArray[np.float32]) -> Any:
    from sklearn.manifold import TSNE

    if len(reduced) < 8:
        return reduced[:, :2]
    return TSNE(
        perplexity=min(30.0, (len(reduced) - 1) / 3), init="pca", max_iter=500, random_state=0, metric="cosine"
    ).fit_transform(reduced)


def _among(reduced: NDArray[np.float32], chosen: Any, plane: Any) -> Any:
    """Landmarks where they are, and every other paper at the weighted middle of its nearest landmarks, a little aside."""
    import numpy as np
    from sklearn.neighbors import NearestNeighbors

    others = np.setdiff1d(np.arange(len(reduced)), chosen)
    finder = NearestNeighbors(n_neighbors=min(_N_NEAR, len(chosen)), metric="cosine", algorithm="brute")
    distances, near = finder.fit(reduced[chosen]).kneighbors(reduced[others])
    weights = 1 / (distances + 1e-3) ** 2
    weights /= weights.sum(axis=1, keepdims=True)
    spread = plane.std(axis=0) / math.sqrt(len(chosen))
    placed = np.empty((len(reduced), 2), np.float32)
    placed[chosen] = plane
    aside = np.random.default_rng(0).normal(0, 1, (len(others), 2)) * spread
    placed[others] = (plane[near] * weights[:, :, None]).sum(axis=1) + aside
    return placed
