"""Two copies of every service on a real broker and a store of MongoDB's kind: one gateway, whoever does what."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from cli.demo.client import Receipt
from gateway.runtime.data_folder import DataFolder
from tests.channels.zalo.running import province
from tests.gateway_process import GatewayProcess
from tests.pipeline.visitor import Visitor, received, shown
from tests.ports import free_port
from tests.servers import kafka, mongo

READY_SECONDS = 90.0
SECONDS = 90.0
LOOK_SECONDS = 0.1
CONTACT = {"name": "Lê Minh Tâm", "phone": "0909888777", "address": "ấp 3, xã Thuận Lợi"}
WATER = "Ống nước sạch ở ấp 3, xã Thuận Lợi bị vỡ, nước chảy tràn ra đường suốt ngày, đề nghị sửa giúp. Lần {}."
FORM = {"content": WATER.format("form"), **CONTACT}


class Cluster:
    """A broker of this module's own, a database of its own, and copies of the whole gateway on them."""

    def __init__(self, folder: Path) -> None:
        """Start the broker; the copies are started by the tests."""
        self.broker = kafka.KafkaBroker(folder / "broker", settings=kafka.TESTING).start()
        self.store = mongo.FerretDB(folder / "mongo").start()
        self.data = folder / "data"
        silent = f"http://127.0.0.1:{free_port()}"
        self.settings = {
            "GATEWAY_BUS_URL": f"kafka://{self.broker.address}/copies",
            "GATEWAY_STORE_URL": f"{self.store.url}/copies",
            "GATEWAY_PROVINCE": str(province(folder, quiet_seconds=3)),
            "KAFKA_PARTITIONS": "4",
            "KAFKA_REPLICATION_FACTOR": "1",
            "KAFKA_MIN_INSYNC": "1",
            "KAFKA_TRANSACTION_SECONDS": "4",
            "ZALO_API_URL": silent,
            "ZALO_OAUTH_URL": silent,
            "FACEBOOK_GRAPH_URL": silent,
            "EMAIL_IMAP_PORT": str(free_port()),
            "EMAIL_SMTP_PORT": str(free_port()),
        }

    def copy(self, data: Path | None = None, **more: str) -> GatewayProcess:
        """One more copy of everything, not yet started; copies may share a data folder."""
        made = GatewayProcess(data or self.data, **self.settings, **more)
        made.log = self.data.with_name(f"copy.{made.port}.log")
        return made


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    reason = kafka.missing() or mongo.missing()
    if reason is not None:
        (pytest.fail if mongo.REQUIRED else pytest.skip)(reason)
    made = Cluster(tmp_path_factory.mktemp("cluster"))
    yield made
    made.broker.stop()
    made.store.stop()


@pytest.fixture(scope="module")
def copies(cluster: Cluster) -> Iterator[tuple[GatewayProcess, GatewayProcess]]:
    """Two, the second started when the first is ready: nothing but the settings tells them of each other."""
    pair = (cluster.copy(), cluster.copy())
    for copy in pair:
        copy.start().ready(READY_SECONDS)
    yield pair
    for copy in pair:
        copy.kill()


def ticketed(visitor: Visitor, receipts: list[Receipt]) -> None:
    """Wait until every one of them has reached an agency."""
    until(lambda: all(visitor.status(one)["transferred_at"] for one in receipts))


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + SECONDS
    while not true():
        assert time.monotonic() < end
        time.sleep(LOOK_SECONDS)


def matter(number: object) -> dict[str, object]:
    return {"user_id": f"citizen-{number}", "content": WATER.format(number), "contact": CONTACT}


def figure(copy: GatewayProcess, name: str) -> float:
    """A figure without labels."""
    lines = httpx.get(f"{copy.address}/metrics", trust_env=False).text.splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith(f"{name} "))


