"""diffusers' UNets written again from their formulas in plain PyTorch: reference values for what the golden files do not show.

Usage: python unet.py check GOLDEN      recomputes GOLDEN/unet_sd21, unet_uncond and unet_class, which diffusers wrote, and
                                        prints the largest difference, which shows that this file computes what diffusers does
       python unet.py write FOLDER      writes model/src/test/resources/golden-unet
(torch, safetensors, numpy). Values are computed in float64; bounds come from the rounding of the same in float32.
"""

import json
import math
import pathlib
import sys

import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file

WEIGHTS = "diffusion_pytorch_model.safetensors"


class Weights:
    """Parameters by name; those that are asked for and not there are drawn."""

    def __init__(self, tensors, generator=None):
        self.tensors, self.generator, self.used = tensors, generator, set()

    def __call__(self, name, *shape):
        if name not in self.tensors:
            assert self.generator is not None, f"no tensor {name}"
            fan_in = max(1, math.prod(shape[1:]))
            value = torch.randn(shape, generator=self.generator, dtype=torch.float64) / math.sqrt(fan_in)
            if name.endswith("bias"):
                value = value * 0.1
            if len(shape) == 1 and "norm" in name:
                value = value * 0.2 + (1 if name.endswith("weight") else 0)
            self.tensors[name] = value.float().double()
        assert tuple(self.tensors[name].shape) == shape, f"{name}: {tuple(self.tensors[name].shape)} is not {shape}"
        self.used.add(name)
        return self.tensors[name]


