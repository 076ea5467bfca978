"""Makes the files of data/src/test/resources/golden-pictures with Pillow: pictures in all modes and what they show as RGB over white,
pictures in all orientations, and Lanczos resizes.

    python bench/peers/picture_goldens.py data/src/test/resources/golden-pictures

cases.json lists them. An expected picture is a plain 8-bit RGB PNG. Needs Pillow; nothing of Kiln does.
"""
import json
import math
import pathlib
import random
import struct
import sys
import zlib

import PIL
from PIL import Image, ImageOps

HEIGHT, WIDTH = 33, 46


def scene(height, width, seed=0):
    """Ramps, a disc with a hard edge, thin lines and some noise."""
    rng = random.Random(seed)
    image = Image.new("RGB", (width, height))
    for y in range(height):
        for x in range(width):
            r, g, b = 255 * x // width, 255 * y // height, 128 + 127 * math.sin((x + 2 * y) / 7)
            if (x - width / 3) ** 2 + (y - height / 2) ** 2 < (min(height, width) / 4) ** 2:
                r, g, b = 255 - r, 20, 240
            if (x + y) % 13 == 0:
                r, g, b = 255, 255, 255
            if x % 17 == 3:
                r, g, b = 0, 0, 0
            n = rng.randrange(-12, 13)
            image.putpixel((x, y), tuple(int(min(255, max(0, v + n))) for v in (r, g, b)))
    return image


