"""The evaluation's page of documentation: complete, and its examples work."""

from __future__ import annotations

import json
import re
from pathlib import Path

from evals.files import read_questions, write_jsonl
from evals.gates import parse_gate
from evals.measures import MEASURES
from ui.cli_eval import app

PAGE = (Path(__file__).parent.parent / "evals" / "README.md").read_text(encoding="utf-8")


def test_every_measure_has_its_line_and_no_line_is_of_another() -> None:
    table = PAGE.split("## What each measure means")[1].split("## How to read")[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    documented = [name for row in rows for name in re.findall(r"`([^`]+)`", row)]
    assert sorted(documented) == sorted(measure.name for measure in MEASURES)


def test_the_example_question_is_valid(tmp_path: Path) -> None:
    record = json.loads(PAGE.split("```json\n")[1].split("```")[0])
    write_jsonl(tmp_path / "q.jsonl", [record])
    (read,) = read_questions(tmp_path / "q.jsonl")
    assert read.to_dict() == record


def test_the_example_gates_are_valid() -> None:
    gates = re.findall(r'--gate "([^"]+)"', PAGE)
    assert len(gates) >= 4
    assert all(parse_gate(gate) for gate in gates)


def test_every_command_is_named() -> None:
    for command in app.registered_commands:
        assert f"askpapers eval {command.name}" in PAGE
