"""Other people's clients read the sandbox beside ours: who is wrong alone, is wrong."""
