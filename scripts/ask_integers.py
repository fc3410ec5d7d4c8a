"""A solver for halmos that asks about integers, where bits are no way: cvc5, out of PyPI.

halmos gives the file of one question and reads `sat`, `unsat` or `unknown` from what is printed.
"""

import sys

import cvc5


def ask(path: str) -> None:
    """Answer the question of an SMT-LIB file, its words of bits taken as integers mod 2^n."""
    solver = cvc5.Solver()
    solver.setOption("solve-bv-as-int", "sum")
    solver.setOption("produce-models", "true")
    parser = cvc5.InputParser(solver)
    parser.setFileInput(cvc5.InputLanguage.SMT_LIB_2_6, path)
    while not (command := parser.nextCommand()).isNull():
        sys.stdout.write(command.invoke(solver, parser.getSymbolManager()))
        sys.stdout.flush()


if __name__ == "__main__":
    ask(sys.argv[1])
