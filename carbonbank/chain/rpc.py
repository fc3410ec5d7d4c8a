"""A chain at a JSON-RPC URL: web3's own provider, whose silence is a typed, transient error."""

from typing import Any

import requests
from web3 import HTTPProvider, Web3
from web3.exceptions import BadResponseFormat
from web3.types import RPCEndpoint, RPCResponse

from carbonbank.errors import ChainUnreachable

TIMEOUT_S = 30


class _Node(HTTPProvider):
    def make_request(self, method: RPCEndpoint, params: Any) -> RPCResponse:
        try:
            return super().make_request(method, params)
        except (requests.RequestException, BadResponseFormat, ValueError) as silence:
            raise ChainUnreachable(url=str(self.endpoint_uri), reason=str(silence)) from silence


def connect(url: str) -> Web3:
    """Return a web3 for a node; nothing is asked yet.

    Retries are the caller's: a request that was lost may have been done.
    """
    return Web3(
        _Node(url, request_kwargs={"timeout": TIMEOUT_S}, exception_retry_configuration=None)
    )
