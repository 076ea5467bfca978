"""The Pillow side of `./kiln bench images --peer`: prepares picture files as a loader written with Pillow does.

Prints Pillow's version; then for every line of standard input, "plain" or "draft", the bucket's side and file names with tabs
between, prepares all files and prints the seconds. Files are read before the clock starts. Needs Pillow; nothing of Kiln does.
"""
import io
import sys
import time

import PIL
from PIL import Image, ImageOps


def prepare(data, side, draft):
    image = Image.open(io.BytesIO(data))
    if draft:
        image.draft("RGB", (2 * side, 2 * side))
    image = ImageOps.exif_transpose(image).convert("RGB")
    return ImageOps.fit(image, (side, side), Image.LANCZOS).tobytes()


def main():
    print(PIL.__version__, flush=True)
    cache = {}
    for line in sys.stdin:
        mode, side, *names = line.rstrip("\n").split("\t")
        for name in names:
            if name not in cache:
                with open(name, "rb") as file:
                    cache[name] = file.read()
        start = time.perf_counter()
        for name in names:
            prepare(cache[name], int(side), mode == "draft")
        print(time.perf_counter() - start, flush=True)


if __name__ == "__main__":
    main()
