from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStaticFiles(CompressedManifestStaticFilesStorage):
    """Files named by their content, so that browsers may keep them for ever; imports between modules included."""

    support_js_module_import_aggregation = True
