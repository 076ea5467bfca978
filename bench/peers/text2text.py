"""Compares ./kiln text2text with transformers on small random T5 folders.

    python bench/peers/text2text.py WORK_FOLDER

Needs torch and transformers. Writes the folders below WORK_FOLDER: ByT5 as it is published (an output layer of its own), as
transformers 5 makes it (tied, not scaled), the T5 of 2019 (ReLU, tied and scaled) with ByT5's vocabulary, the first one in
several shards, and in bfloat16. Every answer must be the same text; prints a line per folder, fails at the first difference.
"""

import json
import subprocess
import sys
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from transformers import ByT5Tokenizer, T5Config, T5ForConditionalGeneration

TEXTS = ["translate: hello", "a", "zażółć gęślą jaźń — 你好 🙂", "x" * 300, "été, Ωμέγα, \"quoted\""]
TOKENS = 150  # more than two plans of a step hold
KILN = Path(__file__).resolve().parents[2] / "kiln"


def prefer_letters(table):
    """Makes the printable bytes the likeliest, so that answers are texts that can be told apart."""
    table[: 3 + 32] *= 0.1
    table[3 + 127 :] *= 0.1


def model(seed, **options):
    torch.manual_seed(seed)
    config = T5Config(vocab_size=384, d_model=32, d_kv=8, d_ff=48, num_layers=3, num_decoder_layers=2, num_heads=4,
                      decoder_start_token_id=0, **options)
    made = T5ForConditionalGeneration(config).eval()
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.05)
        made.encoder.block[0].layer[0].SelfAttention.relative_attention_bias.weight.normal_()
        made.decoder.block[0].layer[0].SelfAttention.relative_attention_bias.weight.normal_()
        prefer_letters(made.shared.weight)
    return made


def answers(folder):
    tokenizer = ByT5Tokenizer.from_pretrained(folder)
    made = T5ForConditionalGeneration.from_pretrained(folder, dtype=torch.float32).eval()
    texts = []
    for text in TEXTS:
        with torch.no_grad():
            ids = made.generate(**tokenizer(text, return_tensors="pt"), max_new_tokens=TOKENS, do_sample=False, num_beams=1)
        texts.append(tokenizer.decode(ids[0], skip_special_tokens=True))
    return texts


def compare(folder):
    command = [str(KILN), "text2text", "--model", str(folder), "--max-new-tokens", str(TOKENS)]
    for text in TEXTS:
        command += ["--text", text]
    found = subprocess.run(command, capture_output=True, check=True).stdout.decode()
    expected = "".join(text + "\n" for text in answers(folder))
    if found != expected:
        sys.exit(f"{folder.name}: differs\nkiln:         {found!r}\ntransformers: {expected!r}")
    print(f"{folder.name}: {len(found)} characters are the same, {len(set(found))} of them different", flush=True)


def main():
    work = Path(sys.argv[1])
    gelu = {"feed_forward_proj": "gated-gelu", "tie_word_embeddings": False}
    folders = {"tied_unscaled": model(2, **gelu), "t5_of_2019": model(3, feed_forward_proj="relu")}
    published = model(1, **gelu)
    for name, made in folders.items():
        made.save_pretrained(work / name)
    for name, options in {"published": {}, "sharded": {"max_shard_size": "60KB"}}.items():
        published.save_pretrained(work / name, **options)
    half = model(1, **gelu).to(torch.bfloat16)
    half.save_pretrained(work / "bfloat16")
    # transformers 5 ties what it makes; published files have an output layer, and an older way to say what is tied.
    own = work / "published" / "model.safetensors"
    tensors = load_file(own)
    tensors["lm_head.weight"] = torch.randn(384, 32)
    prefer_letters(tensors["lm_head.weight"])
    save_file(tensors, own, metadata={"format": "pt"})
    config = work / "published" / "config.json"
    fields = json.loads(config.read_text())
    del fields["scale_decoder_outputs"], fields["dense_act_fn"], fields["is_gated_act"]
    fields["tie_word_embeddings"] = False
    config.write_text(json.dumps(fields))
    for folder in sorted(path for path in work.iterdir() if path.is_dir()):
        ByT5Tokenizer().save_pretrained(folder)
        compare(folder)


main()
