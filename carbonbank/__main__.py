"""`python -m carbonbank` and the console script."""

from carbonbank.cli.main import main

if __name__ == "__main__":
    main()