@pytest.mark.timeout(400)
def test_what_one_copy_took_is_seen_and_done_by_both(
    cluster: Cluster, copies: tuple[GatewayProcess, GatewayProcess]
) -> None:
    one, other = copies
    with Visitor(one) as here, Visitor(other) as there:
        receipts = [received(visitor.submit(matter(f"both-{n}"))) for n in range(5) for visitor in (here, there)]
        ticketed(there, receipts)
        codes = [receipt.code for receipt in receipts]
        assert len(set(codes)) == len(codes)
        # The browser got its form from one copy, and the load balancer sends what it fills in to the other.
        token = shown("form", here.ask("GET", "/"))
        assert there.send_form(FORM, token=token).status_code == 303
    assert not any(path.name in ("bus", "store.db", "files") for path in cluster.data.iterdir())


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_copy_that_dies_is_followed_by_the_other(copies: tuple[GatewayProcess, GatewayProcess]) -> None:
    one, other = copies
    with Visitor(one) as here, Visitor(other) as there:
        receipts = [received(here.submit(matter(f"dies-{n}"))) for n in range(5)]
        one.kill()
        receipts += [received(there.submit(matter(f"lives-{n}"))) for n in range(5)]
        ticketed(there, receipts)
    one.start().ready(READY_SECONDS)


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_while_the_broker_is_away_citizens_are_answered_and_nothing_is_lost(
    cluster: Cluster, copies: tuple[GatewayProcess, GatewayProcess]
) -> None:
    edge = copies[1]
    with Visitor(edge) as visitor:
        cluster.broker.kill()
        receipts = [received(visitor.submit(matter(f"away-{n}"))) for n in range(10)]
        until(lambda: figure(edge, "gateway_spool_messages") == 10)
        until(lambda: figure(edge, "gateway_spool_oldest_seconds") > 0)
        edge.kill()
        # What it kept for the broker is there for its next life, which begins while the broker is still away.
        edge.start()
        cluster.broker.start()
        edge.ready(READY_SECONDS)
        until(lambda: figure(edge, "gateway_spool_messages") == 0)
        ticketed(visitor, receipts)


@pytest.mark.timeout(400)
def test_while_the_store_is_away_every_copy_waits_for_it(
    cluster: Cluster, copies: tuple[GatewayProcess, GatewayProcess]
) -> None:
    cluster.store.kill()
    for copy in copies:
        until(lambda copy=copy: "sender_waits" in copy.logged())  # type: ignore[misc]  # bound to this copy
    cluster.store.start()
    with Visitor(copies[0]) as one, Visitor(copies[1]) as other:
        ticketed(one, [received(visitor.submit(matter(f"store-{n}"))) for n in range(3) for visitor in (one, other)])


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_full_disk_matters_only_while_the_broker_is_away(
    cluster: Cluster, copies: tuple[GatewayProcess, GatewayProcess], tmp_path: Path
) -> None:
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    (data / "secrets").symlink_to(cluster.data / "secrets")
    full = cluster.copy(data, GATEWAY_DISK_RESERVE_MB=str(10**9)).start().ready(READY_SECONDS)
    try:
        with Visitor(full) as visitor, Visitor(copies[0]) as other:
            ticketed(other, [received(visitor.submit(matter("full-disk")))])
            cluster.broker.kill()
            answer = visitor.submit(matter("refused"))
            assert answer.status_code == 503
            assert int(answer.headers["retry-after"]) > 0
            assert httpx.get(f"{full.address}/readyz", trust_env=False).json()["reason"] == "disk_full"
            kept = received(other.submit(matter("kept")))
            cluster.broker.start()
            ticketed(other, [kept])
            until(lambda: visitor.submit(matter("again")).status_code == 202)
    finally:
        full.kill()


@pytest.mark.parametrize(
    ("key", "reason"),
    [("identity", "identity_changed"), ("files", "files_key_changed"), ("session", "session_key_differs")],
)
def test_a_machine_with_another_key_is_refused(
    cluster: Cluster, copies: tuple[GatewayProcess, GatewayProcess], tmp_path: Path, key: str, reason: str
) -> None:
    """The folder of a machine that was given all keys but one."""
    assert all(copy.pid for copy in copies)
    folder = DataFolder(tmp_path / "data")
    folder.create(clustered=True)
    for path in DataFolder(cluster.data).secret_files():
        (folder.secrets / path.name).write_bytes(path.read_bytes())
        (folder.secrets / path.name).chmod(0o600)
    (folder.secrets / f"{key}.key").write_text("ab" * 32)
    wrong = cluster.copy(folder.root).start()
    try:
        assert wrong.wait(READY_SECONDS) == 1
    finally:
        wrong.kill()
    said = [line for line in wrong.logged().splitlines() if not line.startswith("{")]
    assert said[-1].startswith(f"{reason}: ")


@pytest.mark.timeout(400)
def test_both_end_well_when_told(copies: tuple[GatewayProcess, GatewayProcess]) -> None:
    for copy in copies:
        assert copy.stop() == 0
        assert "stopped" in {line["event"] for line in copy.events()}
