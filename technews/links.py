"""Which entries somebody means who types an id or an address: http or https, with or without what only tracks."""

from typing import Any
from urllib.parse import urlsplit

from technews.addresses import identity, without_user
from technews.warehouse import Warehouse


def named(store: Warehouse, name: str) -> dict[str, Any]:
    """Parameters for files of `sql/` that find entries: the name itself, and what it is as an address.

    `identity` is the page's (see `addresses.identity`), and `links` those of entries that lead to it, as written there.
    User names count for nothing: they are not stored.
    """
    name = without_user(name)
    page = identity(name)
    rows = store.rows("reports/links_of_host", host=urlsplit(page).hostname) if page else []
    return {"name": name, "identity": page, "links": [name, *(r["url"] for r in rows if identity(r["url"]) == page)]}
