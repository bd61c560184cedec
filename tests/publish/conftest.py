"""The small corpus of the schema's tests, published once, and `datasets` cut off from the network."""

from __future__ import annotations

import importlib.util
import socket
from pathlib import Path

import pytest

_SPEC = importlib.util.spec_from_file_location(
    "small_corpus", Path(__file__).parents[1] / "schema" / "conftest.py"
)
_MODULE = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(_MODULE)


@pytest.fixture
def build():
    """Make a small corpus, of other pages where they are given as {document_id: (split, texts)}."""
    return _MODULE.small_corpus


@pytest.fixture
def small(build):
    return build()


@pytest.fixture(scope="session")
def published(tmp_path_factory):
    from corpus.publish import publish

    folder = tmp_path_factory.mktemp("project") / "published"
    publish(_MODULE.small_corpus(), folder)
    return folder


@pytest.fixture
def offline(monkeypatch, tmp_path):
    """Give `datasets` an empty cache and no network; a connection would fail the test."""
    import datasets

    def refuse(*_):
        pytest.fail("a network connection was tried")

    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    monkeypatch.setattr(socket.socket, "connect", refuse)
    datasets.disable_progress_bars()
    yield tmp_path / "cache"
    datasets.enable_progress_bars()
