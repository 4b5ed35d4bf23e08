"""The sandbox's api.media.atlassian.com: where a download is redirected to, with a ticket instead of a token."""
