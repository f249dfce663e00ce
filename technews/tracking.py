"""Query parameters that only say how a reader came: dropping them leaves the same page.

A parameter that may select the page (`id`, `p`, `page`, `lang`, `mod`, `cid` …) is never listed. `ref`, `source`,
`src` and `from` are dropped only with a value that names a channel.
"""

from typing import Final

_PREFIXES: Final = (
    "utm_",
    "at_",
    "mc_",
    "pk_",
    "mtm_",
    "piwik_",
    "matomo_",
    "hsa_",
    "_hs",
    "__hs",
    "oly_",
    "vero_",
    "itm_",
    "wt_",
    "wt.",
    "ns_",
    "guce_",
    "yptr_",
    "stm_",
)
_NAMES: Final = frozenset(
    "fbclid gclid gclsrc dclid gbraid wbraid msclkid yclid ysclid twclid ttclid igshid igsh li_fat_id mkt_tok xtor "  # noqa: SIM905  a word a line would be 50 lines
    "cmpid cmp icid ncid ocid s_cid spm smid smtyp sr_share guccounter soc_src soc_trk taid sref ftcamp ftag mbid trk "
    "trkinfo __twitter_impression ref_src ref_url _ga _gl ga_source ga_medium ga_campaign echobox wickedid "
    "isappinstalled sharer_shareid sharer_sharetime __source rss_source origin_source hsctatracking".split()
)
_CHANNEL_NAMES: Final = frozenset({"ref", "source", "src", "from"})
_CHANNELS: Final = frozenset(
    "rss rss2 rssfeed rss_feed rss-feed feed feeds atom twitter facebook linkedin weibo wechat timeline groupmessage "  # noqa: SIM905  a word a line would be 20 lines
    "singlemessage newsletter email mail push homepage social share".split()
)


def is_tracking(name: str, value: str) -> bool:
    """Whether a query parameter (decoded) is known to track only."""
    name = name.lower()
    if name in _CHANNEL_NAMES:
        return value.lower() in _CHANNELS
    return name in _NAMES or name.startswith(_PREFIXES)
