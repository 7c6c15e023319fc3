"""The system under test; `make test` starts it and provides its address."""

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
