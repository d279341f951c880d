"""Addresses of the pages: Vietnamese ones for citizens by default, English ones under /en."""

from typing import Final

from gateway.runtime.lookup_page import PATH
from schemas.vocabulary import Language

FORM: Final = {Language.VI: "/", Language.EN: "/en"}
RECEIVED: Final = {Language.VI: "/da-gui", Language.EN: "/en/received"}
LOOKUP: Final = PATH
RESULT: Final = {Language.VI: "/tra-cuu/ket-qua", Language.EN: "/en/lookup/result"}
FILE: Final = {Language.VI: "/tra-cuu/tep", Language.EN: "/en/lookup/file"}
"""Under the lookup's own path, where alone its cookie is sent."""

ADDITION: Final = {Language.VI: "/tra-cuu/bo-sung", Language.EN: "/en/lookup/add"}
OPERATOR: Final = {Language.VI: "/tong-dai", Language.EN: "/en/operator"}
LOGIN: Final = {Language.VI: "/tong-dai/dang-nhap", Language.EN: "/en/operator/login"}
LOGOUT: Final = {Language.VI: "/tong-dai/dang-xuat", Language.EN: "/en/operator/logout"}

ALL: Final = {
    "form": FORM,
    "received": RECEIVED,
    "lookup": LOOKUP,
    "result": RESULT,
    "addition": ADDITION,
    "operator": OPERATOR,
    "login": LOGIN,
    "logout": LOGOUT,
}


def language_of(path: str) -> Language:
    """The language of a page by its address."""
    return Language.EN if path == "/en" or path.startswith("/en/") else Language.VI


def both(name: str) -> tuple[str, str]:
    """The two addresses of a page."""
    return ALL[name][Language.VI], ALL[name][Language.EN]


def other(name: str, language: Language) -> str:
    """The same page in the other language."""
    return ALL[name][Language.VI if language is Language.EN else Language.EN]
