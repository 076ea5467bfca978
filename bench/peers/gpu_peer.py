"""The PyTorch side of `./kiln bench step --backend cuda --peer`: training steps of a UNet on one GPU, one JSON line to a micro-batch.

    python bench/peers/gpu_peer.py CASE.json

CASE.json, which Kiln writes: {"step": the case as peer.py has it, "device": N, "micro_batches": [...] in the order in which to measure
them, "compile": bool, "least_steps", "seconds_each": of timed steps, "budget_seconds"}. The first line says device, versions, parameters and forward
FLOPs of one image; then each micro-batch has {"micro_batch", "first_seconds", "seconds": [...], "peak_bytes", "reserved_bytes",
"card_bytes"} or {"micro_batch", "refused": why}. Where one does not fit, larger ones are left out. Needs torch; nothing of Kiln does.

The usual fast training: channels-last, bfloat16 autocast over float32 weights (for "bfloat16"), scaled_dot_product_attention, AdamW and
the clip in their fused forms, cuDNN choosing by trial, inputs from pinned memory. "device": "cpu" is for trying this file without a GPU.
"""
import contextlib
import json
import sys
import time

START = time.perf_counter()

import torch  # noqa: E402 (its import belongs to the time that there is)
from torch.utils.flop_counter import FlopCounterMode  # noqa: E402

import torch_models as models  # noqa: E402

WARM_UP = 3
MOST_STEPS = 200
LONGER = 2  # times as long as the last micro-batch the next one may take


class Device:
    """A GPU; or the processor, which has no events and counts no memory."""

    def __init__(self, number):
        self.cuda = number != "cpu"
        self.torch = torch.device("cuda", number) if self.cuda else torch.device("cpu")
        if self.cuda:
            torch.cuda.set_device(self.torch)

    def name(self):
        return torch.cuda.get_device_name(self.torch) if self.cuda else "the processor"

    def versions(self, compiled):
        cuda = f", CUDA {torch.version.cuda}, cuDNN {torch.backends.cudnn.version()}" if self.cuda else ""
        how = "torch.compile, its default mode" if compiled else "not compiled"
        return f"PyTorch {torch.__version__}{cuda}; {how}"

    def synchronize(self):
        if self.cuda:
            torch.cuda.synchronize()

    def mark(self):
        if not self.cuda:
            return time.perf_counter()
        event = torch.cuda.Event(enable_timing=True)
        event.record()
        return event

    def between(self, first, second):
        return first.elapsed_time(second) * 1e-3 if self.cuda else second - first

    def forget(self):
        if self.cuda:
            torch.cuda.synchronize()
            torch.cuda.empty_cache()
            torch.cuda.reset_peak_memory_stats()

    def memory(self):
        if not self.cuda:
            return {"peak_bytes": 0, "reserved_bytes": 0, "card_bytes": 0}
        free, total = torch.cuda.mem_get_info()
        return {
            "peak_bytes": torch.cuda.max_memory_allocated(), "reserved_bytes": torch.cuda.max_memory_reserved(),
            "card_bytes": total - free,
        }


