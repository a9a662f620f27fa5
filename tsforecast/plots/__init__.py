"""Pictures: files drawn with matplotlib, charts drawn in the terminal with braille.

`view` holds what is to be drawn, as plain arrays; `terminal` needs nothing but numpy; every other module imports
matplotlib inside its functions, and no module of the program outside this package knows it.
"""
