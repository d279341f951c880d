"""The interface of the app Bình Phước Today: send a submission, ask what became of it, add to it."""

import itertools
import secrets
from collections.abc import Sequence

from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gateway.domain.identity import read_code
from gateway.domain.media_types import CITIZEN
from gateway.errors import Conflict, Invalid
from schemas.vocabulary import Intake, Language
from services.web_ingest.answer_files import answer_file
from services.web_ingest.bodies import ADDITION, SUBMISSION, AdditionBody, check_not_ahead, read_body
from services.web_ingest.faults import FieldFault, Refused
from services.web_ingest.incoming import Shape, authorized, check_size, idempotency_key, incoming
from services.web_ingest.photos import PHOTOS
from services.web_ingest.receive import JSON_TYPE, Arrival, Receipt, claimed, receive, under_present_account
from services.web_ingest.site import Site
from services.web_ingest.status import ShownFile, Status, status_of_code
from services.web_ingest.view import agency_name
from services.web_ingest.web import CHANNEL

SECRET_HEADER = "x-lookup-secret"  # noqa: S105 - the header's name, not a secret
STATUS_PATH = "/v1/submissions"

_ACCEPTED = TypeAdapter(dict[str, str])
"""Writes the busiest answer: Starlette's takes several times longer over it."""


