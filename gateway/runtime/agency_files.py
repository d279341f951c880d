"""Files that an agency put down for a ticket before its answer names them: what the gateway itself knows of each.

An agency writes to its topic whatever it likes. What an answer of its brings to a citizen is therefore looked up here.
"""

from collections.abc import Mapping
from uuid import UUID

from gateway.errors import Invalid
from gateway.store.port import Store
from schemas.files import FileRef

MOST_BROUGHT = 20
"""Files that one agency may put down for one ticket: four times what an answer brings, for those who think again."""


async def put_down(store: Store, agency: str, ticket: UUID, file: FileRef) -> None:
    """Note a file that lies in the file store; the same one again changes nothing. Durable on return.

    Raises `Invalid("too_many_files")` or `Unavailable`.
    """
    noted = file.model_dump_json().encode()
    for number in range(MOST_BROUGHT):
        if await store.claim(_place(agency, ticket, number), noted) == noted:
            return
    raise Invalid("too_many_files", f"For one ticket an agency brings at most {MOST_BROUGHT} files.")


async def brought(store: Store, agency: str, ticket: UUID) -> Mapping[str, FileRef]:
    """What the agency put down for the ticket, by address. Raises `Unavailable`."""
    found: dict[str, FileRef] = {}
    for number in range(MOST_BROUGHT):
        noted = await store.holder(_place(agency, ticket, number))
        if noted is None:
            break
        file = FileRef.model_validate_json(noted)
        found[file.address] = file
    return found


def _place(agency: str, ticket: UUID, number: int) -> str:
    return f"agency_file/{agency}/{ticket}/{number}"