class UNet:
    def __init__(self, config, weights):
        self.c, self.w = config, weights
        self.groups = config.get("norm_num_groups", 32)
        self.eps = config.get("norm_eps", 1e-5)
        self.text = config["_class_name"] == "UNet2DConditionModel"

    def linear(self, name, x, out, bias=True):
        b = self.w(f"{name}.bias", out) if bias else None
        return F.linear(x, self.w(f"{name}.weight", out, x.shape[-1]), b)

    def conv(self, name, x, out, kernel=3, **arguments):
        arguments.setdefault("padding", kernel // 2)
        weight = self.w(f"{name}.weight", out, x.shape[1], kernel, kernel)
        return F.conv2d(x, weight, self.w(f"{name}.bias", out), **arguments)

    def group_norm(self, name, x, groups, eps):
        c = x.shape[1]
        return F.group_norm(x, groups, self.w(f"{name}.weight", c), self.w(f"{name}.bias", c), eps)

    def layer_norm(self, name, x):
        c = x.shape[-1]
        return F.layer_norm(x, (c,), self.w(f"{name}.weight", c), self.w(f"{name}.bias", c), 1e-5)

    def mlp(self, name, x, width):
        return self.linear(f"{name}.linear_2", F.silu(self.linear(f"{name}.linear_1", x, width)), width)

    def sinusoids(self, t, width):
        half = width // 2
        rate = -math.log(10000) / (half - self.c.get("freq_shift", 0))
        # the published networks round angles to float32
        angles = t.float()[:, None] * torch.exp(rate * torch.arange(half, dtype=torch.float32))[None]
        parts = [torch.sin(angles), torch.cos(angles)]
        if self.c.get("flip_sin_to_cos", True):
            parts.reverse()
        return torch.cat(parts, 1).to(self.w("conv_in.bias", self.c["block_out_channels"][0]).dtype)

    def resnet(self, name, x, out, emb):
        h = self.conv(f"{name}.conv1", F.silu(self.group_norm(f"{name}.norm1", x, self.groups, self.eps)), out)
        h = h + self.linear(f"{name}.time_emb_proj", F.silu(emb), out)[:, :, None, None]
        h = self.conv(f"{name}.conv2", F.silu(self.group_norm(f"{name}.norm2", h, self.groups, self.eps)), out)
        return h + (x if x.shape[1] == out else self.conv(f"{name}.conv_shortcut", x, out, 1))

    def attend(self, name, x, context, heads, inner, bias):
        """x [N, L, C], context [N, M, D]"""
        q, k, v = (
            self.linear(f"{name}.{part}", source, inner, bias).unflatten(2, (heads, inner // heads)).transpose(1, 2)
            for part, source in (("to_q", x), ("to_k", context), ("to_v", context))
        )
        p = torch.softmax(q @ k.transpose(2, 3) / math.sqrt(inner // heads), -1)
        return self.linear(f"{name}.to_out.0", (p @ v).transpose(1, 2).flatten(2), x.shape[2])

    def transformer(self, name, x, level, text):
        n, c, h, w = x.shape
        heads = per_level(self.c["attention_head_dim"], level)
        inner = c // heads * heads
        linear = self.c.get("use_linear_projection", False)
        y = self.group_norm(f"{name}.norm", x, self.groups, 1e-6)
        if linear:
            y = self.linear(f"{name}.proj_in", y.flatten(2).transpose(1, 2), inner)
        else:
            y = self.conv(f"{name}.proj_in", y, inner, 1).flatten(2).transpose(1, 2)
        for i in range(per_level(self.c.get("transformer_layers_per_block", 1), level)):
            b = f"{name}.transformer_blocks.{i}"
            z = self.layer_norm(f"{b}.norm1", y)
            y = y + self.attend(f"{b}.attn1", z, z, heads, inner, False)
            y = y + self.attend(f"{b}.attn2", self.layer_norm(f"{b}.norm2", y), text, heads, inner, False)
            a, gate = self.linear(f"{b}.ff.net.0.proj", self.layer_norm(f"{b}.norm3", y), 8 * inner).chunk(2, -1)
            y = y + self.linear(f"{b}.ff.net.2", a * F.gelu(gate), inner)
        if linear:
            y = self.linear(f"{name}.proj_out", y, c).transpose(1, 2).unflatten(2, (h, w))
        else:
            y = self.conv(f"{name}.proj_out", y.transpose(1, 2).unflatten(2, (h, w)), c, 1)
        return x + y

    def self_attention(self, name, x, groups):
        n, c, h, w = x.shape
        head = self.c["attention_head_dim"] if "attention_head_dim" in self.c else 8
        head = c if head is None else head
        y = self.group_norm(f"{name}.group_norm", x, groups, self.eps).flatten(2).transpose(1, 2)
        y = self.attend(name, y, y, c // head, c // head * head, True)
        return x + y.transpose(1, 2).unflatten(2, (h, w))

    def attention(self, name, x, level, kind, text):
        if kind.startswith("CrossAttn"):
            return self.transformer(name, x, level, text)
        return self.self_attention(name, x, self.groups) if kind.startswith("Attn") else x

    def middle(self, x, level, emb, text):
        kind = self.c.get("mid_block_type", "UNetMidBlock2DCrossAttn" if self.text else "UNetMidBlock2D")
        if kind is None:
            return x
        c = x.shape[1]
        x = self.resnet("mid_block.resnets.0", x, c, emb)
        if kind == "UNetMidBlock2DCrossAttn":
            x = self.transformer("mid_block.attentions.0", x, level, text)
        elif self.text:
            return x
        elif self.c.get("add_attention", True):
            x = self.self_attention("mid_block.attentions.0", x, self.c.get("attn_norm_num_groups") or self.groups)
        return self.resnet("mid_block.resnets.1", x, c, emb)

    def __call__(self, sample, timesteps, text=None, class_labels=None, text_embeds=None, time_ids=None):
        c, channels = self.c, self.c["block_out_channels"]
        x = self.conv("conv_in", sample, channels[0])
        width = c.get("time_embedding_dim") or 4 * channels[0]
        emb = self.mlp("time_embedding", self.sinusoids(timesteps, channels[0]), width)
        if c.get("class_embed_type") == "timestep":
            emb = emb + self.mlp("class_embedding", self.sinusoids(class_labels, channels[0]), width)
        elif c.get("class_embed_type") == "identity":
            emb = emb + class_labels
        elif c.get("num_class_embeds"):
            emb = emb + self.w("class_embedding.weight", c["num_class_embeds"], width)[class_labels]
        if c.get("addition_embed_type") == "text_time":
            ids = self.sinusoids(time_ids.flatten(), c["addition_time_embed_dim"]).reshape(len(time_ids), -1)
            emb = emb + self.mlp("add_embedding", torch.cat([text_embeds, ids], 1), width)

        last, skips = len(channels) - 1, [x]
        for level, kind in enumerate(c["down_block_types"]):
            for i in range(per_level(c.get("layers_per_block", 2), level)):
                x = self.resnet(f"down_blocks.{level}.resnets.{i}", x, channels[level], emb)
                x = self.attention(f"down_blocks.{level}.attentions.{i}", x, level, kind, text)
                skips.append(x)
            if level < last:
                padding = c.get("downsample_padding", 1)
                x = F.pad(x, (0, 1, 0, 1)) if padding == 0 else x
                name = f"down_blocks.{level}.downsamplers.0.conv"
                x = self.conv(name, x, channels[level], stride=2, padding=padding)
                skips.append(x)
        x = self.middle(x, last, emb, text)
        for block, kind in enumerate(c["up_block_types"]):
            level = last - block
            for i in range(per_level(c.get("layers_per_block", 2), level) + 1):
                x = torch.cat([x, skips.pop()], 1)
                x = self.resnet(f"up_blocks.{block}.resnets.{i}", x, channels[level], emb)
                x = self.attention(f"up_blocks.{block}.attentions.{i}", x, level, kind, text)
            if level > 0:
                x = F.interpolate(x, size=skips[-1].shape[2:], mode="nearest")
                x = self.conv(f"up_blocks.{block}.upsamplers.0.conv", x, channels[level])
        return self.conv("conv_out", F.silu(self.group_norm("conv_norm_out", x, self.groups, self.eps)), c["out_channels"])


def per_level(value, level):
    return value[level] if isinstance(value, list) else value


ARGUMENTS = {
    "sample": "sample", "timesteps": "timesteps", "encoder_hidden_states": "text", "class_labels": "class_labels",
    "text_embeds": "text_embeds", "time_ids": "time_ids",
}


def compute(config, tensors, data, case, dtype):
    """Output and all gradients of sum(out · R) for one case, named as in the golden files."""
    cast = lambda t: t.detach().to(dtype).clone() if t.is_floating_point() else t
    weights = Weights({name: cast(t).requires_grad_() for name, t in tensors.items()})
    inputs = {a: cast(data[f"{case}.{a}"]) for a in ARGUMENTS if f"{case}.{a}" in data}
    floats = {a: t.requires_grad_() for a, t in inputs.items() if t.is_floating_point()}
    out = UNet(config, weights)(**{ARGUMENTS[a]: t for a, t in inputs.items()})
    unused = set(tensors) - weights.used
    assert not unused, f"not used: {sorted(unused)}"
    (out * cast(data[f"{case}.R"])).sum().backward()
    found = {f"{case}.out": out}
    found.update({f"{case}.grad.{name}": t.grad for name, t in weights.tensors.items()})
    found.update({f"{case}.grad.input.{name}": t.grad for name, t in floats.items() if t.grad is not None})
    return {name: t.detach() for name, t in found.items()}


def check(golden):
    tolerances = json.loads((golden / "tolerances.json").read_text())["cases"]
    for folder in ("unet_sd21", "unet_uncond", "unet_class"):
        config = json.loads((golden / folder / "config.json").read_text())
        data = load_file(golden / folder / "data.safetensors")
        for case in sorted({name.split(".")[0] for name in data}):
            limits = tolerances.get(f"{folder}.{case}") or tolerances[folder]
            found = compute(config, load_file(golden / folder / WEIGHTS), data, case, torch.float32)
            shares = []
            for name in data.keys() & found.keys():
                limit = limits["grad_rtol" if ".grad." in name else "out_rtol"] * data[name].abs().max().item()
                limit = limits["absolute"].get(name, limit)
                shares.append((found[name] - data[name]).abs().max().item() / limit)
            published = sum(name.startswith((f"{case}.grad.", f"{case}.out")) for name in data)
            assert len(shares) == published, f"compared {len(shares)} of {published} tensors"
            print(f"{folder} {case}: {published} tensors, largest share of the permitted difference: {max(shares):.2f}")


XL = {
    "_class_name": "UNet2DConditionModel", "sample_size": 16, "in_channels": 4, "out_channels": 4, "norm_num_groups": 4,
    "block_out_channels": [8, 16, 16], "down_block_types": ["DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"],
    "up_block_types": ["CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"], "layers_per_block": 1,
    "attention_head_dim": [1, 2, 4], "cross_attention_dim": 12, "transformer_layers_per_block": [1, 1, 2],
    "use_linear_projection": True, "addition_embed_type": "text_time", "addition_time_embed_dim": 6,
    "projection_class_embeddings_input_dim": 46,
}
# As Stable Diffusion 1.x: one number of heads for all levels; they do not divide the width. Levels of unlike length.
V1 = {
    "_class_name": "UNet2DConditionModel", "sample_size": 8, "in_channels": 4, "out_channels": 4, "norm_num_groups": 4,
    "block_out_channels": [8, 16], "down_block_types": ["CrossAttnDownBlock2D", "DownBlock2D"],
    "up_block_types": ["UpBlock2D", "CrossAttnUpBlock2D"], "mid_block_type": "UNetMidBlock2D", "layers_per_block": [2, 1],
    "attention_head_dim": 3, "cross_attention_dim": 12,
}
PLAIN = {
    "_class_name": "UNet2DModel", "sample_size": 8, "norm_num_groups": 4, "in_channels": 3, "out_channels": 3,
    "block_out_channels": [8, 16], "down_block_types": ["DownBlock2D", "AttnDownBlock2D"],
    "up_block_types": ["UpBlock2D", "AttnUpBlock2D"], "layers_per_block": 1,
}
CONFIGS = {
    "xl": XL,
    "v1": V1,
    "class_timestep": {**PLAIN, "class_embed_type": "timestep", "attention_head_dim": 3, "attn_norm_num_groups": 2},
    "class_identity": {**PLAIN, "class_embed_type": "identity", "add_attention": False, "time_embedding_dim": 20},
}


def inputs_of(config, case, n, h, w, generator):
    normal = lambda *shape: torch.randn(shape, generator=generator)
    whole = lambda high, *shape: torch.randint(0, high, shape, generator=generator)
    data = {"sample": normal(n, config["in_channels"], h, w), "R": normal(n, config["out_channels"], h, w)}
    data["timesteps"] = whole(1000, n)
    if "cross_attention_dim" in config:
        data["encoder_hidden_states"] = normal(n, 5, config["cross_attention_dim"])
    if config.get("addition_embed_type"):
        numbers = 6
        data["time_ids"] = whole(1024, n, numbers)
        width = config["projection_class_embeddings_input_dim"] - numbers * config["addition_time_embed_dim"]
        data["text_embeds"] = normal(n, width)
    if config.get("class_embed_type") == "timestep":
        data["class_labels"] = whole(100, n)
    if config.get("class_embed_type") == "identity":
        data["class_labels"] = normal(n, config["time_embedding_dim"])
    return {f"{case}.{name}": t for name, t in data.items()}


def bounds(exact, rounded):
    """As the golden files: max|a-b| <= rtol · max|b|, or an own bound of 15 times the rounding where that is more."""
    result = {"out_rtol": 3e-5, "grad_rtol": 1e-4, "absolute": {}}
    for name, b in exact.items():
        rtol = result["grad_rtol" if ".grad." in name else "out_rtol"]
        rounding = 15 * (rounded[name].double() - b).abs().max().item()
        if rounding > rtol * b.abs().max().item():
            result["absolute"][name] = float(f"{rounding:.2g}")
    return result


def write(folder):
    cases = {}
    for seed, (name, config) in enumerate(CONFIGS.items()):
        generator = torch.Generator().manual_seed(seed)
        side = config["sample_size"]
        data = {**inputs_of(config, "a", 2, side, side, generator), **inputs_of(config, "b", 1, side + 1, side - 3, generator)}
        weights = Weights({}, generator)
        double = {k.split(".", 1)[1]: t.double() if t.is_floating_point() else t for k, t in data.items() if k[0] == "a"}
        UNet(config, weights)(**{ARGUMENTS[k]: t for k, t in double.items() if k in ARGUMENTS})
        tensors, results = weights.tensors, {}
        for case in ("a", "b"):
            exact = compute(config, tensors, data, case, torch.float64)
            rounded = compute(config, tensors, data, case, torch.float32)
            if case == "b":
                exact = {k: t for k, t in exact.items() if ".grad." not in k or ".grad.input." in k}
            cases[f"{name}.{case}"] = bounds(exact, rounded)
            results.update(exact)
        target = folder / name
        target.mkdir(parents=True, exist_ok=True)
        (target / "config.json").write_text(json.dumps(config, indent=2) + "\n")
        narrow = lambda t: (t.float() if t.is_floating_point() else t).contiguous()
        save_file({k: narrow(t) for k, t in tensors.items()}, target / WEIGHTS)
        save_file({k: narrow(t) for k, t in {**data, **results}.items()}, target / "data.safetensors")
    (folder / "tolerances.json").write_text(json.dumps({"cases": cases}, indent=1) + "\n")


if __name__ == "__main__":
    torch.set_num_threads(1)
    {"check": check, "write": write}[sys.argv[1]](pathlib.Path(sys.argv[2]))
