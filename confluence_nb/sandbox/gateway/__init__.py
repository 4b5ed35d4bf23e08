"""The sandbox's api.atlassian.com: who may call which site for what and how often, and what goes wrong."""
