"""Makes pages out of templates: every value is escaped, and nothing on a page needs a script or another host."""

import hashlib
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

from gateway.domain.province import Province
from gateway.errors import GatewayError
from schemas.vocabulary import EMERGENCIES, Language
from services.web_ingest import paths
from services.web_ingest.faults import FieldFault
from services.web_ingest.problems import retry_header, status_of, wait_of
from services.web_ingest.settings import MEGABYTE, WebSettings
from services.web_ingest.texts import PageTexts

FOLDER = Path(__file__).parent / "pages"
STYLE_PATH = "/web.css"


class Pages:
    """All pages of the channel for one province."""

    def __init__(self, texts: PageTexts, province: Province, settings: WebSettings) -> None:
        """Read the templates and the style sheet once."""
        self.texts = texts
        self._province = province
        self._limits = {
            "count": str(settings.photo_count),
            "each": str(settings.photo_bytes // MEGABYTE),
            "total": str(settings.photos_bytes // MEGABYTE),
            "recording": str(settings.recording_bytes // MEGABYTE),
        }
        self._style = (FOLDER / "web.css").read_bytes()
        self._style_mark = hashlib.sha256(self._style).hexdigest()[:12]
        self._templates = Environment(
            loader=FileSystemLoader(FOLDER),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def style(self) -> Response:
        """The style sheet; its address changes with its content, so browsers may keep it."""
        return Response(
            self._style, media_type="text/css", headers={"Cache-Control": "public, max-age=31536000, immutable"}
        )

    def html(
        self, page: str, language: Language, *, status: int = 200, name: str | None = None, **values: object
    ) -> HTMLResponse:
        """A page; `name` is its entry in `paths` when it exists in the other language too."""
        template = self._templates.get_template(f"{page}.html")
        return HTMLResponse(template.render(self._frame(language, name), **values), status)

    def failure(self, error: GatewayError, language: Language) -> HTMLResponse:
        """A page that says in plain words why the request could not be handled, and what to do."""
        status = status_of(error)
        general = "failure_busy" if status == 503 else "failure_refused"
        key = f"failure_{error.reason}" if self.texts.knows(f"failure_{error.reason}") else general
        sentence = self.texts.say(language, key, **self._limits)
        answer = self.html("failure", language, status=status, sentence=sentence)
        answer.headers.update(retry_header(wait_of(error)))
        return answer

    def faults(self, language: Language, faults: Sequence[FieldFault]) -> dict[str, str]:
        """Field name to the sentence beside it, in the order of the faults."""
        return {fault.field: self.texts.fault(language, fault, **self._limits) for fault in faults}

    def _frame(self, language: Language, name: str | None) -> Mapping[str, Any]:
        province = self._province
        return {
            "t": partial(self.texts.say, language),
            "language": language.value,
            "province": province.name(language),
            "hotline": province.hotline,
            "hotline_digits": "".join(sign for sign in province.hotline if sign.isdigit()),
            "emergencies": [
                (province.emergency(label).number, province.emergency(label).name(language))
                for label in sorted(EMERGENCIES, key=lambda label: province.emergency(label).number)
            ],
            "paths": {key: address[language] for key, address in paths.ALL.items()},
            "other": paths.other(name, language) if name else None,
            "style": f"{STYLE_PATH}?v={self._style_mark}",
            "limits": self._limits,
        }
