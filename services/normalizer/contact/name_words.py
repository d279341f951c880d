"""Tells where a name ends and whether it begins with a family name."""

from collections.abc import Iterator

from services.normalizer.contact.found import Found
from services.normalizer.contact.word_places import places_of
from services.normalizer.contact.words import ContactWords
from services.normalizer.reading import Reading, Word, key_of

_LONGEST = 6
_LONGEST_SMALL = 4
_LONGEST_WORD = 12
MIDDLE = frozenset({"van", "thi"})
"""After one of these the given name is still to come, whatever else its word may mean without tones."""

_MIDDLE_KEYS = frozenset({key_of("Thị"), key_of("Văn")})

_A_FOLLOWS = frozenset(
    {"li", "giang", "sung", "vang", "thao", "hang", "ma", "lo", "mua", "trang", "hau", "phan", "chang"}
)
"""Family names of the H'Mông and the Dao, after which `A` is the middle word of a man's name."""

_GIVEN = frozenset({"tai", "hai", "can", "ben", "la"})
"""Given names that without tones are also words that end a name."""

_ADDRESS_WORDS = frozenset(
    {"o", "ap", "thon", "kp", "khu", "xa", "phuong", "to", "so", "huyen", "duong", "hem", "sdt", "dt", "p", "tp", "tx"}
)
_ADDRESS_KEYS = frozenset(
    map(key_of, ("ở", "ấp", "thôn", "khu", "xã", "phường", "tổ", "số", "huyện", "đường", "hẻm", "hẽm", "đt"))
)


def name_end(reading: Reading, first: int, words: ContactWords) -> int:
    """The end of the name that begins at word `first`: capitals go on while they last, small letters until a stop."""
    lead = reading.words[first]
    upper = all_upper(reading, lead)
    at = first
    while at < len(reading.words) and at - first < _LONGEST:
        word = reading.words[at]
        if at > first and reading.gap(at) == "-" and lead.capital and _goes_on(word):
            at += 1  # As in `Kim Min-jun`.
            continue
        if lead.capital and not upper and not word.capital:
            break
        if (at > first and not joins(reading.gap(at))) or _begins_none(reading, at, words):
            break
        if (not word.form.isalpha() and any(sign.isdigit() for sign in word.form)) or len(word.form) > _LONGEST_WORD:
            break
        unfinished = (at == first + 2 and reading.words[at - 1].form in MIDDLE) or _is_name_after_all(
            reading, first, at
        )
        if not unfinished and (not lead.capital or upper or not word.capital) and stops(word, words, lead=at == first):
            break
        if at > first and len(word.form) == 1 and at + 1 < len(reading.words) and reading.gap(at + 1).startswith("."):
            break  # `P. Thác Mơ` goes on with the ward.
        if at > first and word.form in _ADDRESS_WORDS and _may_mean_address(word) and _is_address_word(reading, at):
            break
        at += 1
    if not lead.capital:
        at = min(at, first + _LONGEST_SMALL)
    return at


def _begins_none(reading: Reading, at: int, words: ContactWords) -> bool:
    """Whether words that are no name begin here: `viên chức`, `cựu chiến binh`."""
    return (
        at + 1 < len(reading.words)
        and (reading.words[at].form, reading.words[at + 1].form) in words.no_names
        and joins(reading.gap(at + 1))
    )


def _goes_on(word: Word) -> bool:
    """Whether a word behind a hyphen belongs to the name before it."""
    return word.form.isalpha() and word.form not in _ADDRESS_WORDS


def _is_name_after_all(reading: Reading, first: int, at: int) -> bool:
    """Whether a word that without tones is another stands where a name goes on: `tran minh man`, `le huu tai,`."""
    form = reading.words[at].form
    if at == first + 1:
        return form == "minh" or (form == "a" and reading.words[first].form in _A_FOLLOWS)
    ends = at + 1 == len(reading.words) or not joins(reading.gap(at + 1)) or reading.words[at + 1].form[0].isdigit()
    return at == first + 2 and form in _GIVEN and ends


def stops(word: Word, words: ContactWords, *, lead: bool) -> bool:
    """Whether the word ends a name written in small letters."""
    if word.toned_line:
        return word.key in words.toned_stops
    return word.form in words.stops and not (lead and word.form in words.surname_forms)


def _may_mean_address(word: Word) -> bool:
    """Whether the tones allow it: `phượng` is a name, `phường` and `phuong` are none."""
    return not word.toned_line or word.key == key_of(word.form) or word.key in _ADDRESS_KEYS


def _is_address_word(reading: Reading, number: int) -> bool:
    word = reading.words[number]
    if not word.capital:
        return True
    if all_upper(reading, word):
        return True
    following = reading.words[number + 1] if number + 1 < len(reading.words) else None
    return (
        following is None
        or (following.form[0].isdigit() and joins(reading.gap(number + 1)))
        or word.form in ("kp", "sdt", "dt", "ap", "thon", "xa", "tx", "tp")
    )


def made(reading: Reading, first: int, last: int, rule: str) -> Found:
    """The name as it is kept: without odd spacing, each word with a capital where there was none or nothing else."""
    start, end = reading.words[first].start, reading.words[last - 1].end
    shown = " ".join(reading.text[start:end].split())
    if shown.islower() or (shown.isupper() and " " in shown):
        shown = " ".join(part[:1].upper() + part[1:].lower() for part in shown.split(" "))
    return Found(shown, start, end, rule)


def is_surname(word: Word, words: ContactWords) -> bool:
    """Whether the word is a family name; tones count where they are written."""
    if word.toned_line or word.key != word.form + "0":
        return word.key in words.surname_keys or (word.capital and word.key in words.rare_surnames)
    return word.form in words.surname_forms


def begins_name(reading: Reading, number: int, words: ContactWords) -> bool:
    """Whether a name begins at this word.

    In small letters without tones a rare family name means too much else to count, unless `thị` or `văn` comes next.
    In a text with tones a name may be written without: `VO THI TUONG VI`. Before `Thị` any word is a family name.
    """
    word = reading.words[number]
    following = reading.words[number + 1] if number + 1 < len(reading.words) else None
    if is_surname(word, words):
        marked = word.toned_line and word.key != word.form + "0"
        if word.capital or marked or word.form in words.common_forms:
            return True
        return following is not None and following.form in MIDDLE and joins(reading.gap(number + 1))
    if following is None or not (word.capital and following.capital and joins(reading.gap(number + 1))):
        return False
    if word.key == word.form + "0" and following.key == following.form + "0" and word.form in words.surname_forms:
        return True
    return following.key in _MIDDLE_KEYS and number + 2 < len(reading.words) and reading.words[number + 2].capital


def beginnings(reading: Reading, words: ContactWords) -> Iterator[int]:
    """The numbers of the words at which names begin, in order."""
    # A name begins with a family name or a capital.
    for number in sorted({*reading.capitals, *places_of(reading, words.surname_forms)}):
        if begins_name(reading, number, words):
            yield number


def joins(gap: str) -> bool:
    """Whether only a space or two stand between two words."""
    return gap.strip(" \u00a0") == "" and 0 < len(gap) <= 3


def all_capital(reading: Reading, first: int, last: int) -> bool:
    """Whether every word begins with a capital."""
    return all(reading.words[at].capital or (at > first and reading.gap(at) == "-") for at in range(first, last))


def all_upper(reading: Reading, word: Word) -> bool:
    """Whether the word is written in capitals throughout."""
    return len(word.form) > 1 and reading.text[word.start : word.end].isupper()
