import shutil

import pytest
from celery import current_app
from kombu import Connection

from jobs import wakeups


@pytest.fixture
def queue(tmp_path, request):
    folder = tmp_path / "broker"
    options = {
        "data_folder_in": str(folder / "queue"),
        "data_folder_out": str(folder / "queue"),
        "control_folder": str(folder / "control"),
    }
    with Connection("filesystem://", transport_options=options) as connection:
        with connection.SimpleQueue(request.node.name) as queue:
            yield queue


def files(tmp_path):
    return list((tmp_path / "broker" / "queue").glob("*"))


def test_a_message_arrives(queue, tmp_path):
    queue.put({"n": 1})
    assert queue.get(timeout=5).payload == {"n": 1}


def test_a_wiped_folder_loses_its_messages_and_nothing_else(queue, tmp_path):
    queue.put({"n": 1})
    shutil.rmtree(tmp_path / "broker")
    with pytest.raises(queue.Empty):
        queue.get(timeout=0.2)
    queue.put({"n": 2})
    assert queue.get(timeout=5).payload == {"n": 2}
    shutil.rmtree(tmp_path / "broker")
    queue.put({"n": 3})
    assert len(files(tmp_path)) == 1
    shutil.rmtree(tmp_path / "broker")
    assert queue.qsize() == 0
    assert queue.clear() == 0


def test_a_half_written_message_is_left_out(queue, tmp_path, caplog):
    queue.put({"n": 1})
    (written,) = files(tmp_path)
    written.write_bytes(written.read_bytes()[:40])
    with pytest.raises(queue.Empty):
        queue.get(timeout=0.2)
    assert "left out" in caplog.text
    queue.put({"n": 2})
    assert queue.get(timeout=5).payload == {"n": 2}


def test_a_wakeup_is_one_message_for_the_one_task():
    assert "jobs.run" in current_app.tasks
    with current_app.connection_for_read() as connection:
        with connection.SimpleQueue("test_wakeups") as queue:
            queue.clear()
            assert wakeups.send("some-id", "test_wakeups") is True
            message = queue.get(timeout=5)
            message.ack()
    assert message.headers["task"] == "jobs.run"
    assert message.payload[0] == ["some-id"]
