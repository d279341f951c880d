"""The lookup page: with code and secret a citizen sees state, due time and replies, and answers what was asked."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from gateway.domain.hygiene import clean_line
from gateway.domain.identity import read_code
from gateway.domain.media_types import CITIZEN
from gateway.errors import Conflict
from schemas.vocabulary import Intake, Language
from services.web_ingest import paths
from services.web_ingest.answer_files import answer_file
from services.web_ingest.faults import FieldFault, Refused
from services.web_ingest.fields import LINES, Typed, read_addition
from services.web_ingest.parts import Bounds
from services.web_ingest.paths import language_of
from services.web_ingest.photos import PHOTOS, Photo, checked_photos
from services.web_ingest.problems import retry_header
from services.web_ingest.receive import Arrival, receive
from services.web_ingest.site import DRAIN, Site
from services.web_ingest.status import Status, status_of_code
from services.web_ingest.view import shown
from services.web_ingest.written import written_form

LOOKUP_COOKIE = "lookup"
ADDITION_TOKEN = "addition"  # noqa: S105 - the token's purpose, not a secret
NO_CODE = "2222-2222-2222"
"""Stands in for an unreadable code, so that a wrong code takes as long as a wrong secret."""

LOOKUP_BOUNDS = Bounds(stream=20_000, files_bytes=0, file_bytes=0, files=0, field_bytes=200)
NOTHING: Mapping[str, str] = {"code": "", "secret": ""}
LONGEST = 40
"""Signs of a code or secret that are shown again after a mistake, so that the citizen can compare them."""

EMPTY = dict.fromkeys((*LINES, "content"), "")


class LookupPages:
    """`/tra-cuu` and what it opens."""

    def __init__(self, site: Site) -> None:
        """Take what the pages share."""
        self._site = site

    def routes(self) -> list[Route]:
        """The lookup pages in both languages."""
        page = self._site.page
        return [
            *(Route(path, page(self.show), methods=["GET"]) for path in paths.both("lookup")),
            *(Route(path, page(self.open), methods=["POST"]) for path in paths.both("lookup")),
            *(Route(path, page(self.result), methods=["GET"]) for path in paths.both("result")),
            *(Route(f"{path}/{{address}}", page(self.file), methods=["GET"]) for path in paths.FILE.values()),
            *(Route(path, page(self.add), methods=["POST"]) for path in paths.both("addition")),
        ]

    async def show(self, request: Request) -> Response:
        """The empty lookup form."""
        return self._lookup(language_of(request.url.path))

    async def open(self, request: Request) -> Response:
        """Compare code and secret; whichever is wrong, the answer is the same, with what was typed in it."""
        language = language_of(request.url.path)
        client = self._site.client(request)
        try:
            self._site.brake(client)
        except Refused as braked:
            sentence = self._site.pages.texts.say(language, "failure_too_many_attempts")
            answer = self._lookup(language, fault=sentence, status=429)
            answer.headers.update(retry_header(braked.retry_after))
            return answer
        async with self._site.form(request, LOOKUP_BOUNDS) as parts:
            typed = {name: clean_line(parts.fields.get(name, ""), limit=LONGEST) for name in NOTHING}
            code = read_code(parts.fields.get("code", ""))
            right = self._site.web.identity.secret_matches(code or NO_CODE, parts.fields.get("secret", ""))
        if code is None or not right:
            self._site.attempts.count(client)
            sentence = self._site.pages.texts.say(language, "lookup_wrong")
            return self._lookup(language, typed, fault=sentence, status=422)
        seconds = self._site.web.settings.lookup_seconds
        return self._site.see(paths.RESULT[language], LOOKUP_COOKIE, {"code": code}, seconds, at="lookup")

    async def result(self, request: Request) -> Response:
        """What became of the submission."""
        language = language_of(request.url.path)
        code = self._code(request)
        if code is None:
            return RedirectResponse(paths.LOOKUP[language], 303)
        return self._result(language, await self._status(code), added=request.query_params.get("ok") == "1")

    async def file(self, request: Request) -> Response:
        """A file that the answer brought."""
        code = self._code(request)
        if code is None:
            return RedirectResponse(paths.LOOKUP[language_of(request.url.path)], 303)
        return await answer_file(self._site.web, await self._status(code), str(request.path_params["address"]))

    async def add(self, request: Request) -> Response:
        """Publish what the citizen adds, under the submission's own account."""
        language = language_of(request.url.path)
        code = self._code(request)
        if code is None:
            return RedirectResponse(paths.LOOKUP[language], 303)
        status = await self._status(code)
        async with self._site.form(request, self._site.photo_bounds(drain=DRAIN)) as parts:
            typed = read_addition(parts.fields, uploads=len(parts.uploads), asked=status.missing)
            photos, file_faults = checked_photos(parts.uploads, {PHOTOS: CITIZEN})
            form = self._site.opened(ADDITION_TOKEN, parts.fields.get("form", ""))
            expired = () if form and form["code"] == code else (FieldFault("form", "expired"),)
            faults = (*typed.faults, *file_faults, *expired)
            if faults or form is None:
                return self._result(language, status, values=typed.values, faults=faults)
            await self._publish(status, typed, photos, language, form["nonce"])
        return RedirectResponse(f"{paths.RESULT[language]}?ok=1", 303)

    async def _publish(
        self, status: Status, typed: Typed, photos: tuple[Photo, ...], language: Language, nonce: str
    ) -> None:
        if not status.can_add or status.account is None:
            raise Conflict("closed", "Nothing can be added to this submission.")
        arrival = Arrival(
            intake=Intake.FORM,
            account=status.account,
            external_id="",
            payload=written_form(typed.values, language, None),
            photos=photos,
            answers=status.main,
        )
        web = self._site.web
        await receive(web, arrival.named_by_content(f"addition/{nonce}/"), web.clock())

    async def _status(self, code: str) -> Status:
        return await status_of_code(self._site.web.documents, self._site.web.vault, code)

    def _code(self, request: Request) -> str | None:
        found = self._site.opened(LOOKUP_COOKIE, request.cookies.get(LOOKUP_COOKIE, ""))
        return found["code"] if found else None

    def _lookup(
        self, language: Language, values: Mapping[str, str] = NOTHING, *, fault: str = "", status: int = 200
    ) -> Response:
        return self._site.pages.html("lookup", language, status=status, name="lookup", values=values, fault=fault)

    def _result(
        self,
        language: Language,
        status: Status,
        *,
        values: dict[str, str] | None = None,
        faults: tuple[FieldFault, ...] = (),
        added: bool = False,
    ) -> Response:
        return self._site.pages.html(
            "result",
            language,
            status=422 if faults else 200,
            name="result",
            view=shown(status, language, self._site.web.province, self._site.pages.texts),
            values={**EMPTY, **(values or {})},
            faults=self._site.pages.faults(language, faults),
            token=self._site.nonce(ADDITION_TOKEN, code=status.code),
            added=added,
        )
