import pytest

from jobs import registry


def test_a_kind_is_found_with_what_its_handler_asked_for():
    @registry.job("grow", queue="gpu", max_attempts=2)
    def grow(context):
        pass

    kind = registry.find("grow")
    assert (kind.handler, kind.queue, kind.max_attempts) == (grow, "gpu", 2)
    assert registry.kinds() == ["grow"]


def test_two_functions_cannot_have_one_kind():
    @registry.job("grow")
    def grow(context):
        pass

    with pytest.raises(ValueError, match=r"test_registry.*grow.* already runs"):

        @registry.job("grow")
        def shrink(context):
            pass

    assert registry.find("grow").handler is grow


def test_importing_a_module_again_is_not_a_second_function():
    def grow(context):
        pass

    registry.job("grow")(grow)
    registry.job("grow")(grow)


def test_at_least_one_attempt():
    with pytest.raises(ValueError, match="at least one attempt"):
        registry.job("grow", max_attempts=0)
