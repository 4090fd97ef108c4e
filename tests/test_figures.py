"""What `make deep` writes into the documents."""

from tests.figures import with_table


def test_the_table_of_figures_is_replaced_and_nothing_else():
    page = "before\n<!-- deep -->\nold\n<!-- /deep -->\nafter\n"
    once = with_table(page, [("a storm", "500 jobs")])
    assert once.startswith("before\n<!-- deep -->\n")
    assert once.endswith("| a storm | 500 jobs |\n<!-- /deep -->\nafter\n")
    assert "old" not in once
    assert with_table(once, []).count("<!-- deep -->") == 1


def test_at_small_size_nothing_is_kept(figure, tmp_path, monkeypatch):
    monkeypatch.setattr("tests.figures._folder", lambda: tmp_path)
    monkeypatch.setattr("tests.figures.IS_DEEP", False)
    figure("a storm", "500 jobs")
    assert not list(tmp_path.iterdir())
    monkeypatch.setattr("tests.figures.IS_DEEP", True)
    figure("a storm", "500 jobs")
    assert [file.name for file in tmp_path.iterdir()] == ["a-storm.json"]
