"""`python -m mmoe_core VERB`: the same verbs without a browser."""

from .commands import main

if __name__ == "__main__":
    main()
