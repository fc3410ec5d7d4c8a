"""Compile the contracts into `carbonbank/chain/artefacts`; the running bank needs no compiler.

Usage: python scripts/compile_contracts.py
"""

from pathlib import Path

from carbonbank.chain.compile import compile_all, write_artefacts

if __name__ == "__main__":
    for artefact in write_artefacts(compile_all(Path(__file__).parents[1])):
        runtime_bytes = len(artefact["deployedBytecode"]) // 2 - 1
        print(f"{artefact['contractName']:18} {runtime_bytes:6} bytes")
