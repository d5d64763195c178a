"""dpone: may this release go ahead, and can you prove later why?"""

__version__ = "0.1.0"
