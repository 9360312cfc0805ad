"""What is computed while a reader looks."""

import asyncio

from helpers.explore.kit import ahead
from helpers.explore.kit.ahead import Ahead


def called(*asked, seconds=0.2):
    """Return what is called when these lists of settings are asked in one go."""
    calls = []
    one = Ahead(lambda *setting: calls.append(setting))

    async def kernel():
        for settings in asked:
            one.ask(settings)
        await asyncio.sleep(seconds)

    asyncio.run(kernel())
    return calls


def test_each_setting_is_computed_once_in_its_order():
    assert called([(1, "a"), (2, "b")]) == [(1, "a"), (2, "b")]
    assert called([]) == []


def test_it_waits_until_nothing_moves():
    assert called([(1,)], seconds=ahead.LOOK / 4) == []


def test_only_the_last_question_counts():
    assert called([(1,), (2,)], [(3,)]) == [(3,)]
    assert called([(1,)], []) == []


def test_a_move_that_comes_meanwhile_is_answered_first():
    done = []

    async def kernel():
        one = Ahead(lambda n: (done.append(n), asyncio.get_running_loop()))
        one.ask([(1,), (2,), (3,)], delay=0)
        asyncio.get_running_loop().call_soon(done.append, "move")
        await asyncio.sleep(0.1)

    asyncio.run(kernel())
    assert done.index("move") < done.index(2)
    assert done[-1] == 3


def test_without_a_kernel_nothing_is_computed():
    calls = []
    Ahead(calls.append).ask([(1,)], delay=0)
    assert calls == []