class Training:
    """The network, its optimizer, and steps on given latents and text."""

    def __init__(self, case, device):
        self.case, self.device = case["step"], device
        self.narrow = self.case["dtype"] == "bfloat16"
        with device.torch:
            self.unet = models.UNet2DCondition(self.case["unet"])
        self.unet.to(memory_format=torch.channels_last)
        self.parameters = list(self.unet.parameters())
        self.optimizer = torch.optim.AdamW(self.parameters, lr=1e-5, fused=True)
        self.compiled = case["compile"]

    def autocast(self):
        return torch.autocast(self.device.torch.type, torch.bfloat16) if self.narrow else contextlib.nullcontext()

    def inputs(self, n):
        """In host memory that the device reads by itself."""
        c = self.case
        latents = lambda: torch.randn(n, c["unet"]["in_channels"], c["height"], c["width"]).to(memory_format=torch.channels_last)
        width = c["unet"]["cross_attention_dim"]
        text = torch.randn(n, c["tokens"], width[0] if isinstance(width, list) else width)
        values = [latents(), torch.full((n,), 500), text, latents()]
        return [value.pin_memory() for value in values] if self.device.cuda else values

    def forward_flops(self):
        x, t, text, _ = (value.to(self.device.torch) for value in self.inputs(1))
        with FlopCounterMode(display=False) as counter, torch.no_grad(), self.autocast():
            self.unet(x, t, text)
        return counter.get_total_flops()

    def network(self):
        torch.compiler.reset()  # each size is compiled for itself, as the first one
        return torch.compile(self.unet, dynamic=False) if self.compiled else self.unet

    def step(self, network, host):
        self.optimizer.zero_grad(set_to_none=True)
        x, t, text, target = (value.to(self.device.torch, non_blocking=True) for value in host)
        with self.autocast():
            prediction = network(x, t, text)
        torch.nn.functional.mse_loss(prediction.float(), target).backward()
        torch.nn.utils.clip_grad_norm_(self.parameters, 1.0)
        self.optimizer.step()

    def measure(self, n, least_steps, seconds_each):
        begin = time.perf_counter()
        network, host = self.network(), self.inputs(n)
        self.step(network, host)
        self.device.synchronize()
        first = time.perf_counter() - begin
        marks = []
        for _ in range(WARM_UP):
            self.step(network, host)
            marks.append(self.device.mark())
        self.device.synchronize()
        one = self.device.between(marks[-2], marks[-1])
        count = min(MOST_STEPS, max(least_steps, int(seconds_each / max(one, 1e-6))))
        self.step(network, host)
        marks = [self.device.mark()]
        for _ in range(count):
            self.step(network, host)
            marks.append(self.device.mark())
        self.device.synchronize()
        seconds = [self.device.between(a, b) for a, b in zip(marks, marks[1:])]
        return {"micro_batch": n, "first_seconds": first, "seconds": seconds, **self.device.memory()}

    def drop_gradients(self):
        self.optimizer.zero_grad(set_to_none=True)


def attempt(training, n, *how_long):
    """The measurement, or why there is none; and whether memory was the reason."""
    try:
        return training.measure(n, *how_long), False
    except torch.OutOfMemoryError as e:
        return {"micro_batch": n, "refused": "does not fit: " + first_line(e)}, True
    except Exception as e:  # a compiler that is missing, for example: what was measured before counts
        memory = "out of memory" in str(e).lower()  # met while compiling
        return {"micro_batch": n, "refused": f"{type(e).__name__}: {first_line(e)}"}, memory


def first_line(e):
    return (str(e).strip().splitlines() or ["no reason given"])[0]


def say(line):
    print(json.dumps(line), flush=True)


def main():
    with open(sys.argv[1]) as file:
        case = json.load(file)
    torch.manual_seed(0)
    device = Device(case["device"])
    torch.backends.cudnn.benchmark = case["autotune"]
    torch.set_float32_matmul_precision("high" if case["step"]["dtype"] == "bfloat16" else "highest")
    torch.backends.cudnn.allow_tf32 = case["step"]["dtype"] == "bfloat16"
    training = Training(case, device)
    say({
        "device": device.name(), "versions": device.versions(training.compiled),
        "parameters": sum(p.numel() for p in training.parameters), "forward_flops": training.forward_flops(),
    })
    too_large, longest = None, 0.0
    for n in case["micro_batches"]:
        begin = time.perf_counter()
        if too_large is not None and n > too_large:
            continue
        left = case["budget_seconds"] - (begin - START)
        if longest and LONGER * longest > left:
            say({"micro_batch": n, "refused": f"no time: {left:.0f} s are left, and one before took {longest:.0f}"})
            break
        device.forget()
        line, memory = attempt(training, n, case["least_steps"], case["seconds_each"])
        say(line)
        training.drop_gradients()
        if memory:
            too_large = n
        longest = max(longest, time.perf_counter() - begin)


main()
