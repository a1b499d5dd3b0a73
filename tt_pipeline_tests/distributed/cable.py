"""The cable between a machine and a server: while it is cut, nothing gets through, and nobody is told."""

import asyncio
import threading
from contextlib import suppress
from types import TracebackType
from typing import Final, Self

_CHUNK: Final = 1 << 16


class Cable:
    """Forwards connections from a port of this machine to another one, with `with`; it can be cut and mended."""

    def __init__(self, target: int) -> None:
        """Take the port of the server."""
        self._target = target
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._is_whole = asyncio.Event()
        self._server: asyncio.Server | None = None
        self.port = 0

    def __enter__(self) -> Self:
        self._thread.start()
        self.mend()
        starting = asyncio.start_server(self._forward, "127.0.0.1", 0)
        self._server = asyncio.run_coroutine_threadsafe(starting, self._loop).result()
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _end(self) -> None:
        assert self._server
        self._server.close()
        running = asyncio.all_tasks() - {asyncio.current_task()}
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    def cut(self) -> None:
        """Let nothing through, as if the packets were lost; connections stay open on both sides."""
        self._loop.call_soon_threadsafe(self._is_whole.clear)

    def mend(self) -> None:
        """Let everything through again, also what was sent meanwhile."""
        self._loop.call_soon_threadsafe(self._is_whole.set)

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._is_whole.wait()
        try:
            there = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:  # the server is down
            writer.close()
            return
        with suppress(asyncio.CancelledError):  # at the end of the test
            await asyncio.gather(self._pump(reader, there[1]), self._pump(there[0], writer))

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(OSError):
                while chunk := await reader.read(_CHUNK):
                    await self._is_whole.wait()
                    writer.write(chunk)
                    await writer.drain()
        finally:
            writer.close()
