"""Shows how the demonstration ended: a table of all messages, and in words what ended otherwise than expected."""

from collections.abc import Sequence

from cli.demo.play import Played
from cli.faults import say
from cli.screen import print_rows, screen, table


def report(played: Sequence[Played]) -> None:
    """Print it; what went wrong goes to standard error."""
    made = table("What became of them", "message", "channel", "outcome", "code", "agency", "replies", "")
    print_rows(made, [_row(one) for one in played], empty="Nobody wrote.")
    wrong = [one for one in played if one.faults]
    for one in wrong:
        for fault in one.faults:
            say(f"{one.scene.name}: {fault}")
    skipped = [one for one in played if one.skipped]
    for reason in dict.fromkeys(one.skipped for one in skipped):
        say(f"{sum(one.skipped == reason for one in skipped)} not played: {reason}")
    done = [one for one in played if not one.skipped]
    if done and not wrong:
        screen().print(f"All {len(done)} ended as expected. Look closer: gateway show {done[0].code}")


def _row(one: Played) -> list[str]:
    mark = f"skipped ({one.skipped})" if one.skipped else "otherwise" if one.faults else "ok"
    replies = ", ".join(one.replies) or "-"
    return [one.scene.about, one.scene.by, one.outcome, one.code, one.agency, replies, mark]
