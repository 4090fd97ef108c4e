from .asking import StateMovedOn, cancel, clean_up, enqueue, rerun
from .keeping import ask_for_due, fold_counts, forget_routine, give_a_sign, give_up, run_now, take_over_silent, top_up
from .working import Superseded, beat, fail, fenced, has_lost, report_progress, succeed, take

__all__ = [
    "StateMovedOn",
    "Superseded",
    "ask_for_due",
    "beat",
    "cancel",
    "clean_up",
    "enqueue",
    "fail",
    "fenced",
    "fold_counts",
    "forget_routine",
    "give_a_sign",
    "give_up",
    "has_lost",
    "report_progress",
    "rerun",
    "run_now",
    "succeed",
    "take",
    "take_over_silent",
    "top_up",
]
