"""A headless Chromium driven over its own protocol on two pipes: nothing to install but the browser."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
CHROMIUM = next((found for name in NAMES if (found := shutil.which(name))), None)


class Browser:
    """One browser with one page; `errors` holds what its console complained of."""

    def __init__(self) -> None:
        to_read, our_write = os.pipe()
        our_read, to_write = os.pipe()
        self._profile = tempfile.mkdtemp(prefix="chromium-")
        flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]
        flags += ["--hide-scrollbars"]
        flags += ["--disable-background-networking", "--remote-debugging-pipe", f"--user-data-dir={self._profile}"]

        def pipes() -> None:
            for there, here in ((3, to_read), (4, to_write)):
                os.dup2(here, there)

        # the pipes must be descriptors 3 and 4 of the browser: both ends are moved out of the way first
        to_read, to_write = (os.dup2(end, spare) for end, spare in ((to_read, 60), (to_write, 61)))
        self._process = subprocess.Popen(
            [str(CHROMIUM), *flags, "about:blank"],
            close_fds=False,
            preexec_fn=pipes,  # noqa: PLW1509  no other thread runs
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_read), os.close(to_write)
        self._out, self._in = os.fdopen(our_write, "wb"), os.fdopen(our_read, "rb")
        self._rest, self._number, self._session = b"", 0, None
        self.errors: list[str] = []
        self.events: list[dict[str, Any]] = []
        target = next(t for t in self.call("Target.getTargets")["targetInfos"] if t["type"] == "page")
        attached = self.call("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        self.call("Page.setLifecycleEventsEnabled", enabled=True)

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """One command; what happens meanwhile is kept."""
        self._number += 1
        asked: dict[str, Any] = {"id": self._number, "method": method, "params": params}
        if self._session:
            asked["sessionId"] = self._session
        self._out.write(json.dumps(asked).encode() + b"\0")
        self._out.flush()
        while True:
            said = self._message()
            if said.get("id") == self._number:
                if "error" in said:
                    raise RuntimeError(f"{method}: {said['error']}")
                return dict(said["result"])

    def _message(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            more = self._in.read1(65536)
            if not more:
                raise RuntimeError("the browser has gone")
            self._rest += more
        text, self._rest = self._rest.split(b"\0", 1)
        said = json.loads(text)
        self.events.append(said)
        if said.get("method") == "Runtime.exceptionThrown":
            details = said["params"]["exceptionDetails"]
            self.errors.append(details.get("exception", {}).get("description", details["text"]))
        if said.get("method") == "Log.entryAdded" and said["params"]["entry"]["level"] in ("error", "warning"):
            self.errors.append(said["params"]["entry"]["text"])
        if said.get("method") == "Runtime.consoleAPICalled" and said["params"]["type"] in ("error", "warning"):
            self.errors.append(str(said["params"]["args"]))
        return dict(said)

    def open(self, path: Path, width: int, height: int = 900, *, dark: bool = False, scale: float = 1) -> None:
        """Load a file in a window of that size."""
        self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale, mobile=False
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])
        self.events.clear()
        self.errors.clear()
        loading = self.call("Page.navigate", url=path.resolve().as_uri())["loaderId"]
        while not any(self._is_load(said, loading) for said in self.events):
            self._message()

    @staticmethod
    def _is_load(said: dict[str, Any], loading: str) -> bool:
        params = said.get("params", {})
        found = params.get("name"), params.get("loaderId")
        return said.get("method") == "Page.lifecycleEvent" and found == ("load", loading)

    def run(self, script: str) -> Any:
        """The value of an expression in the page, once a frame has been drawn."""
        # kept in the window, or it may be collected before it is done
        drawn = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
        wrapped = f"window.drawn = {drawn}.then(() => ({script}))"
        found = self.call("Runtime.evaluate", expression=wrapped, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in found:
            raise RuntimeError(found["exceptionDetails"]["exception"]["description"])
        return found["result"].get("value")

    def mouse(self, kind: str, x: float, y: float, **more: Any) -> None:
        """Moves, presses or releases the mouse."""
        self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, **more)

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """From one place to another with the left button down."""
        self.mouse("mouseMoved", *start)
        self.mouse("mousePressed", *start, button="left", buttons=1, clickCount=1)
        for part in (0.3, 0.7, 1.0):
            at = [a + (b - a) * part for a, b in zip(start, end, strict=True)]
            self.mouse("mouseMoved", *at, button="left", buttons=1)
        self.mouse("mouseReleased", *end, button="left", buttons=0, clickCount=1)

    def click(self, selector: str) -> None:
        """In the middle of an element, once it is in sight."""
        shown = "(e.scrollIntoView({block: 'center'}), e.getBoundingClientRect())"
        box = self.run(
            f"(e => (b => [b.x + b.width / 2, b.y + b.height / 2])({shown}))(document.querySelector({selector!r}))"
        )
        self.mouse("mouseMoved", *box)
        self.mouse("mousePressed", *box, button="left", buttons=1, clickCount=1)
        self.mouse("mouseReleased", *box, button="left", buttons=0, clickCount=1)

    def type(self, text: str) -> None:
        self.call("Input.insertText", text=text)

    def press(self, key: str, **more: Any) -> None:
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, **more)

    def screenshot(self, path: Path, *, whole: bool = True) -> None:
        """What is seen, or the whole page, as a PNG."""
        found = self.call("Page.captureScreenshot", captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(found["data"]))

    def pdf(self) -> bytes:
        """The page as it is printed."""
        return base64.b64decode(self.call("Page.printToPDF", printBackground=False)["data"])

    def fetched(self) -> list[str]:
        """Addresses asked for since the page was opened, other than itself."""
        asked = [
            said["params"]["request"]["url"]
            for said in self.events
            if said.get("method") == "Network.requestWillBeSent"
        ]
        return [url for url in asked if not url.startswith(("file:", "blob:"))]

    def close(self) -> None:
        """End the browser and take its profile away."""
        self._session = None
        self.call("Browser.close")
        self._process.wait(timeout=20)
        self._out.close(), self._in.close()
        shutil.rmtree(self._profile, ignore_errors=True)
