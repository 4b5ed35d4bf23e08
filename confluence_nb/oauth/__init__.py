"""Talking to Atlassian's sign-in: consent, grant, renewal, and where a grant is kept."""
