"""The public form and its receipt: the first thing a citizen sees, and proof at once that it arrived (Điều 5, 6)."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.domain.media_types import CITIZEN
from schemas.vocabulary import Intake, Language
from services.web_ingest import paths
from services.web_ingest.bodies import ConsentBody
from services.web_ingest.faults import FieldFault, Refused
from services.web_ingest.fields import LINES, Typed, read_submission
from services.web_ingest.parts import Parts
from services.web_ingest.paths import language_of
from services.web_ingest.photos import PHOTOS, Photo, checked_photos
from services.web_ingest.problems import STATUS, retry_header
from services.web_ingest.receive import Arrival, Receipt, receive
from services.web_ingest.site import DRAIN, Site
from services.web_ingest.web import CHANNEL
from services.web_ingest.written import written_form

FORM_TOKEN = "form"  # noqa: S105 - the token's purpose, not a secret
RECEIPT_COOKIE = "receipt"
BOXES = ("publish_details", "exact_position")
EMPTY = dict.fromkeys((*LINES, "content", *BOXES), "")


class FormPages:
    """`/` and the page after it."""

    def __init__(self, site: Site) -> None:
        """Take what the pages share."""
        self._site = site

    def routes(self) -> list[Route]:
        """The two pages in both languages."""
        page = self._site.page
        return [
            *(Route(path, page(self.show), methods=["GET"]) for path in paths.both("form")),
            *(Route(path, page(self.send), methods=["POST"]) for path in paths.both("form")),
            *(Route(path, page(self.received), methods=["GET"]) for path in paths.both("received")),
        ]

    async def show(self, request: Request) -> Response:
        """The empty form."""
        return self._form(language_of(request.url.path), EMPTY, ())

    async def send(self, request: Request) -> Response:
        """Check the form, make it durable, and show the receipt; on a fault the form keeps what was typed.

        The account is the rendered form's and the message's own name is its content: sent twice it is one message,
        sent again with other words it is a second message of the same citizen, so no word is ever passed over.
        """
        language = language_of(request.url.path)
        async with self._site.form(request, self._site.photo_bounds(drain=DRAIN)) as parts:
            typed = read_submission(parts.fields)
            photos, file_faults = checked_photos(parts.uploads, {PHOTOS: CITIZEN})
            form = self._site.opened(FORM_TOKEN, parts.fields.get("form", ""))
            expired = () if form else (FieldFault("form", "expired"),)
            faults = (*typed.faults, *file_faults, *expired)
            if faults or form is None:
                return self._form(language, _kept(parts, typed), faults)
            try:
                self._site.admit(request)
            except Refused as many:
                answer = self._form(language, _kept(parts, typed), (FieldFault("form", many.reason),))
                answer.headers.update(retry_header(many.retry_after))
                return answer
            receipt = await self._receive(form, typed, parts, photos, language)
        return self._site.see(
            paths.RECEIVED[language],
            RECEIPT_COOKIE,
            {"code": receipt.code, "at": receipt.received_at.isoformat()},
            self._site.web.settings.receipt_seconds,
            at="received",
        )

    async def received(self, request: Request) -> Response:
        """The receipt: code and secret, which a reload shows again as long as the cookie holds."""
        language = language_of(request.url.path)
        found = self._site.opened(RECEIPT_COOKIE, request.cookies.get(RECEIPT_COOKIE, ""))
        if found is None:
            return self._site.pages.html("no_receipt", language, status=404, name="received")
        code = found["code"]
        secret = self._site.web.identity.lookup_secret(code)
        return self._site.pages.html("received", language, name="received", code=code, secret=secret)

    async def _receive(
        self, form: Mapping[str, str], typed: Typed, parts: Parts, photos: tuple[Photo, ...], language: Language
    ) -> Receipt:
        web = self._site.web
        consent = ConsentBody(
            notice_version=form["notice"],
            publish_details="publish_details" in parts.fields,
            exact_position="exact_position" in parts.fields,
        )
        arrival = Arrival(
            intake=Intake.FORM,
            account=web.identity.account(CHANNEL, f"form:{form['nonce']}"),
            external_id="",
            payload=written_form(typed.values, language, consent),
            photos=photos,
        )
        return await receive(web, arrival.named_by_content(), web.clock())

    def _form(self, language: Language, values: Mapping[str, str], faults: tuple[FieldFault, ...]) -> Response:
        notice = self._site.web.province.notice
        return self._site.pages.html(
            "form",
            language,
            status=_status(faults),
            name="form",
            values=values,
            faults=self._site.pages.faults(language, faults),
            notice=notice.text(language),
            token=self._site.nonce(FORM_TOKEN, notice=notice.version),
        )


def _kept(parts: Parts, typed: Typed) -> dict[str, str]:
    return {**EMPTY, **typed.values, **{name: "1" for name in BOXES if name in parts.fields}}


def _status(faults: tuple[FieldFault, ...]) -> int:
    if not faults:
        return 200
    found = {STATUS.get(fault.reason, 422) for fault in faults}
    return found.pop() if len(found) == 1 else 422
