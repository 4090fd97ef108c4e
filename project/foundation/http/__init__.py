"""Pages, fragments and problem details: the few words in which every view answers."""

from project.foundation.http.pages import page, see_other
from project.foundation.http.problems import Problem, problem

__all__ = ["Problem", "page", "problem", "see_other"]
