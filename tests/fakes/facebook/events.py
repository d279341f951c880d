"""Writes events as Facebook does: single items of `messaging` and `changes`, and whole requests of them."""

import random
from typing import Any

Event = dict[str, Any]


class Events:
    """Events of one page."""

    def __init__(self, page: str) -> None:
        """Take the page's id."""
        self.page = page

    def text(self, user: str, text: str, mid: str, at: float, **members: object) -> Event:
        """A citizen's message; `members` go into `message`."""
        return self._messaging(user, at, {"message": {"mid": mid, "text": text, **members}})

    def images(self, user: str, urls: list[str], mid: str, at: float) -> Event:
        """A citizen's pictures, in one message."""
        return self._messaging(user, at, {"message": {"mid": mid, "attachments": [image(url) for url in urls]}})

    def edit(self, user: str, text: str, mid: str, number: int, at: float) -> Event:
        """A message was changed."""
        return self._messaging(user, at, {"message_edit": {"mid": mid, "text": text, "num_edit": number}})

    def reaction(self, user: str, mid: str, at: float) -> Event:
        """A heart under a message of the page."""
        told = {"reaction": "love", "emoji": "❤️", "action": "react", "mid": mid}
        return self._messaging(user, at, {"reaction": told})

    def echo(self, user: str, text: str, mid: str, at: float, *, app: int, metadata: str = "") -> Event:
        """The page said something."""
        message: Event = {"mid": mid, "is_echo": True, "app_id": app, "text": text}
        if metadata:
            message["metadata"] = metadata
        return {
            "sender": {"id": self.page},
            "recipient": {"id": user},
            "timestamp": int(at * 1000),
            "message": message,
        }

    def comment(self, author: Event | None, text: str, comment: str, post: str, at: float, **members: object) -> Event:
        """Somebody wrote under a post; `author` is None when Facebook does not say who."""
        value = {"item": "comment", "verb": "add", "comment_id": comment, "post_id": post, "parent_id": post}
        return self._change({**value, "created_time": int(at), "message": text, **members}, author)

    def visitor_post(self, author: Event | None, text: str, post: str, at: float, **members: object) -> Event:
        """Somebody wrote on the page."""
        value = {"item": "post", "verb": "add", "post_id": post, "created_time": int(at), "message": text, **members}
        return self._change(value, author)

    def request(self, *events: Event, at: float) -> Event:
        """One request with an entry for each event."""
        return {"object": "page", "entry": [self._entry(event, at) for event in events]}

    def batch(self, *events: Event, at: float) -> Event:
        """One request whose entries hold several events each."""
        messaging = [one for one in events if "field" not in one]
        changes = [one for one in events if "field" in one]
        entries = [self._entry_of("messaging", messaging, int(at * 1000))] if messaging else []
        return {
            "object": "page",
            "entry": [*entries, *([self._entry_of("changes", changes, int(at))] if changes else [])],
        }

    def _messaging(self, user: str, at: float, told: Event) -> Event:
        return {"sender": {"id": user}, "recipient": {"id": self.page}, "timestamp": int(at * 1000), **told}

    def _change(self, value: Event, author: Event | None) -> Event:
        return {"field": "feed", "value": value if author is None else {**value, "from": author}}

    def _entry(self, event: Event, at: float) -> Event:
        # Facebook counts milliseconds in the inbox and seconds in the feed.
        kind, time = ("changes", int(at)) if "field" in event else ("messaging", int(at * 1000))
        return self._entry_of(kind, [event], time)

    def _entry_of(self, kind: str, events: list[Event], time: int) -> Event:
        return {"id": self.page, "time": time, kind: events}


def image(url: str) -> Event:
    """An attached picture."""
    return {"type": "image", "payload": {"url": url}}


def with_number_ids(value: Any, chance: random.Random) -> Any:  # noqa: ANN401 - JSON is any of its types
    """The same with some ids as numbers, as some of Facebook's payloads have them."""
    if isinstance(value, dict):
        return {
            name: int(item)
            if name in ("id", "photo_id", "app_id") and str(item).isdigit() and chance.random() < 0.5
            else with_number_ids(item, chance)
            for name, item in value.items()
        }
    if isinstance(value, list):
        return [with_number_ids(item, chance) for item in value]
    return value
