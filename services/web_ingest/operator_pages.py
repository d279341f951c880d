"""The page on which operators type in calls, letters and portal items, until the console exists (Điều 3.5, 5)."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from gateway.errors import Invalid
from schemas.vocabulary import REDIRECTED, SUBFIELDS, Intake, Label, Language
from services.web_ingest import paths
from services.web_ingest.faults import FieldFault
from services.web_ingest.fields import LINES
from services.web_ingest.keys import holder_of
from services.web_ingest.operator_api import ENTRY_FILES, receive_entry
from services.web_ingest.parts import Bounds, Parts
from services.web_ingest.paths import language_of
from services.web_ingest.photos import Photo, checked_photos
from services.web_ingest.receive import Arrival, Receipt
from services.web_ingest.site import DRAIN, Site
from services.web_ingest.typed_entry import INTAKES, Entry, read_entry
from services.web_ingest.web import CHANNEL
from services.web_ingest.written import written_entry

SESSION_COOKIE = "operator"
ENTRY_TOKEN = "entry"  # noqa: S105 - the token's purpose, not a secret
LOGIN_TOKEN = "login"  # noqa: S105 - the token's purpose, not a secret
LOGIN_BOUNDS = Bounds(stream=20_000, files_bytes=0, file_bytes=0, files=0, field_bytes=2_000)
EMPTY = {**dict.fromkeys((*LINES, "content", "field"), ""), "intake": Intake.CALL.value}


class OperatorPages:
    """`/tong-dai`: log in, enter, log out."""

    def __init__(self, site: Site) -> None:
        """Take what the pages share."""
        self._site = site

    def routes(self) -> list[Route]:
        """The operator's pages in both languages."""
        page = self._site.page
        return [
            *(Route(path, page(self.show), methods=["GET"]) for path in paths.both("operator")),
            *(Route(path, page(self.enter), methods=["POST"]) for path in paths.both("operator")),
            *(Route(path, page(self.login), methods=["POST"]) for path in paths.both("login")),
            *(Route(path, page(self.logout), methods=["POST"]) for path in paths.both("logout")),
        ]

    async def show(self, request: Request) -> Response:
        """The entry form, or the login."""
        language = language_of(request.url.path)
        session = self._session(request)
        return self._entry(language, session, EMPTY) if session else self._login(language)

    async def login(self, request: Request) -> Response:
        """Open a session for the holder of an operator's key."""
        language = language_of(request.url.path)
        client = self._site.client(request)
        self._site.brake(client)
        async with self._site.form(request, LOGIN_BOUNDS) as parts:
            own_form = self._site.opened(LOGIN_TOKEN, parts.fields.get("form", ""))
            operator = holder_of(parts.fields.get("key", "").strip(), self._site.web.settings.operator_keys)
        if own_form is None or operator is None:
            if operator is None:
                self._site.attempts.count(client)
            return self._login(language, wrong=True)
        value = {"operator": operator, "session": own_form["nonce"]}
        seconds = self._site.web.settings.session_seconds
        return self._site.see(paths.OPERATOR[language], SESSION_COOKIE, value, seconds, at="operator")

    async def logout(self, request: Request) -> Response:
        """Forget the session on this machine."""
        language = language_of(request.url.path)
        answer = RedirectResponse(paths.OPERATOR[language], 303)
        for path in paths.both("operator"):
            answer.delete_cookie(SESSION_COOKIE, path=path)
        return answer

    async def enter(self, request: Request) -> Response:
        """Check an entry and make it durable; the form token is bound to the session (CSRF)."""
        language = language_of(request.url.path)
        session = self._session(request)
        if session is None:
            return self._login(language, status=401)
        async with self._site.form(request, self._site.entry_bounds(drain=DRAIN)) as parts:
            form = self._site.opened(ENTRY_TOKEN, parts.fields.get("form", ""))
            if form is None or form["session"] != session["session"]:
                raise Invalid("forbidden", "The form does not belong to this session.")
            zone = ZoneInfo(self._site.web.province.timezone)
            entry = read_entry(parts.fields, zone, self._site.web.clock())
            photos, file_faults = checked_photos(parts.uploads, ENTRY_FILES)
            faults = (*entry.faults, *file_faults)
            if faults:
                return self._entry(language, session, _kept(parts, entry), faults)
            try:
                receipt = await self._receive(session["operator"], form["nonce"], entry, photos)
            except Invalid as error:
                if error.reason != "idempotency_key_reused":
                    raise
                used = (FieldFault("reference", "used"),)
                return self._entry(language, session, _kept(parts, entry), used)
        return self._entry(language, session, EMPTY, receipt=receipt)

    async def _receive(self, operator: str, nonce: str, entry: Entry, photos: tuple[Photo, ...]) -> Receipt:
        name = entry.values["reference"] or nonce
        arrival = Arrival(
            intake=entry.intake,
            account=self._site.web.identity.account(CHANNEL, f"{entry.intake}:{name}"),
            external_id=f"entry:{name}",
            payload=written_entry(entry.values, entry.intake, entry.at, entry.label, entry.subfield),
            photos=photos,
            operator=operator,
        )
        return await receive_entry(self._site.web, arrival, name)

    def _session(self, request: Request) -> dict[str, str] | None:
        found = self._site.opened(SESSION_COOKIE, request.cookies.get(SESSION_COOKIE, ""))
        known = found is not None and found["operator"] in self._site.web.settings.operator_keys
        return found if known else None

    def _login(self, language: Language, *, wrong: bool = False, status: int = 200) -> Response:
        return self._site.pages.html(
            "login",
            language,
            status=403 if wrong else status,
            name="operator",
            wrong=wrong,
            token=self._site.nonce(LOGIN_TOKEN),
        )

    def _entry(
        self,
        language: Language,
        session: Mapping[str, str],
        values: Mapping[str, str],
        faults: tuple[FieldFault, ...] = (),
        receipt: Receipt | None = None,
    ) -> Response:
        return self._site.pages.html(
            "operator",
            language,
            status=422 if faults else 200,
            name="operator",
            operator=session["operator"],
            intakes=[item.value for item in INTAKES],
            fields=self._fields(language),
            values=values,
            faults=self._site.pages.faults(language, faults),
            receipt=receipt,
            token=self._site.nonce(ENTRY_TOKEN, session=session["session"]),
        )

    def _fields(self, language: Language) -> list[tuple[str, list[tuple[str, str]]]]:
        """Every field of Article 4 that can be chosen, with its subfields, as the province names them."""
        province = self._site.web.province
        return [
            (
                province.label_name(label, language),
                [(f"{label}/{name}", province.subfield_name(label, name, language)) for name in SUBFIELDS[label]],
            )
            for label in Label
            if label not in REDIRECTED
        ]


def _kept(parts: Parts, entry: Entry) -> dict[str, str]:
    return {**EMPTY, **entry.values, "field": parts.fields.get("field", "")[:130], "intake": entry.intake.value}
