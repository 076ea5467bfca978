"""Writes model/src/test/resources/golden-clip: tiny text models of CLIP, what transformers computes with them, gradients.

Usage: python clip_text_model.py FOLDER    (torch, transformers 5)

gelu/ is laid out as transformers 5 writes it. quick_gelu/ has the names that published files have: text_model. before
every name, and the numbers of the positions. loss = sum(output * R); grad.NAME is the gradient of the parameter NAME.
tolerances.json: 15 times the rounding that a run in float64 shows, as bounds for tensors whose gradients are nearly zero.
"""

import json
import pathlib
import sys

import torch
from safetensors.torch import save_file
from transformers import CLIPTextConfig, CLIPTextModel

torch.manual_seed(3)
torch.set_num_threads(1)
SIZES = dict(vocab_size=61, hidden_size=24, intermediate_size=40, num_hidden_layers=2, num_attention_heads=3)


def run(model, ids, weight):
    model.zero_grad()
    embeddings = []
    hook = model.get_input_embeddings().register_forward_hook(lambda _, __, out: (out.retain_grad(), embeddings.append(out))[0])
    out = model(input_ids=ids).last_hidden_state
    loss = (out * weight.to(out.dtype)).sum()
    loss.backward()
    hook.remove()
    tensors = {"out.last_hidden_state": out, "out.loss": loss, "grad.input.inputs_embeds": embeddings[0].grad}
    for name, parameter in model.named_parameters():
        tensors["grad." + published(name)] = parameter.grad
    return {name: tensor.detach().clone() for name, tensor in tensors.items()}


def published(name):
    return name if name.startswith("text_model.") else "text_model." + name


def main():
    cases = {}
    for act in ("gelu", "quick_gelu"):
        folder = pathlib.Path(sys.argv[1]) / act
        config = CLIPTextConfig(**SIZES, max_position_embeddings=16, hidden_act=act, bos_token_id=59, eos_token_id=60)
        config._attn_implementation = "eager"
        model = CLIPTextModel(config).eval()
        with torch.no_grad():
            for name, parameter in model.named_parameters():
                parameter.add_(0.05 * torch.randn_like(parameter))
                if "fc1" in name or "q_proj.weight" in name:
                    parameter.mul_(3)
                if "embedding" in name:
                    parameter.mul_(2)
        model.save_pretrained(folder)
        if act == "quick_gelu":
            weights = {published(name): tensor for name, tensor in model.state_dict().items()}
            weights["text_model.embeddings.position_ids"] = torch.arange(config.max_position_embeddings)[None]
            save_file(weights, folder / "model.safetensors", {"format": "pt"})
        ids = torch.randint(0, config.vocab_size, (3, 13))
        weight = torch.randn(3, 13, config.hidden_size)
        single = run(model, ids, weight)
        double = run(model.double(), ids, weight)
        absolute = {}
        for name, tensor in single.items():
            error = (tensor.double() - double[name]).abs().max().item()
            if 15 * error > 1e-4 * tensor.abs().max().item():
                absolute[name] = 15 * error
        cases[folder.name] = {"out_rtol": 3e-5, "grad_rtol": 1e-4, "absolute": absolute}
        save_file({"input_ids": ids, "R": weight, **single}, folder / "data.safetensors")
    (pathlib.Path(sys.argv[1]) / "tolerances.json").write_text(json.dumps({"cases": cases}, indent=1) + "\n")


if __name__ == "__main__":
    main()
