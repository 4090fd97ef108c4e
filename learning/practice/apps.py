from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PracticeConfig(AppConfig):
    name = "learning.practice"
    label = "practice"

    def ready(self) -> None:
        from accounts import telling
        from project.foundation import panels, privacy

        from .commands import personal as erasing
        from .queries import personal as held
        from .views import offline, progress, running
        from .views import panels as beside

        telling.name_topic("practice", title=_("Practice"), note=_("The cards that are due today, at your hour."))
        telling.register(
            "reviews_due", topic="practice", template="practice/notices/reviews_due", path="/practise/review/"
        )
        panels.register("plan.actions", template="practice/_start_plan.html", context=running.start, order=10)
        panels.register("notices.topic", template="practice/_reminder_hour.html", context=beside.reminder_hour)
        panels.register("worker.scripts", template="practice/_worker.js", context=offline.worker)
        panels.register("more.places", template="practice/_more_offline.html", context=offline.link, order=50)
        for slot, context in {
            "technique.actions": beside.technique,
            "term.actions": beside.term,
            "tul.actions": beside.tul,
            "article.actions": beside.article,
        }.items():
            panels.register(slot, template="practice/_practise_this.html", context=context)
        for slot, context in {"technique.actions": progress.of_technique, "tul.actions": progress.of_tul}.items():
            panels.register(slot, template="practice/_progress.html", context=context, order=150)
        for slot, context in {"plan.state": beside.plan, "plan.row": beside.plan_row}.items():
            panels.register(slot, template="practice/_plan_done.html", context=context)
        panels.register("belt.progress", template="practice/_practise_belt.html", context=beside.belt)
        parts: dict[str, tuple[list[str], privacy.Export, privacy.Erase]] = {
            "quizzes": (
                ["practice.QuizSession", "practice.QuizItem", "practice.QuizAnswer"],
                held.quizzes_of, erasing.erase_quizzes,
            ),
            "progress": (["practice.Progress"], held.progress_of, erasing.erase_progress),
            "days": (["practice.PracticeDay"], held.days_of, erasing.erase_days),
            "retractions": (["practice.Retraction"], held.retractions_of, erasing.erase_retractions),
            "reviews": (["practice.Review"], held.reviews_of, erasing.erase_reviews),
            "cards": (["practice.ReviewCard"], held.cards_of, erasing.erase_cards),
            "imports": (["practice.AnkiImport"], held.imports_of, erasing.erase_imports),
            "fits": (["practice.Fit"], held.fits_of, erasing.erase_fits),
            "settings": (["practice.Learner"], held.settings_of, erasing.erase_settings),
        }  # fmt: skip
        for order, (name, (tables, export, erase)) in enumerate(parts.items(), start=150):
            privacy.register(f"practice.{name}", tables=tables, export=export, erase=erase, order=order)
