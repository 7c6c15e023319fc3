"""The system that the tests talk to; `make test` starts it and says where it is."""

import os
from collections.abc import Iterator

import pytest

import trueprice


def url() -> str:
    return os.environ["TRUEPRICE_URL"]


@pytest.fixture
def tp() -> Iterator[trueprice.Client]:
    with trueprice.connect() as client:
        yield client
