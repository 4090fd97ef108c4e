"""What the app and other services ask of accounts."""
