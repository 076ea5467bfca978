"""Writes data/src/test/resources/golden-clip: small CLIP tokenizers, and what transformers' CLIPTokenizer makes of many texts.

Usage: python clip_tokenizer.py FOLDER [FUZZ]    (transformers 5; FUZZ = number of random texts, 120 unless told)

The vocabulary is learned here, from the sentences below. Folders: `eos` pads with the end token, as Stable Diffusion 1 does;
`exclamation` pads with "!", as Stable Diffusion 2 does; `added` has one more token and is saved as the one tokenizer.json of
transformers 5; `small` has no tokens for most bytes. cases.json holds, for each folder and text, the ids without limit.
"""

import collections
import json
import pathlib
import random
import sys
import unicodedata

from transformers import CLIPTokenizer

CORPUS = """a photograph of the cat on the mat, the dog's bone isn't there and they'll walk they've been walking we're where
an oil painting of the castle in the evening light, highly detailed, trending, the quick brown fox jumps over the lazy dog
Ein Bild von der schönen Straße über den Häusern größer als das ganze Gebäude
une photographie d'une forêt où l'été naît, déjà vu, garçon ça
фотография кошки на столе, в стиле старого мастера, кошка и собака
η γάτα στο σπίτι της θάλασσας και ο σκύλος
一只猫坐在桌子上 一只狗 桌子上的猫
猫がテーブルの上に座っている ネコ テーブル
고양이가 탁자 위에 앉아 있다 고양이
قطة تجلس على الطاولة القطة
एक बिल्ली मेज पर बैठी है बिल्ली
🙂🙂 🎨🎨 👩‍🎨 !! !!! ... --- ((( )))""".split("\n")

TEXTS = [
    "", " ", "\n\t ", "the cat", "The CAT and the Dog", "a photograph of the cat on the mat, highly detailed", "hello!", "! !! !!!",
    "don't we're they've I'm it'll he'd dog's DON'T 's 'S ''s '", "rock 'n' roll ’twas isn’t", "3.14159 + 42 = ?", "１２３ Ⅷ ½ ² ①",
    "Straße STRASSE ẞ ß", "ΟΔΥΣΣΕΥΣ ΣΑΣ. Σ", "İstanbul IĞDIR ı", "ǅ ǈ ﬁ ﬀ ŉ", "e\u0301te\u0301 été", "a\u0323\u0302\u0301 ậ́", "한국어 \u1112\u1161\u11ab",
    "\u212b \u2126 \u00c5", "一只猫坐在桌子上", "猫がテーブルの上に座っている", "ｶﾞ ガ", "고양이가 탁자 위에", "قطة تجلس على الطاولة", "שלום עולם",
    "एक बिल्ली मेज पर", "แมวนั่งบนโต๊ะ", "кошка и СОБАКА", "🙂", "👩‍🎨👩🏽‍🚀🏳️‍🌈", "a🙂b", "x\u00a0y\u2003z\u3000w\u1680v\u2028u\u0085t\u000bs",
    "x\u200by\u180ez\ufeffw\u2060v", "a\u0000b\u0007c\u001cd\u007fe\u00ade", "snake_case camelCase kebab-case a/b\\c", "<cat> <|cat|> [CLS] </w> <unk>",
    "a<|endoftext|>b", "a <|startoftext|> b", "<|ENDOFTEXT|>", "<|EndOfText|>!!", "!!<|endoftext|>!!", "<|endoftext|", "<kiln> style <KILN>, a<kiln>b",
    "ﷺ ﷽", "Ǆ ᾈ ῼ Ὠ Ⴀ Ა ꭰ", "𝐀𝐁𝐂 𝟘𝟙 𐐀𐐁", "a" * 40, "ab" * 30, "the " * 40, "猫" * 30, "🙂" * 12, "é" * 35, "\u0301 \u0301a",
    "((masterpiece)), [best quality:1.2], {a|b}", "100% $5 €7 №8", "…—–“quoted”«x»", "A  Photograph of the " + "Castle!,\t" * 60 + "<|endoftext|>",
    "猫🙂e\u0301" * 40, "z\u0323\u0302\u0301 " * 60, "ZW\u200dJ \ufe0f", "\U0001f1e9\U0001f1ea",
]