def smooth(height, width):
    """What lossy formats keep well, and what has no symmetry."""
    image = Image.new("RGB", (width, height))
    for y in range(height):
        for x in range(width):
            image.putpixel((x, y), (40 + 180 * x // width, 30 + 200 * y // height, 200 - 150 * x * y // (width * height)))
    return image


def opacity(height, width):
    image = Image.new("L", (width, height))
    for y in range(height):
        for x in range(width):
            image.putpixel((x, y), 0 if x < 5 else 255 if x > width - 6 else 255 * (x + y) // (width + height))
    return image


def on_white(image):
    rgba = image.convert("RGBA")
    white = Image.new("RGBA", rgba.size, (255, 255, 255, 255))
    return Image.alpha_composite(white, rgba).convert("RGB")


def png(path, width, height, depth, colour_type, rows, extra=b"", interlace=0):
    """Kinds that Pillow does not write."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, depth, colour_type, 0, 0, interlace)
    data = b"".join(b"\0" + row for row in rows)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + chunk(b"IDAT", zlib.compress(data, 9)) + chunk(b"IEND", b""))


def modes(folder):
    base, even, alpha = scene(HEIGHT, WIDTH), smooth(HEIGHT, WIDTH), opacity(HEIGHT, WIDTH)
    rgba = base.copy()
    rgba.putalpha(alpha)
    grey = base.convert("L")
    la = Image.merge("LA", (grey, alpha))
    palette = base.quantize(64)
    two = base.convert("1")
    cases = []

    def add(name, image, expected, tolerance, mean, **options):
        image.save(folder / name, **options)
        keep(name, expected, tolerance, mean)

    def keep(name, expected, tolerance, mean):
        shown = name.replace(".", "-") + ".expected.png"
        expected.save(folder / shown, optimize=True)
        cases.append({"file": name, "expected": shown, "tolerance": tolerance, "mean": mean})

    add("rgb.png", base, base, 0, 0)
    add("rgba.png", rgba, on_white(rgba), 1, 0.5)
    add("grey.png", grey, grey.convert("RGB"), 0, 0)
    add("grey-alpha.png", la, on_white(la), 1, 0.5)
    add("palette.png", palette, palette.convert("RGB"), 0, 0)
    add("one-bit.png", two, two.convert("RGB"), 0, 0)
    few = base.quantize(13)
    add("four-bit-palette.png", few, few.convert("RGB"), 0, 0, bits=4)
    clear = base.quantize(16)
    add("palette-clear.png", clear, on_white(Image.open(save(clear, folder / "palette-clear.png", transparency=3))), 0, 0,
        transparency=3)
    wide = [b"".join(struct.pack(">HHH", *(257 * v for v in base.getpixel((x, y)))) for x in range(WIDTH)) for y in range(HEIGHT)]
    png(folder / "rgb16.png", WIDTH, HEIGHT, 16, 2, wide)
    keep("rgb16.png", base, 0, 0)
    wide = [b"".join(struct.pack(">H", 257 * grey.getpixel((x, y))) for x in range(WIDTH)) for y in range(HEIGHT)]
    png(folder / "grey16.png", WIDTH, HEIGHT, 16, 0, wide)
    keep("grey16.png", grey.convert("RGB"), 0, 0)
    wide = [b"".join(struct.pack(">HHHH", *(257 * v for v in rgba.getpixel((x, y)))) for x in range(WIDTH)) for y in range(HEIGHT)]
    png(folder / "rgba16.png", WIDTH, HEIGHT, 16, 6, wide)
    keep("rgba16.png", on_white(rgba), 1, 0.5)
    key = base.getpixel((9, 9))
    rows = [b"".join(bytes(base.getpixel((x, y))) for x in range(WIDTH)) for y in range(HEIGHT)]
    trns = struct.pack(">HHH", *key)
    trns = struct.pack(">I", len(trns)) + b"tRNS" + trns + struct.pack(">I", zlib.crc32(b"tRNS" + trns))
    png(folder / "rgb-key.png", WIDTH, HEIGHT, 8, 2, rows, extra=trns)
    keep("rgb-key.png", on_white(Image.open(folder / "rgb-key.png")), 0, 0)

    for name, image, options in (
        ("colour.jpg", even, {}),
        ("colour-444.jpg", even, {"subsampling": 0}),
        ("progressive.jpg", even, {"progressive": True}),
        ("grey.jpg", even.convert("L"), {}),
        ("cmyk.jpg", cmyk(even), {}),
    ):
        image.save(folder / name, quality=92, **options)
        keep(name, Image.open(folder / name).convert("RGB"), 6, 1.5)
    add("palette.gif", palette, palette.convert("RGB"), 0, 0)
    add("animated.gif", palette, palette.convert("RGB"), 0, 0, save_all=True, append_images=[few, clear], duration=50)
    add("lossless.webp", base, base, 0, 0, lossless=True)
    add("rgba-lossless.webp", rgba, on_white(rgba), 1, 0.5, lossless=True, exact=True)
    even.save(folder / "lossy.webp", quality=90)
    keep("lossy.webp", Image.open(folder / "lossy.webp").convert("RGB"), 12, 2.5)
    add("animated.webp", base, base, 0, 0, lossless=True, save_all=True, append_images=[even], duration=50)
    add("rgb.tif", base, base, 0, 0, compression="tiff_lzw")
    add("rgba.tif", rgba, on_white(rgba), 1, 0.5, compression="tiff_deflate")
    add("cmyk.tif", cmyk(base), cmyk(base).convert("RGB"), 1, 0.5)
    add("palette.tif", palette, palette.convert("RGB"), 1, 1)  # the file has 16 bits per colour, the JDK rounds them down
    add("rgb.bmp", base, base, 0, 0)
    return cases


def save(image, path, **options):
    image.save(path, **options)
    return path


def cmyk(image):
    """With black ink, which Pillow's own conversion does not use."""
    out = Image.new("CMYK", image.size)
    for y in range(image.height):
        for x in range(image.width):
            c, m, k = (255 - v for v in image.getpixel((x, y)))
            black = min(c, m, k) // 2
            out.putpixel((x, y), (c - black, m - black, k - black, black))
    return out


def orientations(folder):
    even = smooth(24, 40)
    cases = []
    for value in range(1, 9):
        exif = Image.Exif()
        exif[0x112] = value
        for kind, options in (("jpg", {"quality": 95}), ("png", {}), ("webp", {"lossless": True}), ("tif", {})):
            name = f"orientation-{value}.{kind}"
            even.save(folder / name, exif=exif, **options)
            cases.append({"file": name, "orientation": value})
        turned = Image.open(folder / f"orientation-{value}.png")
        ImageOps.exif_transpose(turned).save(folder / f"orientation-{value}.expected.png", optimize=True)
    return cases


def resizes(folder):
    source = scene(HEIGHT * 3, WIDTH * 3, 1)
    source.save(folder / "resize.png", optimize=True)
    height, width = source.height, source.width
    cases = []
    for index, (h, w, box) in enumerate((
        (32, 32, None), (50, 69, None), (99, 40, None), (20, 138, None), (150, 200, None), (7, 5, None), (1, 1, None),
        (40, 40, (10.5, 3.25, 80.75, 90.5)), (64, 48, (0, 20, width, 79)), (60, 60, (100, 60, width, height)),
    )):
        name = f"resize-{index}.expected.png"
        source.resize((w, h), Image.LANCZOS, box=box).save(folder / name, optimize=True)
        left, top, right, bottom = box or (0, 0, width, height)
        cases.append({"expected": name, "height": h, "width": w, "region": [top, left, bottom, right]})
    crops = []
    for index, (h, w) in enumerate(((32, 32), (64, 32), (24, 72))):
        name = f"crop-{index}.expected.png"
        ImageOps.fit(source, (w, h), Image.LANCZOS).save(folder / name, optimize=True)
        crops.append({"expected": name, "height": h, "width": w})
    return cases, crops


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    resized, cropped = resizes(folder)
    cases = {
        "pillow": PIL.__version__,
        "modes": modes(folder),
        "orientations": orientations(folder),
        "resizes": {"file": "resize.png", "cases": resized},
        "crops": {"file": "resize.png", "cases": cropped},
    }
    (folder / "cases.json").write_text(json.dumps(cases, indent=1) + "\n")


if __name__ == "__main__":
    main()
