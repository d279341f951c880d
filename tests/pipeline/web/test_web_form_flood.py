"""A flood of forms from one public address: what is above its allowance waits at its sender, in the form."""

from dataclasses import replace

import pytest

from tests.pipeline.web.harness import FILLED, Channel, browser

HOME, NEIGHBOUR = "14.160.0.7", "14.160.0.8"


@pytest.fixture
def narrow(channel: Channel) -> Channel:
    """Two forms at once, and six more each minute."""
    bounds = {"form_burst": 2, "form_per_minute": 6.0}
    return channel.with_(settings=channel.web.settings.model_copy(update=bounds))


def at(channel: Channel, address: str) -> Channel:
    """The same channel, reached from another address."""
    return replace(channel, client=browser(channel.app, address))


@pytest.mark.parametrize(("path", "sentence"), [("/", "cùng một mạng"), ("/en", "the same network")])
async def test_what_is_above_the_allowance_is_refused_with_a_wait_and_the_form_keeps_it(
    narrow: Channel, path: str, sentence: str
) -> None:
    home = at(narrow, HOME)
    answers = [await home.send_form(path, content=f"{FILLED['content']} Lần {number}.") for number in range(3)]
    assert [answer.status_code for answer in answers] == [303, 303, 429]
    assert answers[2].headers["retry-after"] == "10"
    assert sentence in answers[2].text
    assert f"{FILLED['content']} Lần 2." in answers[2].text
    assert len(await narrow.raws()) == 2
    counted = {"channel": "web", "reason": "too_many_messages"}
    assert narrow.web.metrics.registry.get_sample_value("gateway_refused_total", counted) == 1


async def test_the_allowance_comes_back_and_is_each_address_s_own(narrow: Channel) -> None:
    home = at(narrow, HOME)
    for _ in range(3):
        await home.send_form()
    assert (await at(narrow, NEIGHBOUR).send_form()).status_code == 303
    narrow.clock.pass_by(seconds=10)
    assert [(await home.send_form()).status_code for _ in range(2)] == [303, 429]


async def test_a_form_that_is_not_right_takes_nothing_of_the_allowance(narrow: Channel) -> None:
    home = at(narrow, HOME)
    for _ in range(5):
        assert (await home.send_form(name="")).status_code == 422
    assert (await home.send_form()).status_code == 303


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "fd00::7", "::ffff:10.1.2.3", "nobody"])
async def test_behind_a_private_address_stand_many_so_it_has_no_bound(narrow: Channel, address: str) -> None:
    house = at(narrow, address)
    assert [(await house.send_form()).status_code for _ in range(4)] == [303] * 4


@pytest.mark.parametrize("written", ["2402:800:1:2::{}", "::ffff:14.160.0.7"])
async def test_an_address_of_version_6_is_bounded_with_its_network(narrow: Channel, written: str) -> None:
    """And one of version 4 by itself, however the socket writes it."""
    answers = [await at(narrow, written.format(number)).send_form() for number in range(3)]
    assert [answer.status_code for answer in answers] == [303, 303, 429]
