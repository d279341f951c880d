"""Where an agency that answers over the bus puts the files of its answer down, one at a time (decision 0029)."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gateway.domain.media_types import ANSWER, kind_of, media_type_of
from gateway.errors import Invalid
from gateway.projections.fold import TICKET
from gateway.runtime.agency_files import MOST_BROUGHT, brought, put_down
from gateway.runtime.request_body import check_declared, whole_body
from schemas.files import MOST_ANSWER_BYTES
from services.web_ingest.incoming import authorized
from services.web_ingest.site import Site


class AgencyApi:
    """`POST /v1/agency/tickets/{ticket_id}/files`."""

    def __init__(self, site: Site) -> None:
        """Take what pages and API share."""
        self._site = site

    async def put_file(self, request: Request) -> Response:
        """Keep a file for the citizen whose ticket is with the agency; the answer names it by what is returned.

        The body is the file. Its name goes with the answer, since what stands in an address or header is logged.
        """
        site, web = self._site, self._site.web
        check_declared(request.headers.raw, MOST_ANSWER_BYTES)
        agency = authorized(site, request, web.settings.agency_keys)
        ticket, account = await self._ticket(str(request.path_params["ticket_id"]), agency)
        if len(await brought(web.store, agency, ticket)) >= MOST_BROUGHT:
            raise Invalid("too_many_files", f"For one ticket an agency brings at most {MOST_BROUGHT} files.")
        size = min(int(request.headers.get("content-length", MOST_ANSWER_BYTES)), MOST_ANSWER_BYTES)
        site.memory.take(size)
        try:
            content = await self._content(request)
            media_type = media_type_of(content)
            if media_type is None or media_type not in ANSWER:
                raise Invalid("file_type", "By its content the file is none that an answer can bring.")
            web.check_room()
            file = await web.files.put(account, content, media_type=media_type)
        finally:
            site.memory.give_back(size)
        await put_down(web.store, agency, ticket, file)
        return JSONResponse({"kind": kind_of(media_type), "file": file.model_dump(mode="json")}, 201)

    async def _content(self, request: Request) -> bytes:
        own = self._site.web.settings
        return await whole_body(
            request.headers.raw,
            request.receive,
            limit=MOST_ANSWER_BYTES,
            seconds=own.body_seconds,
            idle_seconds=own.idle_seconds,
        )

    async def _ticket(self, told: str, agency: str) -> tuple[UUID, str]:
        """The ticket's id and its citizen's account; for another's ticket the same word as for one that is not."""
        try:
            ticket = UUID(told)
        except ValueError:
            raise Invalid("not_found", "There is no such ticket with this agency.") from None
        document = await self._site.web.documents.get(TICKET, str(ticket))
        if document is None or document.body.get("agency") != agency or document.owner is None:
            raise Invalid("not_found", "There is no such ticket with this agency.")
        if document.body.get("answered_at") is not None:
            raise Invalid("already_answered", "The citizen has an answer to this ticket.")
        return ticket, document.owner
