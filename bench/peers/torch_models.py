"""The networks of Kiln's benchmarks from plain torch modules, with the names of the published weight files.

Only for comparison: `kiln bench step --peer` runs peer.py, which builds these. Nothing of Kiln needs Python.
"""
import math

import torch
import torch.nn.functional as F
from torch import nn


class Resnet(nn.Module):
    def __init__(self, cin, cout, temb, groups, eps):
        super().__init__()
        self.norm1 = nn.GroupNorm(groups, cin, eps)
        self.conv1 = nn.Conv2d(cin, cout, 3, padding=1)
        if temb:
            self.time_emb_proj = nn.Linear(temb, cout)
        self.norm2 = nn.GroupNorm(groups, cout, eps)
        self.conv2 = nn.Conv2d(cout, cout, 3, padding=1)
        if cin != cout:
            self.conv_shortcut = nn.Conv2d(cin, cout, 1)

    def forward(self, x, temb=None):
        h = self.conv1(F.silu(self.norm1(x)))
        if temb is not None:
            h = h + self.time_emb_proj(F.silu(temb))[:, :, None, None]
        h = self.conv2(F.silu(self.norm2(h)))
        return (self.conv_shortcut(x) if hasattr(self, "conv_shortcut") else x) + h


class Attention(nn.Module):
    def __init__(self, dim, context, heads, bias=False):
        super().__init__()
        self.heads = heads
        self.to_q = nn.Linear(dim, dim, bias=bias)
        self.to_k = nn.Linear(context, dim, bias=bias)
        self.to_v = nn.Linear(context, dim, bias=bias)
        self.to_out = nn.ModuleList([nn.Linear(dim, dim)])

    def forward(self, x, context, mask=None):
        n, length, dim = x.shape
        split = lambda t: t.view(n, -1, self.heads, dim // self.heads).transpose(1, 2)
        q, k, v = split(self.to_q(x)), split(self.to_k(context)), split(self.to_v(context))
        h = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        return self.to_out[0](h.transpose(1, 2).reshape(n, length, dim))


class Geglu(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.proj = nn.Linear(dim, 8 * dim)

    def forward(self, x):
        a, b = self.proj(x).chunk(2, dim=-1)
        return a * F.gelu(b)


class FeedForward(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.net = nn.ModuleList([Geglu(dim), nn.Identity(), nn.Linear(4 * dim, dim)])

    def forward(self, x):
        return self.net[2](self.net[0](x))


class Block(nn.Module):
    def __init__(self, dim, context, heads):
        super().__init__()
        self.norm1 = nn.LayerNorm(dim)
        self.attn1 = Attention(dim, dim, heads)
        self.norm2 = nn.LayerNorm(dim)
        self.attn2 = Attention(dim, context, heads)
        self.norm3 = nn.LayerNorm(dim)
        self.ff = FeedForward(dim)

    def forward(self, x, text, mask):
        h = self.norm1(x)
        x = x + self.attn1(h, h)
        x = x + self.attn2(self.norm2(x), text, mask)
        return x + self.ff(self.norm3(x))


class Transformer2d(nn.Module):
    def __init__(self, dim, context, heads, depth, groups):
        super().__init__()
        self.norm = nn.GroupNorm(groups, dim, 1e-6)
        self.proj_in = nn.Linear(dim, dim)
        self.transformer_blocks = nn.ModuleList([Block(dim, context, heads) for _ in range(depth)])
        self.proj_out = nn.Linear(dim, dim)

    def forward(self, x, text, mask):
        n, c, height, width = x.shape
        h = self.proj_in(self.norm(x).permute(0, 2, 3, 1).reshape(n, height * width, c))
        for block in self.transformer_blocks:
            h = block(h, text, mask)
        return x + self.proj_out(h).reshape(n, height, width, c).permute(0, 3, 1, 2)


class Sampling(nn.Module):
    """A stride-2 convolution, or, going up, a convolution after nearest-neighbour enlargement."""

    def __init__(self, dim, up, padding=1):
        super().__init__()
        self.up = up
        self.padding = padding
        self.conv = nn.Conv2d(dim, dim, 3, stride=1 if up else 2, padding=1 if up else padding)

    def forward(self, x, size=None):
        if self.up:
            return self.conv(F.interpolate(x, size=size) if size else F.interpolate(x, scale_factor=2.0))
        return self.conv(x if self.padding else F.pad(x, (0, 1, 0, 1)))


class Level(nn.Module):
    """One level of a UNet or an autoencoder."""

    def __init__(self, widths, out, temb, groups, eps, attention=None, sampling=None):
        super().__init__()
        self.resnets = nn.ModuleList([Resnet(w, out, temb, groups, eps) for w in widths])
        if attention:
            self.attentions = nn.ModuleList([Transformer2d(out, *attention, groups) for _ in widths])
        if sampling:
            setattr(self, "upsamplers" if sampling.up else "downsamplers", nn.ModuleList([sampling]))


def each(value, levels):
    return value if isinstance(value, list) else [value] * levels


class TimeEmbedding(nn.Module):
    def __init__(self, channels, out):
        super().__init__()
        self.linear_1 = nn.Linear(channels, out)
        self.linear_2 = nn.Linear(out, out)

    def forward(self, x):
        return self.linear_2(F.silu(self.linear_1(x)))


class Mid(nn.Module):
    def __init__(self, dim, temb, groups, eps, attention):
        super().__init__()
        self.resnets = nn.ModuleList([Resnet(dim, dim, temb, groups, eps) for _ in range(2)])
        self.attentions = nn.ModuleList([attention])


class UNet2DCondition(nn.Module):
    """UNet2DConditionModel of Stable Diffusion 2.1's structure, from its config.json."""

    def __init__(self, config):
        super().__init__()
        width = config["block_out_channels"]
        n = len(width)
        groups, eps = config.get("norm_num_groups", 32), config.get("norm_eps", 1e-5)
        layers = each(config.get("layers_per_block", 2), n)
        heads = each(config["attention_head_dim"], n)
        context = each(config["cross_attention_dim"], n)
        depth = each(config.get("transformer_layers_per_block", 1), n)
        temb = 4 * width[0]
        self.width, self.flip = width, config.get("flip_sin_to_cos", True)
        self.conv_in = nn.Conv2d(config["in_channels"], width[0], 3, padding=1)
        self.time_embedding = TimeEmbedding(width[0], temb)
        self.down_blocks = nn.ModuleList()
        for i, kind in enumerate(config["down_block_types"]):
            attends = (context[i], heads[i], depth[i]) if kind.startswith("CrossAttn") else None
            widths = [width[max(i - 1, 0)]] + [width[i]] * (layers[i] - 1)
            sampling = Sampling(width[i], False) if i < n - 1 else None
            self.down_blocks.append(Level(widths, width[i], temb, groups, eps, attends, sampling))
        attention = Transformer2d(width[-1], context[-1], heads[-1], depth[-1], groups)
        self.mid_block = Mid(width[-1], temb, groups, eps, attention)
        self.up_blocks = nn.ModuleList()
        for j, kind in enumerate(config["up_block_types"]):
            i = n - 1 - j
            attends = (context[i], heads[i], depth[i]) if kind.startswith("CrossAttn") else None
            widths = []
            for k in range(layers[i] + 1):
                skip = width[max(i - 1, 0)] if k == layers[i] else width[i]
                widths.append((width[min(i + 1, n - 1)] if k == 0 else width[i]) + skip)
            sampling = Sampling(width[i], True) if i > 0 else None
            self.up_blocks.append(Level(widths, width[i], temb, groups, eps, attends, sampling))
        self.conv_norm_out = nn.GroupNorm(groups, width[0], eps)
        self.conv_out = nn.Conv2d(width[0], config["out_channels"], 3, padding=1)

    def sinusoids(self, t):
        half = self.width[0] // 2
        frequency = torch.exp(-math.log(10000) * torch.arange(half, dtype=torch.float32, device=t.device) / half)
        angle = t.float()[:, None] * frequency[None]
        sin, cos = angle.sin(), angle.cos()
        return torch.cat([cos, sin] if self.flip else [sin, cos], dim=1)

    def forward(self, x, t, text, mask=None):
        temb = self.time_embedding(self.sinusoids(t))
        keep = None if mask is None else mask[:, None, None, :].bool()
        h = self.conv_in(x)
        skips = [h]
        for level in self.down_blocks:
            for i, resnet in enumerate(level.resnets):
                h = resnet(h, temb)
                if hasattr(level, "attentions"):
                    h = level.attentions[i](h, text, keep)
                skips.append(h)
            if hasattr(level, "downsamplers"):
                h = level.downsamplers[0](h)
                skips.append(h)
        h = self.mid_block.resnets[0](h, temb)
        h = self.mid_block.attentions[0](h, text, keep)
        h = self.mid_block.resnets[1](h, temb)
        for level in self.up_blocks:
            for i, resnet in enumerate(level.resnets):
                h = resnet(torch.cat([h, skips.pop()], dim=1), temb)
                if hasattr(level, "attentions"):
                    h = level.attentions[i](h, text, keep)
            if hasattr(level, "upsamplers"):
                h = level.upsamplers[0](h, skips[-1].shape[-2:])
        return self.conv_out(F.silu(self.conv_norm_out(h)))


class VaeAttention(Attention):
    def __init__(self, dim, groups):
        super().__init__(dim, dim, 1, bias=True)
        self.group_norm = nn.GroupNorm(groups, dim, 1e-6)

    def forward(self, x):
        n, c, height, width = x.shape
        h = self.group_norm(x).reshape(n, c, height * width).transpose(1, 2)
        return x + super().forward(h, h).transpose(1, 2).reshape(n, c, height, width)


class Coder(nn.Module):
    """Encoder or decoder of AutoencoderKL."""

    def __init__(self, config, decoder):
        super().__init__()
        width, groups = config["block_out_channels"], config.get("norm_num_groups", 32)
        layers, latent = config.get("layers_per_block", 1), config["latent_channels"]
        first, last = (width[-1], width[0]) if decoder else (width[0], width[-1])
        cin, cout = (latent, config["out_channels"]) if decoder else (config["in_channels"], 2 * latent)
        self.conv_in = nn.Conv2d(cin, first, 3, padding=1)
        order = width[::-1] if decoder else width
        levels = nn.ModuleList()
        for i, w in enumerate(order):
            widths = [order[max(i - 1, 0)]] + [w] * (layers - 1 + decoder)
            sampling = Sampling(w, decoder, 0) if i < len(width) - 1 else None
            levels.append(Level(widths, w, 0, groups, 1e-6, None, sampling))
        setattr(self, "up_blocks" if decoder else "down_blocks", levels)
        self.mid_block = Mid(width[-1], 0, groups, 1e-6, VaeAttention(width[-1], groups))
        self.conv_norm_out = nn.GroupNorm(groups, last, 1e-6)
        self.conv_out = nn.Conv2d(last, cout, 3, padding=1)
        self.levels, self.decoder = [levels], decoder

    def mid(self, h):
        return self.mid_block.resnets[1](self.mid_block.attentions[0](self.mid_block.resnets[0](h)))

    def forward(self, x):
        h = self.conv_in(x)
        h = self.mid(h) if self.decoder else h
        for level in self.levels[0]:
            for resnet in level.resnets:
                h = resnet(h)
            for sampling in getattr(level, "upsamplers" if self.decoder else "downsamplers", []):
                h = sampling(h)
        h = h if self.decoder else self.mid(h)
        return self.conv_out(F.silu(self.conv_norm_out(h)))


class AutoencoderKL(nn.Module):
    def __init__(self, config):
        super().__init__()
        latent = config["latent_channels"]
        self.encoder, self.decoder = Coder(config, False), Coder(config, True)
        self.quant_conv = nn.Conv2d(2 * latent, 2 * latent, 1)
        self.post_quant_conv = nn.Conv2d(latent, latent, 1)

    def encode(self, x):
        return self.quant_conv(self.encoder(x))

    def decode(self, z):
        return self.decoder(self.post_quant_conv(z))


class T5Attention(nn.Module):
    def __init__(self, dim, inner, heads, buckets):
        super().__init__()
        self.heads = heads
        self.q, self.k, self.v = (nn.Linear(dim, inner, bias=False) for _ in range(3))
        self.o = nn.Linear(inner, dim, bias=False)
        if buckets:
            self.relative_attention_bias = nn.Embedding(buckets, heads)

    def forward(self, x, bias):
        n, length, _ = x.shape
        split = lambda t: t.view(n, length, self.heads, -1).transpose(1, 2)
        h = F.scaled_dot_product_attention(split(self.q(x)), split(self.k(x)), split(self.v(x)), attn_mask=bias, scale=1.0)
        return self.o(h.transpose(1, 2).reshape(n, length, -1))


class T5LayerNorm(nn.Module):
    def __init__(self, dim, eps):
        super().__init__()
        self.weight, self.eps = nn.Parameter(torch.ones(dim)), eps

    def forward(self, x):
        return self.weight * (x * torch.rsqrt(x.float().pow(2).mean(-1, keepdim=True) + self.eps)).to(x.dtype)


class T5Gated(nn.Module):
    def __init__(self, dim, inner):
        super().__init__()
        self.wi_0, self.wi_1 = (nn.Linear(dim, inner, bias=False) for _ in range(2))
        self.wo = nn.Linear(inner, dim, bias=False)

    def forward(self, x):
        return self.wo(F.gelu(self.wi_0(x), approximate="tanh") * self.wi_1(x))


class T5Sublayer(nn.Module):
    def __init__(self, name, module, dim, eps):
        super().__init__()
        self.add_module(name, module)
        self.name, self.layer_norm = name, T5LayerNorm(dim, eps)

    def forward(self, x, *args):
        return x + getattr(self, self.name)(self.layer_norm(x), *args)


class T5Encoder(nn.Module):
    """T5EncoderModel (v1.1, gated GELU), from its config.json."""

    def __init__(self, config):
        super().__init__()
        dim, heads, eps = config["d_model"], config["num_heads"], config.get("layer_norm_epsilon", 1e-6)
        self.buckets = config.get("relative_attention_num_buckets", 32)
        self.distance = config.get("relative_attention_max_distance", 128)
        self.shared = nn.Embedding(config["vocab_size"], dim)
        self.encoder = nn.Module()
        self.encoder.block = nn.ModuleList()
        for i in range(config["num_layers"]):
            attention = T5Attention(dim, heads * config["d_kv"], heads, self.buckets if i == 0 else 0)
            block = nn.Module()
            block.layer = nn.ModuleList([
                T5Sublayer("SelfAttention", attention, dim, eps),
                T5Sublayer("DenseReluDense", T5Gated(dim, config["d_ff"]), dim, eps)])
            self.encoder.block.append(block)
        self.encoder.final_layer_norm = T5LayerNorm(dim, eps)

    def position_bias(self, length):
        position = torch.arange(length)
        relative = position[None, :] - position[:, None]
        half = self.buckets // 2
        exact = half // 2
        far = exact + (torch.log(relative.abs().clamp(min=1).float() / exact) / math.log(self.distance / exact) * (half - exact)).long()
        bucket = torch.where(relative.abs() < exact, relative.abs(), far.clamp(max=half - 1)) + half * (relative > 0)
        bias = self.encoder.block[0].layer[0].SelfAttention.relative_attention_bias(bucket)
        return bias.permute(2, 0, 1)[None]

    def forward(self, ids, mask):
        bias = self.position_bias(ids.shape[1]) + (1.0 - mask[:, None, None, :].float()) * torch.finfo(torch.float32).min
        h = self.shared(ids)
        for block in self.encoder.block:
            h = block.layer[0](h, bias.to(h.dtype))
            h = block.layer[1](h)
        return self.encoder.final_layer_norm(h)
