"""The trail: who did what to what, when. Rows are only ever added; PostgreSQL refuses the rest."""
