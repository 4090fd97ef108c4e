"""What everything is made of that the hall prints: the letters, and the marks that are drawn."""
