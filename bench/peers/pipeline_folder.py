"""Opens a folder that `kiln export` or `kiln init` wrote with the libraries whose layout it has; fails if one complains.

Usage: python pipeline_folder.py FOLDER    (safetensors, torch, transformers 5; diffusers too if it is installed)

Every weight file is read, every index compared with its files. T5EncoderModel and ByT5Tokenizer are loaded, as are the classes
of diffusers that model_index.json names; a warning of any of them is an error.
"""

import importlib.util
import json
import logging
import pathlib
import sys
import warnings

import torch
from safetensors import safe_open
from transformers import ByT5Tokenizer, T5EncoderModel
from transformers.utils import logging as transformers_logging

TEXTS = ["", "the letter \"K\"", "Straße", "日本語", "مرحبا", "Ωμέγα", "emoji 🎨", "e\u0301 and é"]


class Complaints(logging.Handler):
    """Collects what a library says at level WARNING and above."""

    def __init__(self):
        super().__init__(logging.WARNING)
        self.lines = []

    def emit(self, record):
        self.lines.append(record.getMessage())


def weights(folder):
    """Tensors of a network's folder by name, checked against the index if there is one."""
    tensors, where = {}, {}
    for file in sorted(folder.glob("*.safetensors")):
        with safe_open(file, framework="pt") as opened:
            assert opened.metadata() == {"format": "pt"}, f"{file}: metadata {opened.metadata()}"
            for name in opened.keys():
                assert name not in tensors, f"{file}: {name} a second time"
                tensors[name] = opened.get_tensor(name)
                where[name] = file.name
    for index in folder.glob("*.index.json"):
        listed = json.loads(index.read_text())
        assert listed["weight_map"] == where, f"{index}: weight_map differs from the files"
        total = sum(t.numel() * t.element_size() for t in tensors.values())
        assert listed["metadata"]["total_size"] == total, f"{index}: total_size {listed['metadata']}, expected {total}"
    assert tensors, f"{folder}: no tensors"
    return tensors


def text_encoder(folder):
    stored = weights(folder)
    dtype = next(iter(stored.values())).dtype
    assert json.loads((folder / "config.json").read_text())["torch_dtype"] == str(dtype).removeprefix("torch.")
    model, info = T5EncoderModel.from_pretrained(folder, dtype="auto", output_loading_info=True)
    assert not any(info.values()), info
    loaded = dict(model.named_parameters())
    for name, tensor in stored.items():
        assert torch.equal(loaded[name], tensor), name
    assert set(stored) == set(loaded), set(stored) ^ set(loaded)
    return model


def tokenizer(folder):
    result = ByT5Tokenizer.from_pretrained(folder)
    for text in TEXTS:
        expected = [byte + 3 for byte in text.encode()] + [1]
        assert result(text).input_ids == expected, text
        padded = result(text, padding="max_length", truncation=True).input_ids
        assert len(padded) == result.model_max_length, len(padded)
    return result


def diffusers_parts(folder, index):
    import diffusers

    for name, (library, class_name) in index.items():
        if library == "diffusers":
            part = getattr(diffusers, class_name).from_pretrained(folder, subfolder=name)
            print(f"{name}: {type(part).__name__} of diffusers {diffusers.__version__}")


def main(folder):
    complaints = Complaints()
    transformers_logging.get_logger().addHandler(complaints)
    transformers_logging.disable_progress_bar()
    logging.getLogger("diffusers").addHandler(complaints)
    warnings.simplefilter("error")

    index = {k: v for k, v in json.loads((folder / "model_index.json").read_text()).items() if isinstance(v, list) and v[0]}
    expected = {"unet", "text_encoder", "vae", "scheduler", "tokenizer"}
    assert set(index) == expected, index
    for name in ("unet", "vae"):
        tensors = weights(folder / name)
        print(f"{name}: {len(tensors)} tensors, {sum(t.numel() for t in tensors.values()):,} parameters")
    encoder = text_encoder(folder / "text_encoder")
    bytes_to_ids = tokenizer(folder / "tokenizer")
    batch = bytes_to_ids(TEXTS, padding=True, return_tensors="pt")
    with torch.no_grad():
        encodings = encoder(**batch).last_hidden_state
    assert torch.isfinite(encodings).all()
    print(f"text_encoder: {type(encoder).__name__} {encoder.dtype}, encodings {list(encodings.shape)}")
    print(f"tokenizer: {type(bytes_to_ids).__name__}, at most {bytes_to_ids.model_max_length} tokens")
    if importlib.util.find_spec("diffusers"):
        diffusers_parts(folder, index)
    assert not complaints.lines, complaints.lines
    print("no complaints")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(pathlib.Path(sys.argv[1]))
