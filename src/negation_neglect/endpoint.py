"""Any OpenAI-compatible chat endpoint: one question, asked until the reply can be read. The key is read from ``OPENAI_API_KEY``."""

import asyncio
import json
import os
import random
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

import httpx
from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt, field_validator

from negation_neglect.claims import DataError

LONGEST_WAIT = 600.0  # seconds; a server that asks for more is not waited for
Messages = list[dict[str, str]]
Read = TypeVar("Read")


class EndpointError(DataError):
    """The endpoint gave nothing that can be used; the message names the URL and says what happened. What was reached before is in the cache."""


@dataclass
class TryAgainError(Exception):
    """One try that failed and may be repeated. ``said`` is the reply that could not be read, None when no completion came at all."""

    problem: str
    wait_s: float = 0.0
    said: str | None = None


class Endpoint(BaseModel):
    """An endpoint and a model. ``parameters`` are merged into the request: some models want ``max_completion_tokens``, or no temperature."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
    base_url: str
    model: str = Field(min_length=1)
    parameters: dict[str, Any] = {"temperature": 0, "max_tokens": 2048}
    concurrency: PositiveInt = 8
    tries: PositiveInt = 6
    timeout_s: PositiveFloat = 120.0
    first_wait_s: float = Field(1.0, ge=0)

    @field_validator("base_url")
    @classmethod
    def _plain(cls, value: str) -> str:
        if not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#]*)?", value):  # no credentials: error messages name the URL
            raise ValueError("must look like https://host/v1, without user, password or query; the key is read from OPENAI_API_KEY")
        return value.rstrip("/").removesuffix("/chat/completions")

    @property
    def url(self) -> str:
        return f"{self.base_url}/chat/completions"


async def ask(client: httpx.AsyncClient, settings: Endpoint, messages: Messages, tokens: dict[str, int], read: Callable[[str], Read], again: str) -> Read:
    """What ``read`` makes of a reply, asked for up to ``tries`` times.

    A reply on which ``read`` raises ValueError is shown to the model, followed by ``again``, in which ``{error}`` stands for what was wrong. ``tokens`` counts
    what is used. Raises the last TryAgainError, or EndpointError.
    """
    asked = messages
    for attempt in range(settings.tries):
        try:
            return await ask_once(client, settings, asked, tokens, read)
        except TryAgainError as failure:
            if attempt + 1 == settings.tries:
                raise
            if failure.said:
                asked = [*messages, {"role": "assistant", "content": failure.said}, {"role": "user", "content": again.replace("{error}", failure.problem)}]
            wait = max(failure.wait_s, min(settings.first_wait_s * 2**attempt, 60.0))
        await asyncio.sleep(wait + random.uniform(0, settings.first_wait_s))


async def ask_once(client: httpx.AsyncClient, settings: Endpoint, messages: Messages, tokens: dict[str, int], read: Callable[[str], Read]) -> Read:
    """One request. Raises TryAgainError for what may pass, EndpointError for what will not."""
    try:
        async with asyncio.timeout(settings.timeout_s):  # the whole exchange, however slowly it drips
            response = await client.post(settings.url, content=json.dumps({**settings.parameters, "model": settings.model, "messages": messages}))
    except TimeoutError:
        raise TryAgainError(f"no reply within {settings.timeout_s:g} s") from None
    except httpx.RequestError as error:
        raise TryAgainError(f"{type(error).__name__}: {error}") from None
    text = response.text.replace(client.headers.get("Authorization", "Bearer \0").removeprefix("Bearer "), "***")
    if not response.is_success:
        problem, wait = f"HTTP {response.status_code} {text[:300]!r}", retry_after(response.headers.get("Retry-After", ""))
        if wait <= LONGEST_WAIT and (response.status_code in (408, 425, 429) or response.status_code >= 500):
            raise TryAgainError(problem, wait)
        raise EndpointError(f"{settings.url}: {problem}" + (f"; it asks to be left alone for {wait:,.0f} s" if wait else ""))
    said, ending = read_completion(text, tokens)
    try:
        return read(said)
    except ValueError as error:
        raise TryAgainError(f"{error} (finish_reason {ending!r}; 'length' asks for more max_tokens): {said[:300]!r}", said=said) from None


def read_completion(text: str, tokens: dict[str, int]) -> tuple[str, Any]:
    """What the model said and why it stopped; adds its usage to the tokens. Raises TryAgainError."""
    try:
        data = json.loads(text)
        choice = data["choices"][0]
        usage = data.get("usage") or {}
        for name in tokens:
            tokens[name] += used if isinstance(used := usage.get(name), int) else 0
        return writable(choice["message"]["content"] or ""), choice.get("finish_reason")
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise TryAgainError(f"not a chat completion: {text[:300]!r}") from None


def retry_after(header: str) -> float:
    """Seconds that a Retry-After header asks for: a number or an HTTP date; 0 if it is neither."""
    try:
        if re.fullmatch(r"\d{1,9}(\.\d*)?", header, re.ASCII):
            return float(header)
        return max(0.0, parsedate_to_datetime(header).timestamp() - time.time())
    except (ValueError, TypeError, OverflowError):
        return 0.0


def headers() -> dict[str, str]:
    key = os.environ.get("OPENAI_API_KEY", "").strip()
    if not re.fullmatch(r"[!-~]*", key):
        raise EndpointError("OPENAI_API_KEY holds blanks, line breaks or letters that cannot stand in a request; set it again")
    return {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {key}"} if key else {})


def writable(text: str) -> str:
    """The text without lone surrogates, which neither a request nor a file can hold."""
    return text.encode("utf-8", "replace").decode()
