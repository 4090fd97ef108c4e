import pytest

from project.foundation.jobs import registry


@pytest.fixture(autouse=True)
def _own_registry(monkeypatch):
    monkeypatch.setattr(registry, "_kinds", {})


def test_a_registered_job_is_known_by_its_name_with_its_queue_and_attempts():
    @registry.job("test.reindex", queue="media", max_attempts=5)
    def reindex(run):
        return "done"

    kind = registry.kind("test.reindex")
    assert (kind.body, kind.queue, kind.max_attempts) == (reindex, "media", 5)


def test_a_job_that_says_nothing_more_runs_on_the_default_queue_three_times_at_most():
    registry.job("test.reindex")(lambda run: None)
    assert (registry.kind("test.reindex").queue, registry.kind("test.reindex").max_attempts) == ("default", 3)


def test_a_kind_that_nobody_registered_is_refused_by_name():
    with pytest.raises(registry.UnknownKind, match=r"test\.nothing"):
        registry.kind("test.nothing")


def test_two_jobs_cannot_have_one_name():
    @registry.job("test.reindex")
    def first(run):
        pass

    with pytest.raises(ValueError, match=r"two jobs are called test\.reindex"):

        @registry.job("test.reindex")
        def second(run):
            pass

    assert registry.kind("test.reindex").body is first


def test_two_jobs_of_one_name_are_refused_even_if_their_functions_are_called_alike():
    """Two apps may both have a function `reindex` in their tasks.py."""

    def reindex(run):
        pass

    first, reindex.__module__ = reindex, "media.tasks"
    registry.job("test.reindex")(first)

    def reindex(run):
        pass

    reindex.__module__ = "vod.tasks"
    with pytest.raises(ValueError, match="two jobs"):
        registry.job("test.reindex")(reindex)


def test_a_module_that_is_loaded_again_registers_again_without_complaint():
    def body(run):
        pass

    registry.job("test.reindex")(body)
    registry.job("test.reindex")(body)
    assert registry.kind("test.reindex").body is body
