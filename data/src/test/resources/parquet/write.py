"""Writes the files beside it, by pyarrow 25.0.1 (Arrow C++): python3 write.py"""

import datetime
import decimal
import struct
import zlib

import pyarrow as pa
import pyarrow.parquet as pq


def png(red, green, blue, side=8):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = (b"\0" + bytes([red, green, blue]) * side) * side
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


N = 12
image = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
pictures = pa.table(
    {
        "image": pa.array(
            [None if i == 5 else {"bytes": png(20 * i, 0, 255 - 20 * i), "path": f"{i}.png"} for i in range(N)], image
        ),
        "text": pa.array([None if i == 7 else f"caption {i} é" for i in range(N)]),
        "tags": pa.array([None if i % 4 == 3 else [f"t{j}" for j in range(i % 4)] for i in range(N)]),
        "score": pa.array([i / 4 for i in range(N)], pa.float32()),
        "size": pa.array([8 * i for i in range(N)], pa.uint16()),
        "when": pa.array([datetime.datetime(2024, 2, 29, 12, 0, i) for i in range(N)], pa.timestamp("ms")),
        "kind": pa.array(["a" if i % 2 else "b" for i in range(N)]).dictionary_encode(),
    }
)
for codec in ["none", "snappy", "gzip", "zstd", "lz4"]:
    pq.write_table(pictures, f"pictures-{codec}.parquet", compression=codec, row_group_size=5)
pq.write_table(
    pictures,
    "pictures-v2.parquet",
    compression="zstd",
    row_group_size=5,
    data_page_version="2.0",
    use_dictionary=False,
    column_encoding={
        "image.bytes": "DELTA_LENGTH_BYTE_ARRAY",
        "image.path": "DELTA_BYTE_ARRAY",
        "text": "DELTA_BYTE_ARRAY",
        "size": "DELTA_BINARY_PACKED",
        "score": "BYTE_STREAM_SPLIT",
    },
)
laion = pa.table(
    {
        "URL": [f"https://example.org/{i}.jpg" for i in range(6)] + [None],
        "TEXT": ["one", "two", "three", "four", None, "six", "seven"],
        "WIDTH": pa.array([100 + i for i in range(7)], pa.int32()),
        "hash": pa.array([-5, 6, 7, 8, 9, 10, 11], pa.int64()),
        "pwatermark": pa.array([0.1, 0.6, 0.59, None, 0.2, 0.3, 0.1], pa.float32()),
        "punsafe": pa.array([0.5, 0.1, 1.0, 0.1, 0.1, None, 0.1], pa.float32()),
    }
)
pq.write_table(laion, "laion.parquet")

types = pa.table(
    {
        "image": [png(1, 2, 3)],
        "caption": pa.array([["first", "second"]], pa.list_(pa.string())),
        "decimal": pa.array([decimal.Decimal("-12.340")], pa.decimal128(20, 3)),
        "small": pa.array([decimal.Decimal("1.5")], pa.decimal128(5, 1)),
        "date": pa.array([datetime.date(2024, 2, 29)]),
        "time": pa.array([datetime.time(1, 2, 3, 450000)], pa.time64("us")),
        "half": pa.array([0.25], pa.float16()),
        "nan": pa.array([float("nan")]),
        "yes": pa.array([True]),
        "unsigned": pa.array([2**64 - 1], pa.uint64()),
        "bytes": pa.array([b"\xff\x00"]),
        "map": pa.array([[("a", 1), ("b", 2)]], pa.map_(pa.string(), pa.int32())),
        "boxes": pa.array([[{"x": 1, "y": None}, {"x": 2, "y": [3.5]}]], pa.list_(pa.struct([("x", pa.int8()), ("y", pa.list_(pa.float64()))]))),
        "uuid": pa.array([bytes(range(16))], pa.binary(16)).cast(pa.uuid()) if hasattr(pa, "uuid") else None,
        "nothing": pa.array([None], pa.int32()),
    }
)
pq.write_table(types, "types.parquet", compression="snappy")
old = pa.table({"image": [png(1, 2, 3)], "text": ["t"], "when": pa.array([datetime.datetime(2024, 2, 29, 12, 0, 1)], pa.timestamp("ns"))})
pq.write_table(old, "int96.parquet", use_deprecated_int96_timestamps=True)
