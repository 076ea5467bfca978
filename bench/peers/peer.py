"""The PyTorch side of `./kiln bench step --peer`: builds a case's networks from plain torch modules, runs it, prints one JSON line.

    python bench/peers/peer.py CASE.json

CASE.json, which Kiln writes: {"case": "step" | "t5" | "vae-encode" | "text-to-image", "dtype": "float32" | "bfloat16",
"unet"/"vae"/"text_encoder": config.json of each, "batch", "height", "width" (latents for step, else pixels), "tokens", "steps"
(of the sampler), "repeats", "threads"}. The line: {"first_seconds": of the run before those that count, "seconds": [...],
"parameters": N, "flops": forward FLOPs of one call, "peak_bytes": peak resident memory}. Needs torch; nothing of Kiln does.
"""
import json
import resource
import sys
import time

import torch
from torch.utils.flop_counter import FlopCounterMode, register_flop_formula

import torch_models as models


@register_flop_formula(torch.ops.aten._scaled_dot_product_flash_attention_for_cpu)
def attention_flops(q, k, v, *args, out_shape=None, **kwargs):
    """Two products of [Lq, D] by [D, Lk] per head; torch counts those of CUDA only."""
    return 4 * q[0] * q[1] * q[2] * q[3] * k[2]


def text_input(case, rows):
    return torch.randn(rows, case["tokens"], case["unet"]["cross_attention_dim"])


def step(case):
    """Forward, backward, clip and fused AdamW; latents, text and target are given."""
    unet = models.UNet2DCondition(case["unet"])
    optimizer = torch.optim.AdamW(unet.parameters(), lr=1e-5, fused=True)
    n, channels = case["batch"], case["unet"]["in_channels"]
    x, target = (torch.randn(n, channels, case["height"], case["width"]) for _ in range(2))
    t, text = torch.full((n,), 500), text_input(case, n)

    def run():
        optimizer.zero_grad(set_to_none=True)
        torch.nn.functional.mse_loss(unet(x, t, text).float(), target).backward()
        torch.nn.utils.clip_grad_norm_(unet.parameters(), 1.0)
        optimizer.step()

    return [unet], run, lambda: unet(x, t, text)


def t5(case):
    encoder = models.T5Encoder(case["text_encoder"])
    ids = torch.randint(3, 259, (case["batch"], case["tokens"]))
    mask = torch.ones_like(ids)
    run = torch.no_grad(lambda: encoder(ids, mask))
    return [encoder], run, run


def vae_encode(case):
    vae = models.AutoencoderKL(case["vae"])
    x = torch.rand(case["batch"], 3, case["height"], case["width"]) * 2 - 1
    run = torch.no_grad(lambda: vae.encode(x))
    return [vae], run, run


def text_to_image(case):
    """Guided DDIM in latent space, then the decoder; the text's encoding is given."""
    unet, vae = models.UNet2DCondition(case["unet"]), models.AutoencoderKL(case["vae"])
    n, factor = case["batch"], 2 ** (len(case["vae"]["block_out_channels"]) - 1)
    start = torch.randn(n, 4, case["height"] // factor, case["width"] // factor)
    text = text_input(case, 2 * n)
    bars = torch.cumprod(1 - torch.linspace(0.00085**0.5, 0.012**0.5, 1000) ** 2, 0)
    times = torch.arange(case["steps"] - 1, -1, -1) * (1000 // case["steps"]) + 1

    def predict(x, t):
        none, some = unet(torch.cat([x, x]), t.expand(2 * n), text).float().chunk(2)
        return none + 7.5 * (some - none)

    @torch.no_grad
    def run():
        x = start
        for t in times:
            here = bars[t]
            after = bars[max(int(t) - 1000 // case["steps"], 0)]
            noise = predict(x, t)
            clean = (x - (1 - here).sqrt() * noise) / here.sqrt()
            x = after.sqrt() * clean + (1 - after).sqrt() * noise
        return vae.decode(x / 0.18215)

    return [unet, vae], run, torch.no_grad(lambda: predict(start, times[0]))


CASES = {"step": step, "t5": t5, "vae-encode": vae_encode, "text-to-image": text_to_image}


def main():
    with open(sys.argv[1]) as file:
        case = json.load(file)
    torch.set_num_threads(case["threads"])
    torch.manual_seed(0)
    networks, run, forward = CASES[case["case"]](case)
    autocast = torch.autocast("cpu", torch.bfloat16, enabled=case["dtype"] == "bfloat16")
    seconds = []
    with autocast:
        for _ in range(case["repeats"] + 1):
            start = time.perf_counter()
            run()
            seconds.append(time.perf_counter() - start)
    first = seconds.pop(0)  # allocates, and chooses kernels
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        forward()
    parameters = sum(p.numel() for network in networks for p in network.parameters())
    flops = counter.get_total_flops()
    line = {"first_seconds": first, "seconds": seconds, "parameters": parameters, "flops": flops, "peak_bytes": peak}
    print(json.dumps(line))


main()
