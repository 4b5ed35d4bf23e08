"""What a notebook shows of a sign-in: widgets and words, without protocol and without storage."""
