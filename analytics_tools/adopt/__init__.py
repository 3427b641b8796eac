"""The tools in a dbt project that exists: its layers guessed, its score kept, its CI set up.

guess  ->  plan_init  ->  write_all
"""

from analytics_tools.adopt.guess import Guess, guess_layers
from analytics_tools.adopt.plan import Adopted, Kept, plan_init

__all__ = ["Adopted", "Guess", "Kept", "guess_layers", "plan_init"]