class AppApi:
    """Handlers take the raw request: the framework's own body handling costs two to four times more."""

    def __init__(self, site: Site) -> None:
        """Take what pages and API share."""
        self._site = site
        self._shape = Shape("submission", site.photo_bounds(texts=frozenset({"submission"})), {PHOTOS: CITIZEN})
        self._added = Shape("addition", site.photo_bounds(texts=frozenset({"addition"})), {PHOTOS: CITIZEN})
        self._run = secrets.token_hex(16)
        self._numbers = itertools.count()

    async def submit(self, request: Request) -> Response:
        """Take a submission; 202 means that it is durable, not that it is accepted."""
        site, web = self._site, self._site.web
        check_size(site, request, self._shape)
        authorized(site, request, web.settings.app_keys)
        key = idempotency_key(request)
        async with await incoming(site, request, self._shape) as found:
            body = read_body(SUBMISSION, found.payload, max_bytes=web.settings.json_bytes)
            now = web.clock()
            check_not_ahead("sent_at", body.sent_at, now)
            arrival = Arrival(
                intake=Intake.APP,
                account=web.identity.account(CHANNEL, f"app:{body.user_id}"),
                external_id=f"key:{key}" if key else f"one:{self._unrepeated()}",
                payload=found.payload,
                photos=found.photos,
            )
            present = await under_present_account(web, arrival, now)
            receipt = present if isinstance(present, Receipt) else await self._receive(present, key)
        return accepted_answer(site, receipt)

    async def status(self, request: Request) -> Response:
        """What became of a submission; needs the app's key and the citizen's secret."""
        authorized(self._site, request, self._site.web.settings.app_keys)
        status = await self._opened(request)
        return JSONResponse(self._told(status))

    async def file(self, request: Request) -> Response:
        """A file that the answer brought; needs what the status needs."""
        authorized(self._site, request, self._site.web.settings.app_keys)
        return await answer_file(self._site.web, await self._opened(request), str(request.path_params["address"]))

    async def add(self, request: Request) -> Response:
        """Add to a submission, or answer a supplement request."""
        site, web = self._site, self._site.web
        check_size(site, request, self._added)
        authorized(site, request, web.settings.app_keys)
        key = idempotency_key(request)
        status = await self._opened(request)
        async with await incoming(site, request, self._added) as found:
            body = read_body(ADDITION, found.payload, max_bytes=web.settings.json_bytes)
            check_not_ahead("sent_at", body.sent_at, web.clock())
            check_not_empty(body, files=len(found.photos))
            if status.account is None or not status.can_add:
                raise Conflict("closed", "Nothing can be added to this submission now.")
            arrival = Arrival(
                intake=Intake.APP,
                account=status.account,
                external_id=f"addition:{status.main}:{key or self._unrepeated()}",
                payload=found.payload,
                photos=found.photos,
                answers=status.main,
            )
            receipt = await self._receive(arrival, key and f"addition:{status.main}:{key}")
        return JSONResponse({"code": status.main, "received_at": receipt.received_at.isoformat()}, 202)

    def _unrepeated(self) -> str:
        """A name for what came without a key: no other arrival has it, of this process or of another."""
        return f"{self._run}.{next(self._numbers)}"

    async def _receive(self, arrival: Arrival, key: str | None) -> Receipt:
        web = self._site.web
        now = web.clock()
        if key is None:
            return await receive(web, arrival, now)
        first = await claimed(web, key, arrival, now)
        return await receive(web, arrival, first.received_at)

    async def _opened(self, request: Request) -> Status:
        """The status behind code and secret; whichever is wrong, the answer is the same.

        Guesses are slowed down per code, since all users of the app share its server's address.
        """
        site, web = self._site, self._site.web
        code = read_code(str(request.path_params["code"]))
        who = f"{site.client(request)}/{code or ''}"
        site.brake(who)
        right = web.identity.secret_matches(code or "", request.headers.get(SECRET_HEADER, ""))
        if code is None or not right:
            site.attempts.count(who)
            raise Invalid("not_found", "There is no such code with this secret.")
        return await status_of_code(web.documents, web.vault, code)

    def _told(self, status: Status) -> dict[str, object]:
        at = status.transferred_at
        province = self._site.web.province
        return {
            "code": status.main or status.code,
            "outcome": None if status.state == "checking" else status.state,
            "reason": status.reason,
            "articles": list(status.articles),
            "label": status.label,
            "subfield": status.subfield,
            "missing": list(status.missing),
            "agency": status.agency,
            "agency_name": agency_name(status.agency, at, Language.VI, province) or None,
            "due_at": status.due_at.isoformat() if status.due_at else None,
            "late": status.late,
            "until": status.until.isoformat() if status.until else None,
            "received_at": status.received_at.isoformat() if status.received_at else None,
            "decided_at": status.decided_at.isoformat() if status.decided_at else None,
            "transferred_at": at.isoformat() if at else None,
            "answered_at": status.answered_at.isoformat() if status.answered_at else None,
            "can_add": status.can_add,
            "replies": [
                {
                    "kind": reply.kind,
                    "language": reply.language,
                    "text": reply.text,
                    "articles": list(reply.articles),
                    "at": reply.at.isoformat(),
                    "files": self._links(status, reply.files),
                }
                for reply in status.replies
            ],
            "files": self._links(status, status.files),
        }

    def _links(self, status: Status, files: Sequence[ShownFile]) -> list[dict[str, object]]:
        root = f"{self._site.web.settings.public_url}{STATUS_PATH}/{status.main}/files"
        return [
            {
                "name": one.name,
                "media_type": one.ref.media_type,
                "size": one.ref.size,
                "url": f"{root}/{one.ref.address}",
            }
            for one in files
        ]


def accepted_answer(site: Site, receipt: Receipt) -> Response:
    """202 with code and secret."""
    told = {
        "code": receipt.code,
        "secret": receipt.secret,
        "status_url": f"{site.web.settings.public_url}{STATUS_PATH}/{receipt.code}",
        "received_at": receipt.received_at.isoformat(),
    }
    return Response(_ACCEPTED.dump_json(told), 202, media_type=JSON_TYPE)


def check_not_empty(body: AdditionBody, *, files: int) -> None:
    """An addition must add something; raises `Refused`."""
    contact = body.contact
    given = body.content.strip() or contact.name or contact.phone or contact.address or contact.email or body.place
    if not given and not files:
        raise Refused("invalid_fields", faults=[FieldFault("content", "missing")])
