"""Pure decisions about people."""

ENTITLEMENTS = frozenset({"no_ads", "quiz_create", "club_creator", "export_pdf", "offline_video"})
"""What a plan can allow. Asked through queries.entitlements, decided nowhere else."""
