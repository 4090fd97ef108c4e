"""TRUNCATE goes past the triggers of rows, so it is refused by triggers of its own."""

from django.db import migrations

FORWARDS = """
CREATE TRIGGER audit_event_is_never_emptied
    BEFORE TRUNCATE ON audit_auditevent
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();

CREATE TRIGGER audit_seal_is_never_emptied
    BEFORE TRUNCATE ON audit_auditseal
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();
"""

BACKWARDS = """
DROP TRIGGER audit_seal_is_never_emptied ON audit_auditseal;
DROP TRIGGER audit_event_is_never_emptied ON audit_auditevent;
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_seals")]
    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
