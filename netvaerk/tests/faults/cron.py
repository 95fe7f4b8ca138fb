"""What cron does each minute, here each second: sending without Redis and Celery, whoever of the senders dies."""

import multiprocessing
import time

SENDERS = 3


def send() -> None:
    from members.tasks import send_due

    send_due()


if __name__ == "__main__":
    multiprocessing.set_start_method("fork")
    from netvaerk.tests.faults import worker  # noqa: F401

    running = []
    while True:
        running = [process for process in running if process.is_alive()]
        while len(running) < SENDERS:
            process = multiprocessing.Process(target=send, daemon=True)
            process.start()
            running.append(process)
        time.sleep(0.5)
