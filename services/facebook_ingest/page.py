"""The page that is served, as far as readers must know it, and the names that are derived from Facebook's own."""

from dataclasses import dataclass

CHANNEL = "facebook"


@dataclass(frozen=True, slots=True)
class Page:
    """The page's id, the app's id, and payloads of buttons that only navigate."""

    id: str
    app_id: str
    silent_postbacks: frozenset[str] = frozenset()

    def person(self, user: str) -> str:
        """The channel's user id of somebody: Facebook's ids are scoped to the page."""
        return f"{self.id}:{user}"

    def nameless(self, thing: str) -> str:
        """The user id of whoever wrote a comment or post that Facebook does not name the author of."""
        return f"{self.id}:object:{thing}"
