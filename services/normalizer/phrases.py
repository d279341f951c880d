"""Finds the phrases of a lexicon in a text that was read: leftmost, longest, tones respected where they are written."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from gateway.domain.vietnamese import fold
from services.normalizer.reading import Reading, Word, form_of, key_of

_FORGIVING = 3
"""From this many words on a phrase is still understood with one wrong tone."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase of the lexicon as written in the data.

    A leading `=` asks for written tones (the phrase means something else without them); a leading `~` lets a single
    word match without tones, which single words otherwise never do when they carry any.
    """

    written: str
    tag: str
    forms: tuple[str, ...]
    keys: tuple[str, ...]
    exact: bool
    loose: bool
    in_company: bool

    def fits(self, words: Sequence[Word]) -> bool:
        """Whether these words, equal in form, may be this phrase by their tones."""
        if not words[0].toned_line:
            if self.exact:
                return False
            return len(words) > 1 or self.loose or self.in_company or self.keys[0] == self.forms[0] + "0"
        wrong = bare = 0
        if words[0].key not in (self.keys[0], self.forms[0] + "0"):
            return False  # What it begins with is another word: `chạy rần rần` is no `cháy rần rần`.
        for word, key in zip(words, self.keys, strict=True):
            if word.key == key:
                continue
            if word.key == word.form + "0":
                bare += 1
            else:
                wrong += 1
        if self.exact:
            return not wrong and not bare
        if bare == len(words) and not self.loose:
            return False
        return not wrong or (len(words) >= _FORGIVING and wrong == 1 and not bare)


class Hit(NamedTuple):
    """A phrase found; word numbers, `last` exclusive."""

    phrase: Phrase
    first: int
    last: int


@dataclass(slots=True)
class _Node:
    after: dict[str, "_Node"] = field(default_factory=dict)
    here: list[Phrase] = field(default_factory=list)


def phrase(written: str, tag: str, *, in_company: bool = False) -> Phrase:
    """Compile one phrase; `tag` says what it stands for."""
    plain = written.lstrip("=~").strip()
    words = plain.split()
    return Phrase(
        plain,
        tag,
        tuple(form_of(fold(word)) for word in words),
        tuple(key_of(word) for word in words),
        written.startswith("="),
        written.startswith("~"),
        in_company,
    )


class PhraseIndex:
    """A tree of phrases by word; immutable once built."""

    def __init__(self, phrases: Iterable[Phrase]) -> None:
        """Take every phrase; several may share their words."""
        self._root = _Node()
        for one in phrases:
            node = self._root
            for form in one.forms:
                node = node.after.setdefault(form, _Node())
            node.here.append(one)

    def find(
        self, reading: Reading, masked: frozenset[int] = frozenset(), *, breaks: frozenset[int] = frozenset()
    ) -> list[Hit]:
        """Leftmost longest phrases, none overlapping another; phrases with the same words are all given.

        `masked` word numbers take part in no phrase; at `breaks` a phrase may begin but not go on.
        """
        words = reading.words
        found: list[Hit] = []
        first = 0
        roots = self._root.after
        while first < len(words):
            if first in masked or not _may_begin(roots.get(words[first].form), words, first):
                first += 1
                continue
            best = self._longest(words, first, masked, breaks)
            if best:
                found.extend(best)
                first = best[0].last
            else:
                first += 1
        return found

    def find_by_tag(self, reading: Reading, masked: frozenset[int] = frozenset()) -> list[Hit]:
        """Leftmost longest phrases of every tag by itself: phrases of two tags may share words; in order of words."""
        words = reading.words
        found: list[Hit] = []
        free: dict[str, int] = {}
        roots = self._root.after
        for first, word in enumerate(words):
            if first in masked or not _may_begin(roots.get(word.form), words, first):
                continue
            best: dict[str, list[Hit]] = {}
            for hits in self._ever_longer(words, first, masked):
                best.update(hits)
            for tag, hits_of_tag in best.items():
                if first >= free.get(tag, 0):
                    free[tag] = hits_of_tag[0].last
                    found.extend(hits_of_tag)
        return found

    def _longest(self, words: Sequence[Word], first: int, masked: frozenset[int], breaks: frozenset[int]) -> list[Hit]:
        best: list[Hit] = []
        for hits in self._ever_longer(words, first, masked, breaks):
            best = [one for each in hits.values() for one in each]
        return best

    def _ever_longer(
        self, words: Sequence[Word], first: int, masked: frozenset[int], breaks: frozenset[int] = frozenset()
    ) -> Iterator[dict[str, list[Hit]]]:
        """Phrases that begin at a word, those of one length after the other, by tag."""
        node = self._root
        at = first
        while at < len(words) and at not in masked and (at == first or at not in breaks):
            following = node.after.get(words[at].form)
            if following is None:
                return
            node = following
            at += 1
            if not node.here:
                continue
            span = words[first:at]
            fitting: dict[str, list[Hit]] = {}
            for one in node.here:
                if one.fits(span):
                    fitting.setdefault(one.tag, []).append(Hit(one, first, at))
            if fitting:
                yield fitting


def _may_begin(node: _Node | None, words: Sequence[Word], first: int) -> bool:
    """A cheap test that leaves out nearly every word: whether a phrase ends here, or may go on with the next word."""
    if node is None:
        return False
    return bool(node.here) or (first + 1 < len(words) and words[first + 1].form in node.after)
