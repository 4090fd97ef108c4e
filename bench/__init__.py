"""How fast the hall is: always two ways of doing the same thing, on the same machine, in the same run."""
