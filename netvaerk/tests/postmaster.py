"""A small mail server for trials, well or ill: `python -m netvaerk.tests.postmaster <port> <log> <orders>`.

It writes one line for each letter before it says that it has it, and reads its orders anew for each.
"""

import asyncio
import hashlib
import json
import os
import sys
import time
from contextlib import suppress
from email import message_from_bytes
from pathlib import Path

MOST_HANGING_SECONDS = 600


class Server:
    def __init__(self, log: str, orders: str):
        self.log = open(log, "ab", buffering=0)  # noqa: SIM115  (open for as long as the server lives)
        self.path, self.read_at, self._orders, self.used, self.open = Path(orders), None, {}, 0, 0

    @property
    def orders(self) -> dict:
        changed = os.stat(self.path).st_mtime_ns
        if changed != self.read_at:
            self.read_at, self._orders, self.used = changed, json.loads(self.path.read_text()), 0
        return self._orders

    def is_told_to(self, deed: str) -> bool:
        """Whether this one is to be treated so; `times` bounds how many are, and `only` to whom."""
        if self.orders.get("ill") != deed or self.used >= self.orders.get("times", 10**9):
            return False
        self.used += 1
        return True

    def note(self, event: str, **fields) -> None:
        self.log.write(json.dumps({"event": event, "at": time.time(), **fields}).encode() + b"\n")

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open += 1
        try:
            await self.serve(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self.open -= 1
            writer.close()

    async def serve(self, reader, writer) -> None:
        unsaid: list[bytes] = []

        def say_all() -> None:
            writer.write(b"".join(unsaid))
            unsaid.clear()

        async def say(text: str) -> None:
            data = text.encode() + b"\r\n"
            if self.orders.get("ill") == "drip":
                for byte in data:
                    writer.write(bytes([byte]))
                    await writer.drain()
                    await asyncio.sleep(1)
                return
            # Answers to what was said in one breath go in one (RFC 2920 3.2): the loop turns when all of it is read.
            if not unsaid:
                asyncio.get_running_loop().call_soon(say_all)
            unsaid.append(data)

        self.note("connected", open=self.open)
        if self.is_told_to("hang"):
            await asyncio.sleep(MOST_HANGING_SECONDS)
        await say(self.orders.get("greeting", "220 postmaster"))
        address = ""
        while line := await reader.readline():
            word = line[:4].upper()
            if word == b"EHLO":
                can = self.orders.get("can", ["PIPELINING", "CHUNKING"])
                await say("\r\n".join(f"250-{word}" for word in ["postmaster", *can]) + "\r\n250 HELP")
            elif word == b"HELO":
                await say("250 postmaster")
            elif word == b"MAIL":
                await say(self.orders.get("mail", "250 ok"))
            elif word == b"RCPT":
                address = line.decode().split("<", 1)[1].split(">", 1)[0]
                answer = self.orders.get("rcpt", {}).get(address) or self.orders.get("rcpt_all", "250 ok")
                self.note("rcpt", to=address, answer=answer[:3])
                await say(answer)
            elif word in (b"DATA", b"BDAT"):
                if self.is_told_to("drop before data"):
                    return
                if word == b"BDAT":
                    data = await reader.readexactly(int(line.split()[1]))
                else:
                    await say("354 go on")
                    data = await self.text(reader)
                if answer := self.orders.get("data"):
                    await say(answer)
                    continue
                if self.is_told_to("drop in data"):
                    return
                self.note_letter(address, data)
                if self.is_told_to("drop after data"):
                    return
                await asyncio.sleep(self.orders.get("slow", 0))
                await say("250 taken")
            elif word == b"QUIT":
                await say("221 bye")
                await asyncio.sleep(0)
                return
            else:
                await say("250 ok")

    async def text(self, reader) -> bytes:
        lines = []
        while (line := await reader.readline()) != b".\r\n":
            if not line:
                raise ConnectionResetError
            lines.append(line)
        return b"".join(lines)

    def note_letter(self, address: str, data: bytes) -> None:
        head = message_from_bytes(data.split(b"\r\n\r\n", 1)[0])
        fields = {
            "id": head["Message-ID"],
            "to": address,
            "named": head["To"],
            "sha": hashlib.sha256(data).hexdigest(),
        }
        if self.orders.get("keep"):
            fields["text"] = data.decode("ascii")
        self.note("taken", **fields)


async def main(port: str, log: str, orders: str) -> None:
    server = Server(log, orders)
    async with await asyncio.start_server(server.talk, "127.0.0.1", int(port), limit=2**22) as listening:
        await listening.serve_forever()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(main(*sys.argv[1:]))
