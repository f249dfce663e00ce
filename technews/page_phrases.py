"""What pages that are no article say, in English, French and Chinese: whole titles, and phrases of their text."""

import re
from typing import Final


def _either(*alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(alternatives), re.IGNORECASE | re.DOTALL)


NOT_FOUND_TITLE: Final = _either(
    r"(?:error |erreur |http )?4(?:04|10)(?: error| not found| gone| page|页面|頁面)?",
    r"(?:oops,? |sorry,? )?(?:the |this |that |your )?(?:page|article|content|story|url|file) (?:was |is |could |can)?"
    r"(?:not found|not be found|n[o']t (?:be )?found|no longer available|unavailable|missing)",
    r"(?:the |this |that )?(?:page|article|story) (?:does not|doesn['’]t|no longer) exists?",
    r"not found",
    r"(?:we )?(?:can['’]t|cannot|couldn['’]t) find (?:that|the|this) page",
    r"(?:oups,? |désolé,? )?(?:la |cette |cet )?(?:page|article|contenu)(?: demandée?)? (?:est )?"
    r"(?:introuvable|non trouvée?|inexistante?|indisponible|n['’]existe (?:pas|plus)|n['’]est plus disponible)",
    r"(?:抱歉，?|对不起，?|很抱歉，?)?(?:您|你)?(?:要|所)?(?:访问|查找|请求|浏览|查看|訪問)?的?"
    r"(?:页面|网页|文章|内容|頁面|網頁|內容)"
    r"(?:不存在|未找到|没有找到|找不到了?|已删除|已被删除|已失效|已下线|走丢了|不見了|已刪除)",
    r"(?:找不到|未找到)(?:该|此|您要的)?(?:页面|网页|頁面|網頁)",
    r"出错了|页面出错|錯誤頁面",
)
NOT_FOUND_TEXT: Final = _either(
    r"\bpage (?:that )?(?:you(?:['’]re| are| were)? (?:looking for|requested|tried)|requested)"
    r".{0,80}(?:not|n['’]t|no longer|moved|removed|deleted)",
    r"\b(?:can['’]t|cannot|could ?n['’]t|could not) find (?:the|that|this) page",
    r"\bla page (?:que vous|demandée|recherchée).{0,80}(?:pas|plus|introuvable|déplacée|supprimée)",
    r"(?:访问|查找|请求|浏览|查看)的(?:页面|网页|文章|内容).{0,10}(?:不存在|删除|找不到|失效)",
)
LOGIN_TITLE: Final = _either(
    r"(?:please )?(?:log|sign)[ -]?in(?: to (?:your account|continue|read))?",
    r"(?:sign|log)[ -]?in or (?:sign[ -]?up|register)",
    r"sign[ -]?up|register|(?:member |subscriber |account )?login",
    r"(?:create|my) (?:an |your )?account",
    r"(?:me |se )?connect(?:er|ez-vous)|connexion|identifi(?:ez-vous|cation)|s['’]identifier",
    r"(?:mon|créer un) compte|inscription|espace abonnés?",
    r"(?:用户|会员|账号|帐号|統一|统一)?(?:登录|登錄|登入|登陆)(?:页面|注册)?|(?:用户)?注册",
)
LOGIN_TEXT: Final = _either(
    r"\b(?:log|sign) ?in\b|\bpassword\b",
    r"connect(?:er|ez)|mot de passe",
    r"登录|登入|登陆|密码|密碼",
)
# Lines that stand where a text ends for those who do not pay.
PAYWALL_LINE: Final = _either(
    r"(?:this |the )?(?:article|story|content|post)(?: is)? (?:only )?(?:for|available to|reserved for|exclusive to)"
    r" (?:paid |paying |our )?(?:subscribers|members)(?: only)?",
    r"(?:please )?(?:subscribe|become a (?:member|subscriber)|sign up|upgrade)(?: now| today)? (?:to|and)"
    r" (?:continue|keep|read|finish|unlock|get (?:full )?access)",
    r"(?:to )?(?:continue|keep) reading(?: this (?:article|story))?,? (?:subscribe|become|start your)",
    r"(?:cet |ce |la |l['’])?(?:article|contenu|suite) (?:est )?(?:réservée?|accessible)"
    r" (?:uniquement )?aux (?:seuls )?abonné",
    r"il vous reste \d+ ?% de (?:cet|l['’]) ?article",
    r"(?:abonnez-vous|s['’]abonner) pour (?:lire|continuer|accéder|poursuivre)",
    r"(?:本文|此文|该文|以下内容|剩余内容|本篇文章).{0,6}(?:付费|付費|会员|會員|订阅|訂閱)",
    r"(?:订阅|訂閱|付费|付費|购买|購買|成为会员|开通会员).{0,6}(?:后|後|以|即可|继续|繼續).{0,6}(?:阅读|閱讀|解锁|解鎖|查看)",
)
CONSENT_TITLE: Final = _either(
    r"before you continue(?: to .{1,40})?|avant de continuer(?: vers .{1,40})?|继续之前",
    r"we (?:value|respect|care about) your privacy|(?:nous respectons )?votre vie privée(?: nous importe)?",
    r"(?:your )?(?:privacy|cookies?|consent) (?:consent|settings|preferences|choices|options|notice|wall)",
    r"(?:cookie )?consent|consentement",
    r"(?:vos |gestion des )?(?:choix|préférences|paramètres)(?: des| de| sur les)? cookies",
    r".{0,40}\bwith (?:ads|advertising)",
    r"(?:隐私|cookie)(?:设置|偏好|声明|选项)",
)
# One pattern a thing said: what counts is how many different ones a text has, and how densely they stand.
CONSENT_PHRASES: Final = (
    _either(
        r"accept (?:all|(?:the |our )?(?:use of )?cookies)",
        r"tout accepter|accepter (?:et|les|tous)",
        r"接受(?:全部|所有)|同意并继续|接受.{0,4}cookie",
    ),
    _either(r"(?:reject|decline|refuse) all|without accepting", r"tout refuser|sans accepter", r"拒绝(?:全部|所有)"),
    _either(
        r"manage (?:my |your )?(?:settings|preferences|options|choices|cookies)|more options",
        r"(?:paramétrer|personnaliser|gérer) (?:mes|vos|les) ",
        r"管理(?:偏好|设置|选项)|更多选项",
    ),
    _either(
        r"privacy (?:policy|statement|notice)|cookie policy",
        r"politique de (?:confidentialité|cookies)",
        r"隐私(?:政策|权政策|声明)",
    ),
    _either(
        r"personali[sz]ed (?:ads?|advertis|content)",
        r"(?:publicités?|contenus?) personnalisé",
        r"个性化(?:广告|内容)",
    ),
    _either(r"(?:our|and|with) (?:\d+ )?(?:third-party )?partners", r"nos (?:\d+ )?partenaires", r"合作伙伴"),
    _either(r"legitimate interest", r"intérêts? légitimes?", r"合法(?:权益|利益)"),
    _either(
        r"(?:withdraw|changed?) (?:your (?:consent|choices?|mind) )?(?:at )?any ?time|withdraw your consent",
        r"(?:retirer|modifier) (?:votre|vos) (?:consentement|choix)|à tout moment",
        r"撤回.{0,6}同意|随时(?:更改|撤回)",
    ),
    _either(r"with(?:out)? (?:ads|advertising|tracking)\b", r"(?:avec|sans) publicité", r"无广告"),
    _either(r"store and/or access", r"stocker et/ou accéder", r"存储和/或访问"),
    _either(
        r"continue to (?:the |our )?(?:site|website|page)|to continue reading",
        r"continuer vers|poursuivre votre (?:navigation|lecture)",
        r"继续(?:访问|浏览)",
    ),
)
