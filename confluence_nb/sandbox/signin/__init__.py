"""The sandbox's auth.atlassian.com: consent, grants, rotating tokens, and what a token may see."""
