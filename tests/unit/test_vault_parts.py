"""What the vault is made of: key files, sealing in one place, framing, and a bounded memory of keys."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.errors import Invalid, Unavailable
from gateway.vault.cache import KeyCache
from gateway.vault.provider import FileKeyProvider, add_master_key
from gateway.vault.sealing import KEY_ID_BYTES, NONCE_BYTES, DataKey, framed, open_value, seal_value

ALICE, BOB = "aa" * 16, "bb" * 16
PLACE = "commit:ticket/1:1"
PLAIN = "Nguyễn Thị Kiểm Tra, 0901 234 567".encode()


def test_a_key_file_is_private_and_well_formed_or_refused(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    with pytest.raises(Unavailable) as missing:
        FileKeyProvider(path)
    assert missing.value.reason == "key_file_missing"
    add_master_key(path)
    assert path.stat().st_mode & 0o777 == 0o600
    for mode in (0o640, 0o604, 0o622):
        path.chmod(mode)
        with pytest.raises(Invalid) as exposed:
            FileKeyProvider(path)
        assert exposed.value.reason == "key_file_exposed"
    path.chmod(0o600)
    for content in (b"", b"\n", b"00ff", b"xy" * 32, b"\xff\xfe", b"00" * 32 + b"\n00"):
        path.write_bytes(content)
        with pytest.raises(Invalid) as malformed:
            FileKeyProvider(path)
        assert malformed.value.reason == "key_file_malformed"
        assert content.decode("latin-1") not in str(malformed.value) or len(content) < 2


def test_a_new_master_key_comes_first_and_earlier_ones_stay(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    add_master_key(path)
    first = FileKeyProvider(path).current()
    path.write_text(path.read_text().replace("\n", " trial\n"))
    add_master_key(path)
    provider = FileKeyProvider(path)
    assert provider.current() != first
    assert provider.by_id(first[0]) == first[1]
    with pytest.raises(Invalid) as caught:
        provider.by_id("unheard of")
    assert caught.value.reason == "unknown_master_key"
    assert [entry.name for entry in tmp_path.iterdir()] == ["master.key"]


@settings(max_examples=100, deadline=None)
@given(
    plain=st.binary(max_size=200),
    owner=st.text(st.characters(codec="utf-8"), max_size=20),
    context=st.text(st.characters(codec="utf-8"), max_size=20),
    moved=st.tuples(st.text(st.characters(codec="utf-8"), max_size=20), st.text(st.characters(codec="utf-8"))),
)
def test_a_value_opens_exactly_where_it_was_sealed(
    plain: bytes, owner: str, context: str, moved: tuple[str, str]
) -> None:
    key = DataKey(bytes(KEY_ID_BYTES), AESGCM(bytes(range(32))))
    sealed = seal_value(key, bytes(NONCE_BYTES), owner, plain, context)
    assert open_value(key, owner, sealed, context) == plain
    if moved != (owner, context):
        with pytest.raises(Invalid):
            open_value(key, moved[0], sealed, moved[1])


@given(st.lists(st.binary(max_size=5), max_size=4), st.lists(st.binary(max_size=5), max_size=4))
def test_framing_keeps_different_parts_different(one: list[bytes], other: list[bytes]) -> None:
    assert (framed(*one) == framed(*other)) == (one == other)


def test_the_cache_is_bounded_and_forgets_the_least_recently_used() -> None:
    cache = KeyCache(2)
    key = DataKey(bytes(KEY_ID_BYTES), AESGCM(bytes(32)))
    for owner in ("a", "b"):
        cache.put(owner, key)
    assert cache.get("a") is key
    cache.put("c", key)
    assert len(cache) == 2
    assert cache.get("b") is None
    assert cache.get("a") is key
    cache.drop("a")
    cache.drop("a")
    assert cache.get("a") is None
    cache.clear()
    assert len(cache) == 0
