"""The pages of the documentation, taken apart: fenced blocks, code spans, tables, sections."""

import re


def blocks(page: str, language: str = "") -> list[str]:
    """The fenced blocks of one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)


def spans(text: str) -> list[str]:
    """What stands between backticks in running text and tables."""
    return re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL))


def tables(page: str) -> dict[str, list[list[str]]]:
    """The rows of every table by the name of its first column; cells as written. Doubled names are joined."""
    found: dict[str, list[list[str]]] = {}
    for head, body in re.findall(r"^(\|.*\|)\n\|[-| ]+\|\n((?:\|.*\|\n)+)", page, re.MULTILINE):
        found.setdefault(cells(head)[0], []).extend(cells(line) for line in body.splitlines())
    return found


def cells(line: str) -> list[str]:
    """The cells of a line of a table."""
    return [cell.strip() for cell in line.strip("|").split("|")]


def section(page: str, heading: str) -> str:
    """What stands under a heading, up to the next of its rank or a higher one."""
    rank = heading.split(" ", maxsplit=1)[0]
    lines = page.split(f"\n{heading}\n", 1)[1].split("\n")
    ends = (number for number, line in enumerate(lines) if re.match(rf"#{{1,{len(rank)}}} ", line))
    return "\n".join(lines[: next(ends, None)]) + "\n"
