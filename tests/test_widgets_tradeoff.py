"""TradeoffExplorer: the cheapest network that is accurate enough, drawn, said and refused."""
import numpy as np
import pandas as pd
import pytest

from vmm_lab.widgets import TradeoffExplorer
from vmm_lab.widgets.tradeoff import cheapest, tradeoff_chart

ROWS = pd.DataFrame({"accuracy": [0.97, 0.97, 0.95, 0.80], "bytes": [300e3, 160e3, 100e3, 50e3], "milliseconds": [1.0, 1.2, 0.7, 0.9]},
                    index=["whole", "fp16", "pruned <b>", "tiny"])


@pytest.mark.parametrize(("cost", "lost", "name"), [
    ("bytes", 0.0, "fp16"), ("bytes", 0.02, "pruned <b>"), ("bytes", 0.2, "tiny"), ("milliseconds", 0.0, "whole"),
    ("milliseconds", 0.2, "pruned <b>")])
def test_the_cheapest_that_is_accurate_enough_is_chosen(cost, lost, name):
    assert cheapest(ROWS, cost, lost) == name


def test_it_says_what_is_lost_and_what_is_saved():
    explorer = TradeoffExplorer(ROWS)
    assert explorer.chosen == "fp16" and "0.0 points lost; file size 160 kB, 53% of the whole" in explorer.message
    explorer.lost.value = 2
    assert "pruned <b>: accuracy 0.950, 2.0 points lost" in explorer.message
    explorer.cost.value = "milliseconds"
    assert "time for one clip 0.7 ms, 70% of the whole" in explorer.message
    assert repr(explorer) == "TradeoffExplorer(4 networks: pruned <b>)"
    assert explorer.pixels().shape[2] == 3 and "&lt;b&gt;" in explorer.status.parts[0]
    explorer.close()


def test_rows_named_by_numbers_are_shown_and_those_of_one_name_are_refused():
    explorer = TradeoffExplorer(ROWS.reset_index(drop=True), lost=2)
    assert explorer.message.startswith("2: accuracy 0.950, 2.0 points lost") and not explorer.status.failed
    with pytest.raises(ValueError, match="each row with a name of its own"):
        TradeoffExplorer(ROWS.set_axis(["a", "b", "b", "c"]))


def test_the_frontier_is_drawn_from_the_cheapest_on():
    lines = [stroke[1] for stroke in tradeoff_chart(ROWS, "bytes", 0.0).strokes if stroke[0] == "path" and len(stroke[1]) == 3]
    assert len(lines) == 1 and (np.diff(lines[0][:, 0]) > 0).all() and (np.diff(lines[0][:, 1]) < 0).all()


def test_the_chosen_point_lies_on_top_and_the_axis_has_round_numbers():
    rows = pd.DataFrame({"accuracy": [0.97, 0.96, 0.96], "bytes": [3000, 1000, 1001]}, index=["whole", "half", "nearly"])
    strokes = tradeoff_chart(rows, "bytes", 0.02).strokes
    numbers = [stroke for stroke in strokes if stroke[0] == "words"]
    assert [str(stroke[3]) for stroke in numbers if str(stroke[3]) in "123"][-2:] == ["2", "2"]
    assert {"1.00", "0.95", "0.90"} <= {str(stroke[3]) for stroke in numbers}


@pytest.mark.parametrize("rows", [ROWS[["accuracy"]], ROWS[["bytes"]], ROWS.iloc[:0], ROWS.assign(bytes=[1, np.nan, 2, 3]), None,
                                  ROWS.assign(accuracy=100 * ROWS["accuracy"]), ROWS.assign(bytes=[1, np.inf, 2, 3]), ROWS.assign(bytes=0)])
def test_a_table_without_costs_is_refused(rows):
    with pytest.raises(ValueError, match="a table with the column accuracy"):
        TradeoffExplorer(rows)
    with pytest.raises(ValueError, match="cost"):
        TradeoffExplorer(ROWS, cost="flops")
