"""How fast other readers are over the same real pages: newspaper4k and news-please, each in an environment of its own.

Usage: python -m benchmarks.others [PAGES] [FOLDER]      (default: 117 pages of ../shared/data)

The environments are made by uv in a temporary folder and taken away again; neither library is a dependency of ours.
Each reader gets text and metadata of every page in one process; compared is processor time, start-up left out.
"""

import gzip
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

READERS = ("trafilatura", "trafilatura with metadata", "technews", "newspaper4k", "news-please")
OF_OTHERS = READERS[3:]
Read = Callable[[bytes, str], object]


def reader(name: str) -> Read:
    """What reads a page's body, as that library's users call it. Imported where it is installed."""
    if name == "newspaper4k":
        import newspaper

        def read(body: bytes, url: str) -> object:
            article = newspaper.Article(url, fetch_images=False)
            article.download(input_html=body.decode("utf-8", "replace"))
            article.parse()
            return article.text

        return read
    if name == "news-please":
        from newsplease import NewsPlease

        return lambda body, url: NewsPlease.from_html(body.decode("utf-8", "replace"), url=url, fetch_images=False)
    if name == "technews":
        from technews.extraction import describe

        now = datetime.now(UTC)
        return lambda body, url: describe(body, url, now=now)
    import trafilatura

    if name == "trafilatura":
        return lambda body, _: trafilatura.extract(body)
    return lambda body, url: trafilatura.bare_extraction(body, url=url, with_metadata=True)


def pages(count: int, folder: Path) -> list[tuple[bytes, str]]:
    """So many real pages with their addresses, taken evenly."""
    rows = [json.loads(line) for line in (folder / "pages" / "index.jsonl").read_text(encoding="utf-8").splitlines()]
    chosen = rows[:: max(len(rows) // count, 1)][:count]
    return [(gzip.decompress((folder / row["path"]).read_bytes()), row["url"]) for row in chosen]


def measure(name: str, count: int, folder: Path) -> None:
    """Prints what a page takes, and on how many the reader gave up."""
    read, given = reader(name), pages(count, folder)
    failed = 0
    for body, url in given[:5]:  # what is loaded with the first pages is no page's cost
        failed += not _works(read, body, url)
    failed, begun = 0, time.process_time()
    for body, url in given:
        failed += not _works(read, body, url)
    print(json.dumps({"ms": 1000 * (time.process_time() - begun) / len(given), "failed": failed}))


def _works(read: Read, body: bytes, url: str) -> bool:
    try:
        read(body, url)
    except Exception:  # noqa: BLE001 -- a page that it cannot read takes its time all the same
        return False
    return True


def environment(folder: Path, package: str) -> str:
    """The interpreter of a new environment with one package."""
    uv = str(Path(sys.executable).with_name("uv"))
    python = str(folder / "bin" / "python")
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, str(folder)], check=True)
    subprocess.run([uv, "pip", "install", "--quiet", "--python", python, package], check=True)
    return python


def main(count: int, folder: Path) -> None:
    """Prints a line a reader."""
    found: dict[str, dict[str, float]] = {}
    for name in READERS:
        with tempfile.TemporaryDirectory() as temporary:
            python = environment(Path(temporary), name) if name in OF_OTHERS else sys.executable
            command = [python, "-m", "benchmarks.others", "--child", name, str(count), str(folder)]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
        found[name] = json.loads(done.stdout.splitlines()[-1])
        ratio = found["trafilatura"]["ms"] / found[name]["ms"]
        print(
            f"{name:26s} {found[name]['ms']:7.1f} ms a page {ratio:6.2f} x trafilatura's speed, "
            f"{found[name]['failed']:.0f} pages given up",
            flush=True,
        )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        measure(sys.argv[2], int(sys.argv[3]), Path(sys.argv[4]))
    else:
        main(
            int(sys.argv[1]) if len(sys.argv) > 1 else 117,
            Path(sys.argv[2] if len(sys.argv) > 2 else "../shared/data"),
        )