def letters():
    printable = [*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = iter(range(256, 512))
    return [chr(b if b in printable else next(others)) for b in range(256)]


LETTERS = letters()


def learn(count):
    """The `count` most frequent pairs, learned greedily; ties go to the first in the alphabet."""
    words = collections.Counter(word.lower() for line in CORPUS for word in line.split())
    spelled = {w: [LETTERS[b] for b in w.encode()][:-1] + [LETTERS[w.encode()[-1]] + "</w>"] for w in words}
    merges = []
    while len(merges) < count:
        pairs = collections.Counter()
        for word, parts in spelled.items():
            for pair in zip(parts, parts[1:]):
                pairs[pair] += words[word]
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        merges.append(best)
        for parts in spelled.values():
            i = 0
            while i + 1 < len(parts):
                if (parts[i], parts[i + 1]) == best:
                    parts[i : i + 2] = ["".join(best)]
                i += 1
    return merges


def write(folder, merges, symbols, pad, unknown="<|endoftext|>", length=77):
    folder.mkdir(parents=True, exist_ok=True)
    vocab = {token: i for i, token in enumerate([*symbols, *map("".join, merges)])}
    for token in (unknown, "<|startoftext|>", "<|endoftext|>"):
        vocab.setdefault(token, len(vocab))
    dump(folder / "vocab.json", vocab)
    (folder / "merges.txt").write_text("#version: 0.2\n" + "".join(" ".join(m) + "\n" for m in merges))
    flags = {"lstrip": False, "normalized": True, "rstrip": False, "single_word": False}
    tokens = {"bos_token": "<|startoftext|>", "eos_token": "<|endoftext|>", "unk_token": unknown}
    named = {role: {"content": content, **flags} for role, content in tokens.items()}
    dump(folder / "special_tokens_map.json", {**named, "pad_token": pad})
    typed = {role: {"__type": "AddedToken", **token} for role, token in named.items()}
    rest = {"pad_token": pad, "model_max_length": length, "do_lower_case": True, "errors": "replace", "add_prefix_space": False}
    dump(folder / "tokenizer_config.json", {**typed, **rest, "tokenizer_class": "CLIPTokenizer"})


def dump(path, value):
    path.write_text(json.dumps(value, ensure_ascii=True, indent=None, separators=(",", ":")) + "\n")


def random_texts(count):
    """Of characters that exist since Unicode 12, so that it does not matter whose tables are newer."""
    rng = random.Random(1)
    old = [c for c in range(0x20, 0x1FFFF) if unicodedata.ucd_3_2_0.category(chr(c)) not in ("Cn", "Cs", "Co")]
    near = [*range(0x20, 0x250), *range(0x300, 0x370)]
    for _ in range(count):
        pick = rng.choice([old, near, list(range(0x20, 0x7F))])
        yield "".join(chr(rng.choice(pick)) for _ in range(rng.randrange(1, 20)))


def main():
    target = pathlib.Path(sys.argv[1])
    fuzz = int(sys.argv[2]) if len(sys.argv) > 2 else 120
    merges = learn(300)
    symbols = [*LETTERS, *(letter + "</w>" for letter in LETTERS)]
    write(target / "eos", merges, symbols, "<|endoftext|>")
    write(target / "exclamation", merges, symbols, "!", length=20)
    write(target / "added", merges, symbols, "!")
    saved = CLIPTokenizer.from_pretrained(target / "added")
    saved.add_tokens(["<kiln>"])
    for file in (target / "added").iterdir():
        file.unlink()
    saved.save_pretrained(target / "added")
    few = [c + end for c in "abcdehnot!<|>" for end in ("", "</w>")]
    write(target / "small", [("t", "h"), ("th", "e</w>")], few, "<unk>", unknown="<unk>")
    texts = [*TEXTS, *random_texts(fuzz)]
    ids = {}
    for folder in ("eos", "exclamation", "added", "small"):
        tokenizer = CLIPTokenizer.from_pretrained(target / folder, local_files_only=True)
        ids[folder] = [tokenizer(text).input_ids for text in texts]
    dump(target / "cases.json", {"texts": texts, "ids": ids})


if __name__ == "__main__":
    main()
