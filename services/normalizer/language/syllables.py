"""Tells which words can be syllables of Vietnamese once their tones are gone."""

import re

_ONSET = r"(?:ngh(?=[ei])|ng(?![eiy])|nh|th|tr|ch|ph|kh|gh(?=[ei])|gi|qu|[bcdghklmnprstvx])?"
_RIMES = """
a ac ach ai am an ang anh ao ap at au ay e ec ech em en eng enh eo ep et eu i ia ich iec iem ien ieng iep iet ieu im in
inh ip it iu o oa oac oach oai oam oan oang oanh oao oap oat oay oc oe oen oeo oet oi om on ong ooc oong op ot u ua uan
uang uat uay uc ue uech uenh ui uia uich uinh um un ung uo uoc uoi uom uon uong uop uot uou up ut uu uy uya uych uyen
uyet uynh uyt uyu y yem yen yet yeu
"""
_SYLLABLE = re.compile(_ONSET + "(?:" + "|".join(sorted(_RIMES.split(), key=len, reverse=True)) + r")\Z")


def may_be_syllable(folded: str) -> bool:
    """Whether a folded word is built like a Vietnamese syllable; `deng` and `ren` are, `zhao` and `mei` are not."""
    return _SYLLABLE.match(folded) is not None
