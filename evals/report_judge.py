"""What a model judge says, in the report: beside the rule that measures the same thing, with their agreement."""

from __future__ import annotations

from evals.plots import escape
from evals.schema import Dispute, Judged, Kappa, Mean

_NAMES = {"correctness": "Is the answer right?", "support": "Do the cited texts say the claim?"}
_MOST_DISPUTES = 20


def judge_section(judged: tuple[Judged, ...]) -> str:
    """The section with its heading; nothing when no model was asked."""
    if not judged:
        return ""
    models = escape(", ".join(sorted({model for one in judged for model in one.models})))
    rows = "".join(_row(one) for one in judged)
    return (
        "<h2>A model’s opinion</h2>"
        f'<p class="soft">{models or "A model"} was asked about the same answers. It changes no figure above. '
        "κ is Cohen’s kappa, the agreement of model and rule beyond chance: 1 is full agreement, 0 what chance gives.</p>"
        '<div class="scroll"><table><thead><tr><th>Question to the model</th><th class="n">Model</th>'
        '<th class="n">Rule</th><th class="n">Agree</th><th class="n">κ</th><th class="n">n</th>'
        f'<th class="n">Unchecked</th></tr></thead><tbody>{rows}</tbody></table></div>'
        f"{''.join(_disputes(one) for one in judged)}"
    )


def show_kappa(kappa: Kappa) -> str:
    """The value with its interval, or a dash where it is not defined.

    >>> show_kappa(Kappa(both=1, first_only=0, second_only=0, neither=0, observed=1.0, kappa=None))
    '–'
    """
    if kappa.kappa is None:
        return "–"
    bounds = f" ({kappa.low:.2f}…{kappa.high:.2f})" if kappa.low is not None and kappa.high is not None else ""
    return f"{kappa.kappa:.2f}{bounds}"


def unchecked(judged: Judged) -> int:
    """Things that one side or the other left unchecked, or that were never asked."""
    return judged.n_unchecked + judged.n_rule_unchecked + judged.n_not_judged


def _row(judged: Judged) -> str:
    return (
        f'<tr><th scope="row">{_NAMES[judged.aspect]}<br><code>{escape(judged.rule)}</code></th>'
        f'<td class="n"><b>{_share(judged.share)}</b></td><td class="n">{_share(judged.rule_share)}</td>'
        f'<td class="n">{"–" if judged.kappa.observed is None else f"{judged.kappa.observed:.3f}"}</td>'
        f'<td class="n">{show_kappa(judged.kappa)}</td><td class="n">{judged.kappa.n}</td>'
        f'<td class="n">{unchecked(judged)}</td></tr>'
    )


def _disputes(judged: Judged) -> str:
    if not judged.disputes:
        return ""
    n = len(judged.disputes)
    shown = f", the first {_MOST_DISPUTES}" if n > _MOST_DISPUTES else ""
    items = "".join(_dispute(one) for one in judged.disputes[:_MOST_DISPUTES])
    return (
        f'<details><summary>Where they differ: {_NAMES[judged.aspect]} <span class="soft">{n}{shown}</span></summary>'
        f'<div class="inside"><ul>{items}</ul></div></details>'
    )


def _dispute(dispute: Dispute) -> str:
    says = "passes" if dispute.passed_by_model else "fails"
    return (
        f'<li><span class="text">{escape(dispute.text)}</span> <span class="soft">{escape(dispute.question_id)}</span><br>'
        f'The model {says} it: <span class="text">{escape(dispute.model_reason)}</span><br>'
        f'The rule does not agree: <span class="text">{escape(dispute.rule_reason)}</span></li>'
    )


def _share(mean: Mean) -> str:
    return "–" if mean.mean is None else f"{mean.mean:.3f}"
