"""Twelve made-up papers for the tests of questions and of the catalogue; the numbers in those tests were counted by hand."""

from __future__ import annotations

from datetime import date

from rag.engine import Engine
from rag.schema import Answer, Paper, Turn
from tests.conftest import paper

# Six have dates (2019, 2021, two of 2024, two of 2025), seven numbers of authors, five comments, three an organisation.
PAPERS: tuple[Paper, ...] = (
    paper(
        "FoldNet: Folding Networks for Small Chips",
        "FoldNet folds the layers of a network so that they fit on small chips. Memory falls by 40% on the Tiny benchmark, "
        "and for speech by 25%. Quantization is not needed.",
        published=date(2024, 5, 1),
        n_authors=3,
        n_comments=6,
        organisation="Tiny Lab",
        organisation_slug="tiny-lab",
    ),
    paper(
        "WarmUp++: Starting From Old Weights",
        "Old weights speed up the training of new networks. WarmUp++ needs 7 epochs where 10 were needed. It works with Adam.",
        published=date(2025, 3, 20),
        n_authors=1,
        n_comments=9,
        organisation="ByteForge",
    ),
    paper(
        "Song Maker",
        "A network composes songs from text. Listeners prefer its songs in 61% of the cases. The songs last two minutes.",
        published=date(2019, 7, 4),
        n_authors=1,
    ),
    paper(
        "PLUM: Planning Under Memory Limits",
        "Robots plan with little memory. PLUM keeps a plan of ten steps and drops the rest, which halves the memory of planning.",
        published=date(2021, 2, 11),
        n_authors=5,
    ),
    paper(
        "PLUM: Pruning Language Models Upward",
        "Language models are pruned from the bottom layer upward. PLUM removes 30% of the weights without retraining.",
        n_authors=2,
    ),
    paper(
        "Quantization Without Tears",
        "We introduce QWT, a quantization of language models to 3 bits. Perplexity rises by 0.2 only.",
        published=date(2024, 11, 30),
        n_authors=12,
        n_comments=2,
    ),
    paper(
        "Learning to Sort Waste",
        "A camera sorts waste on a belt. Accuracy reaches 93% with federated learning on five belts.",
    ),
    paper("Federated Learning: A Gentle Survey", "We survey federated learning on phones and in clinics."),
    paper(
        "DriftGuard: Watching Federated Learning Drift",
        "Clients drift in federated learning. DriftGuard watches them and restarts those that drift.",
        published=date(2025, 6, 2),
        n_authors=4,
        n_comments=9,
        organisation="ByteForge",
    ),
    paper("Federated Learning in Clinics", "Clinics train together by federated learning, without sharing scans."),
    paper("Private Federated Learning", "Noise makes federated learning private at a small cost in accuracy."),
    paper("Slow Federated Learning", "Slow clients delay federated learning; we wait for none of them.", n_comments=1),
)
TODAY = date(2025, 6, 10)


def titled(start: str) -> Paper:
    """The first of the papers whose title begins so."""
    return next(one for one in PAPERS if one.title.startswith(start))


def talked(engine: Engine, *questions: str) -> list[Answer]:
    """The answers to questions asked one after the other."""
    history: list[Turn] = []
    answers = []
    for question in questions:
        answers.append(engine.ask(question, history=history))
        history += [Turn(role="user", text=question), Turn(role="assistant", text=answers[-1].text)]
    return answers
