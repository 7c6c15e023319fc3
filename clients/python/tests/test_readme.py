"""Runs every example in the README."""

from pathlib import Path

import pandas as pd
import pytest

import trueprice

README = Path(__file__).parent.parent / "README.md"


def blocks(title: str) -> list[str]:
    part = README.read_text(encoding="utf-8").split(title, 1)[1].split("\n## ", 1)[0]
    return [block.split("```", 1)[0] for block in part.split("```python\n")[1:]]


QUESTIONS = [line for line in blocks("## The ten most common questions")[0].splitlines() if line.strip()]


def test_there_are_ten() -> None:
    assert len(QUESTIONS) == 10
    assert all(line.startswith("tp.") and "#" in line for line in QUESTIONS)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.split("#")[-1].strip())
def test_each_is_answered_in_one_line(question: str, tp: trueprice.Client, tmp_path: Path) -> None:
    code = question.split("#")[0].strip().replace('"/tmp"', repr(str(tmp_path)))
    answer = eval(code, {"tp": tp})
    if isinstance(answer, pd.DataFrame):
        assert len(answer) > 0, code
        assert len(answer.columns) > 3, code
    else:
        assert answer.stat().st_size > 100, code


def test_the_other_examples_run(tp: trueprice.Client, capsys: pytest.CaptureFixture[str]) -> None:
    more = blocks("## The ten most common questions")[1]
    exec(more, {"tp": tp})
    assert "ERCOT" in capsys.readouterr().out
