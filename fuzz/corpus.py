"""Fills `fuzz/corpus` with the committed models: whole files, and the parts of archives."""

import hashlib
import zipfile
from pathlib import Path

HERE = Path(__file__).parent


def put(target, content):
    folder = HERE / "corpus" / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / hashlib.sha1(content).hexdigest()).write_bytes(content)


for path in sorted((HERE.parent / "tests").rglob("*")):
    if path.suffix in [".h5", ".keras"]:
        put("keras", path.read_bytes())
    if path.suffix == ".keras":
        with zipfile.ZipFile(path) as archive:
            put("keras_config", archive.read("config.json"))
            put("keras_weights", archive.read("model.weights.h5"))
