"""Made-up abstracts with sentences that they bear out and sentences that they do not, for the support checker."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """An abstract, what it says, and what it does not."""

    title: str
    text: str
    true: tuple[str, ...]
    false: tuple[str, ...]


SHELVES = (
    Shelf(
        title="OtterNet: Quiet Pruning for River Cameras",
        text=(
            "Cameras on rivers run small networks on batteries. We present OtterNet, which prunes channels instead of whole "
            "layers. It lowers energy by 41% and 58% for TroutNetB2 and B5, respectively. On RiverBench, OtterNet reaches 77.4 "
            "mAP, surpassing HeronPrune's 73.9 mAP. Training takes 3.5 hours on 6 L40 GPUs at a cost of about $18, without "
            "additional labels. On the harder DeltaBench, OtterNet still improves upon HeronPrune. The loss of recall is "
            "negligible."
        ),
        true=(
            "OtterNet lowers energy by 58% for TroutNetB5.",
            "OtterNet cuts energy by 41% for TroutNetB2 and by 58% for B5.",
            "HeronPrune reaches 73.9 mAP on RiverBench, OtterNet 77.4.",
            "OtterNet needs no additional labels.",
            "Training costs about $18 and takes 3.5 hours on 6 L40 GPUs.",
            "OtterNet prunes channels rather than layers.",
        ),
        false=(
            "OtterNet lowers energy by 58% for TroutNetB2 and 41% for B5.",
            "OtterNet reaches 73.9 mAP on RiverBench.",
            "HeronPrune surpasses OtterNet on RiverBench.",
            "Training takes 18 L40 GPUs and costs $6.",
            "OtterNet prunes whole layers instead of channels.",
            "OtterNet needs additional labels.",
            "The loss of recall is large.",
        ),
    ),
    Shelf(
        title="LanternQ: Off-policy Steering for Small Robots",
        text=(
            "LanternQ is an off-policy method that learns from public logs of small robots. It reduces crashes by up to 64% "
            "compared to MothQ while requiring 3 times fewer trials. Success rises from 31% to 52% on HallMaze and from 12% to "
            "29% on YardMaze. Decoding is 2.6x faster, and the policy is 1.8x smaller. LanternQ does not rely on a simulator. "
            "It was tested not only on wheeled robots but also on legged ones."
        ),
        true=(
            "LanternQ cuts crashes by up to 64% over MothQ with a third of the trials.",
            "On YardMaze, success goes from 12% to 29%.",
            "LanternQ works without a simulator.",
            "The LanternQ policy is 1.8 times smaller.",
            "LanternQ was tested on wheeled and on legged robots.",
        ),
        false=(
            "LanternQ is an on-policy method.",
            "LanternQ learns from private logs.",
            "LanternQ reduces crashes by at least 64%.",
            "MothQ reduces crashes by 64% compared to LanternQ.",
            "On HallMaze, success rises from 12% to 29%.",
            "On HallMaze, success rises from 52% to 31%.",
            "The LanternQ policy is 2.6x smaller.",
            "LanternQ relies on a simulator.",
            "LanternQ was tested only on wheeled robots.",
        ),
    ),
    Shelf(
        title="PebbleBench: Counting Stones in Long Videos",
        text=(
            "PebbleBench holds 4,210 videos from 7 quarries with 380 written questions. Videos are preferred over photographs by "
            "raters 71% of the time, and over sketches 84% of the time. We reduce labelling errors by 5.1 points and labelling "
            "time by 9.7 points. GravelGPT performs better than earlier models when videos are long."
        ),
        true=(
            "PebbleBench has 4,210 videos from 7 quarries.",
            "There are 380 written questions in PebbleBench.",
            "Raters prefer videos over sketches 84% of the time.",
            "Labelling time falls by 9.7 points.",
            "GravelGPT beats earlier models on long videos.",
        ),
        false=(
            "PebbleBench holds videos from 380 quarries.",
            "PebbleBench has 7 written questions and 380 quarries.",
            "Raters prefer videos over photographs 84% of the time.",
            "Labelling time falls by 5.1 points.",
            "Earlier models perform better than GravelGPT when videos are long.",
            "Labelling errors rise by 5.1 points.",
        ),
    ),
)
