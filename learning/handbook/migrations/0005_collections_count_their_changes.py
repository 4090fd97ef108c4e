"""Each collection counts what changes for its readers: any statement on a published row, never one on a draft."""

from django.db import migrations, models

COLLECTIONS = ["techniques", "tuls", "syllabi", "theory", "glossary", "plans"]
EDITIONS = {
    "techniques": "handbook_techniqueedition",
    "tuls": "handbook_tuledition",
    "syllabi": "handbook_examsyllabusedition",
    "theory": "handbook_theoryarticleedition",
}
ROWS = {
    "glossary": ["handbook_glossaryterm"],
    "plans": ["handbook_trainingplan", "handbook_planblock", "handbook_planitem", "handbook_exercise"],
}

# One statement counts once, however many rows it touches. PostgreSQL lets a transition table be named for one
# kind of statement only, hence a trigger for each.
FUNCTIONS = """
CREATE FUNCTION handbook_count_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO handbook_collectionrevision AS counted (collection, number) VALUES (TG_ARGV[0], 1)
        ON CONFLICT (collection) DO UPDATE SET number = counted.number + 1;
    RETURN NULL;
END $$;

CREATE FUNCTION handbook_count_published() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    published boolean := false;
BEGIN
    IF TG_OP <> 'INSERT' THEN
        published := EXISTS (SELECT FROM before WHERE NOT is_draft);
    END IF;
    IF TG_OP <> 'DELETE' AND NOT published THEN
        published := EXISTS (SELECT FROM after WHERE NOT is_draft);
    END IF;
    IF published THEN
        INSERT INTO handbook_collectionrevision AS counted (collection, number) VALUES (TG_ARGV[0], 1)
            ON CONFLICT (collection) DO UPDATE SET number = counted.number + 1;
    END IF;
    RETURN NULL;
END $$;
"""
TABLES = {
    "INSERT": "REFERENCING NEW TABLE AS after",
    "UPDATE": "REFERENCING OLD TABLE AS before NEW TABLE AS after",
    "DELETE": "REFERENCING OLD TABLE AS before",
}


def triggers() -> str:
    sql = []
    for collection, table in EDITIONS.items():
        for event, tables in TABLES.items():
            sql.append(
                f"CREATE TRIGGER count_published_{event.lower()} AFTER {event} ON {table} {tables} "
                f"FOR EACH STATEMENT EXECUTE FUNCTION handbook_count_published('{collection}');"
            )
    sql += [
        f"CREATE TRIGGER count_change AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION handbook_count_change('{collection}');"
        for collection, rows in ROWS.items()
        for table in rows
    ]
    return "\n".join(sql)


def no_triggers() -> str:
    sql = [
        f"DROP TRIGGER count_published_{event.lower()} ON {table};" for table in EDITIONS.values() for event in TABLES
    ]
    sql += [f"DROP TRIGGER count_change ON {table};" for rows in ROWS.values() for table in rows]
    return "\n".join([*sql, "DROP FUNCTION handbook_count_published();", "DROP FUNCTION handbook_count_change();"])


def boundaries(model: str) -> list[migrations.AddIndex]:
    return [
        migrations.AddIndex(model, models.Index(fields=["valid_from"], name=f"{model}_starts")),
        migrations.AddIndex(model, models.Index(fields=["valid_to"], name=f"{model}_ends")),
    ]


class Migration(migrations.Migration):
    dependencies = [("handbook", "0004_questions_can_be_answered")]
    operations = [
        migrations.CreateModel(
            name="CollectionRevision",
            fields=[
                (
                    "collection",
                    models.CharField(
                        choices=[(name, name.capitalize()) for name in COLLECTIONS],
                        max_length=12,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("number", models.BigIntegerField(default=0)),
            ],
        ),
        migrations.RunSQL(FUNCTIONS + triggers(), no_triggers()),
        *boundaries("techniqueedition"),
        *boundaries("tuledition"),
        *boundaries("examsyllabusedition"),
        *boundaries("theoryarticleedition"),
    ]
