"""Reads `regulation.yaml`: articles, fields of Article 4 with their transfer policy, emergency numbers."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from gateway.domain.province import Emergency, LabelRule, Regulation, TransferPolicy, Words
from gateway.domain.province.regulation import CITED
from gateway.runtime.province_files.problems import Problems
from gateway.runtime.province_files.section import Section, read_section
from schemas.vocabulary import EMERGENCIES, SUBFIELDS, Label

FILE = "regulation.yaml"
MOST_CLAUSES = 50


def read_regulation(folder: Path, problems: Problems) -> Regulation | None:
    """The regulation; None, with the problem noted, when the file cannot be read."""
    section = read_section(folder, FILE, problems)
    if section is None:
        return None
    articles = _articles(section)
    found = Regulation(
        id=section.text("id"),
        version=section.text("version"),
        valid_from=section.day("valid_from") or date.min,
        names=section.words("name"),
        articles=articles,
        labels=_labels(section, articles),
        emergencies=_emergencies(section),
    )
    section.unused()
    return found


def _articles(section: Section) -> Mapping[str, Words]:
    """Every article and clause with its citation, out of the number of clauses of each article."""
    cite_article, cite_clause = section.words("cite_article"), section.words("cite_clause")
    for key, words, wanted in (
        ("cite_article", cite_article, {"{article}"}),
        ("cite_clause", cite_clause, {"{article}", "{clause}"}),
    ):
        if not all(blank in text for text in (words.vi, words.en) for blank in wanted):
            section.note(key, f"needs {' and '.join(sorted(wanted))} in both languages")
    clauses = section.section("articles")
    found: dict[str, Words] = {}
    if clauses is not None:
        for article in clauses.names():
            found[article] = _cite(cite_article, article, "")
            for clause in range(1, clauses.whole(article, least=0, most=MOST_CLAUSES) + 1):
                found[f"{article}.{clause}"] = _cite(cite_clause, article, str(clause))
    missing = [article for article in CITED if article not in found]
    if missing:
        section.note("articles", f"the rules cite what is not there: {', '.join(missing)}")
    return found


def _cite(words: Words, article: str, clause: str) -> Words:
    vi, en = (text.replace("{article}", article).replace("{clause}", clause) for text in (words.vi, words.en))
    return Words(vi, en)


def _labels(section: Section, articles: Mapping[str, Words]) -> Mapping[Label, LabelRule]:
    labels = section.section("labels")
    if labels is None:
        return {}
    found = {}
    for label in Label:
        rule = labels.section(label)
        if rule is not None:
            found[label] = _label(label, rule, articles)
    labels.unused()
    return found


def _label(label: Label, section: Section, articles: Mapping[str, Words]) -> LabelRule:
    article = section.text("article")
    if article and article not in articles:
        section.note("article", f"no article {article} in the regulation")
    found = LabelRule(
        names=section.words("name"),
        article=article,
        transfer_policy=section.choice("transfer_policy", TransferPolicy),
        min_confidence=section.number("min_confidence", least=0, most=1),
        subfields=_subfields(label, section),
    )
    section.unused()
    return found


def _subfields(label: Label, section: Section) -> Mapping[str, Words]:
    if not SUBFIELDS[label]:
        return {}
    subfields = section.section("subfields")
    if subfields is None:
        return {}
    found = {subfield: subfields.words(subfield) for subfield in SUBFIELDS[label]}
    subfields.unused()
    return found


def _emergencies(section: Section) -> Mapping[Label, Emergency]:
    emergencies = section.section("emergencies")
    if emergencies is None:
        return {}
    found = {}
    for label in sorted(EMERGENCIES):
        entry = emergencies.section(label)
        if entry is not None:
            found[label] = Emergency(number=entry.text("number"), names=entry.words("name"))
            entry.unused()
    emergencies.unused()
    return found
