import pytest

from ml.presenters import charts
from tests.look.pages import Page
from tests.look.test_look import render

COUNTS = [[8, 2, 0], [0, 5, 0], [1, 0, 9]]
LABELS = ["Brown", "Rainbow", "Chub"]
BINS = [
    {"confidence": 0.95, "accuracy": 0.9, "low": 0.85, "high": 0.94, "count": 100},
    {"confidence": 0.35, "accuracy": 0.5, "low": None, "high": None, "count": 10},
    {"confidence": 0.1, "accuracy": 0.0, "low": None, "high": None, "count": 0},
]


def test_cells_stand_where_their_row_and_column_are():
    chart = charts.confusion(labels=LABELS, counts=COUNTS)
    cell = chart["rows"][0]["cells"][1]
    assert (cell["count"], cell["x"], cell["y"], chart["side"]) == (2, "33.33%", "0.00%", "33.33%")


def test_tones_go_by_the_share_of_the_row():
    assert [charts.tone(count, 100) for count in (0, 1, 3, 6, 20, 50, 100)] == [0, 1, 2, 3, 4, 5, 5]
    assert charts.tone(0, 0) == 0


def test_mix_ups_are_the_cells_off_the_diagonal_most_frequent_first():
    mixed = charts.confusion(labels=LABELS, counts=COUNTS)["mixed"]
    assert mixed == [
        {"is": "Brown", "says": "Rainbow", "count": 2},
        {"is": "Chub", "says": "Brown", "count": 1},
    ]


@pytest.mark.parametrize("counts", [COUNTS[:2], [[1], [2], [3]]])
def test_a_matrix_that_does_not_fit_its_labels_is_refused(counts):
    with pytest.raises(ValueError, match="3 by 3"):
        charts.confusion(labels=LABELS, counts=counts)


def test_a_confusion_matrix_has_its_numbers_in_a_table_too():
    matrix = {"labels": LABELS, "counts": COUNTS}
    page = Page(render("{% load model_charts %}{% confusion matrix %}", {"matrix": matrix}))
    assert page.faults == []
    assert len(page.all("rect")) == 9
    assert len(page.all("td", class_="n")) == 9


def test_many_classes_become_the_list_of_mix_ups():
    n = charts.MOST_CLASSES + 1
    counts = [[int(i == j) for j in range(n)] for i in range(n)]
    counts[3][4] = 7
    matrix = {"labels": [f"dish {i}" for i in range(n)], "counts": counts}
    page = Page(render("{% load model_charts %}{% confusion matrix %}", {"matrix": matrix}))
    assert page.faults == []
    assert page.all("svg") == []
    assert "dish 3 dish 4 7" in page.text


def test_reliability_leaves_empty_bins_out_and_goes_from_left_to_right():
    chart = charts.reliability(BINS)
    assert [point["x"] for point in chart["points"]] == ["35.00%", "95.00%"]
    assert chart["points"][1] | {"y": "10.00%", "low": "15.00%", "high": "6.00%"} == chart["points"][1]
    assert [bar["height"] for bar in chart["bars"]] == ["10.00%", "100.00%"]
    assert (
        chart["says"] == "When it says 0.95 it is right 90\N{NO-BREAK SPACE}% of the time, over 100 answers."
    )


@pytest.mark.parametrize("bins", [BINS, []])
def test_a_reliability_diagram(bins):
    page = Page(render("{% load model_charts %}{% reliability bins %}", {"bins": bins}))
    assert page.faults == []
    assert bool(page.all("svg", role="img")) == bool(bins)


def test_an_interval_lies_on_its_axis():
    line = charts.range_line(low=40, point=75, high=110, start=50, end=100)
    assert 'x1="0.00%" x2="100.00%"' in line
    assert 'x="50.00%"' in line


def test_without_an_interval_the_point_stands_alone():
    assert 'class="w"' not in charts.range_line(low=None, point=0.5, high=None, start=0, end=1)


def test_an_axis_without_length_is_refused():
    with pytest.raises(ValueError, match="length"):
        charts.range_line(low=None, point=1, high=None, start=1, end=1)


def test_a_gauge_shows_measures_with_and_without_an_interval():
    measures = [
        {"name": "By photo", "value": "86 %", "low": 80, "point": 86, "high": 90, "start": 50, "end": 100},
        {"name": "Calibration", "note": "five is the limit", "value": "3.5", "interval": "points"},
    ]
    page = Page(render("{% include 'ml/_gauge.html' %}", {"measures": measures}))
    assert page.faults == []
    assert page.all("svg")
    assert "five is the limit" in page.text
