"""What is computed while a reader looks."""

import asyncio

from helpers.explore.kit.ahead import Ahead


def called(*asked, delay=0.0, want=0):
    """Return what is called once `want` calls were made, of lists asked in one go."""
    calls = []
    one = Ahead(lambda *setting: calls.append(setting))

    async def kernel():
        for settings in asked:
            one.ask(settings, delay)
        for _ in range(1000):
            if len(calls) >= want:
                break
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.05)  # for what should not come

    asyncio.run(kernel())
    return calls


def test_each_setting_is_computed_once_in_its_order():
    assert called([(1, "a"), (2, "b")], want=2) == [(1, "a"), (2, "b")]
    assert called([]) == []


def test_it_waits_until_nothing_moves():
    assert called([(1,)], delay=60) == []


def test_only_the_last_question_counts():
    assert called([(1,), (2,)], [(3,)], want=1) == [(3,)]
    assert called([(1,)], []) == []


def test_a_move_that_comes_meanwhile_is_answered_first():
    done = []

    async def kernel():
        Ahead(done.append).ask([(1,), (2,), (3,)], delay=0)
        asyncio.get_running_loop().call_soon(done.append, "move")
        for _ in range(1000):
            if 3 in done:
                break
            await asyncio.sleep(0.01)

    asyncio.run(kernel())
    assert done.index("move") < done.index(2)
    assert done[-1] == 3


def test_without_a_kernel_nothing_is_computed():
    calls = []
    Ahead(calls.append).ask([(1,)], delay=0)
    assert calls == []


def test_what_fails_ahead_is_left_to_the_move_itself(capsys):
    calls = []

    def fails(n):
        print("half")
        calls.append(n)
        return 1 / n

    async def kernel():
        Ahead(fails).ask([(0,), (1,)], delay=0)
        while len(calls) < 2:
            await asyncio.sleep(0.01)

    asyncio.run(asyncio.wait_for(kernel(), 20))
    said = capsys.readouterr()
    assert said.out + said.err == ""
