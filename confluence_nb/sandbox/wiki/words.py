"""The vocabulary of an invented company: teams, topics, sentences and titles in several alphabets."""

from __future__ import annotations

from confluence_nb.sandbox.wiki.chance import Chance

TEAMS = (
    "Platform", "Payments", "Search", "Mobile", "Data", "Security", "Design", "Support",
    "Infrastructure", "Billing", "Growth", "Legal", "People", "Finance", "Research", "Logistics",
)  # fmt: skip

TOPICS = (
    "deployment pipeline", "on-call rota", "customer onboarding", "invoice export", "incident review",
    "API gateway", "feature flags", "database migration", "access reviews", "release train",
    "search relevance", "capacity planning", "vendor assessment", "brand guidelines", "quarterly goals",
    "warehouse automation", "mobile crash reports", "data retention", "single sign-on", "cost report",
    "load testing", "translation workflow", "email templates", "audit trail", "backup restore",
    "design tokens", "service catalogue", "hiring plan", "travel policy", "error budgets",
)  # fmt: skip

SYSTEMS = (
    "Kafka", "PostgreSQL", "Redis", "Kubernetes", "Terraform", "Grafana", "Snowflake", "Airflow",
    "Elasticsearch", "Vault", "Jenkins", "Salesforce", "Stripe", "S3",
)  # fmt: skip

LABELS = (
    "architecture", "decision", "runbook", "meeting-notes", "how-to", "onboarding", "policy", "retrospective",
    "incident", "roadmap", "draft-review", "kb-how-to-article", "kb-troubleshooting-article", "security",
    "q1", "q2", "q3", "q4", "api", "design", "finance", "hiring", "über-uns", "日本語", "приоритет",
    "outdated", "approved", "needs-review", "template", "customer-facing",
)  # fmt: skip

SENTENCES = (
    "The rollout starts with one region and continues only when the error rate stays below 0.1 %.",
    "Ask in the team channel before changing anything on a Friday afternoon.",
    "Numbers in this section come from the weekly export & are rounded to the nearest hundred.",
    "If the queue grows beyond 10,000 messages, add consumers first and investigate afterwards.",
    "We agreed to keep the old endpoint for two more quarters, then remove it.",
    "Customers on the \"Standard\" plan see this page too, so leave out internal names.",
    "Every change is reviewed by somebody who was not part of writing it.",
    "The migration is reversible until step 7; after that a restore takes about four hours.",
    "Latency p95 < 250 ms is the goal, p99 < 800 ms is what we promise.",
    "Die Freigabe erfolgt durch die Fachabteilung; Änderungen bitte im Ticket dokumentieren.",
    "Merci de relire la procédure avant chaque mise en production, même pour un correctif.",
    "Перед релизом проверьте журнал изменений и права доступа.",
    "リリース前にチェックリストを確認してください。",
    "请在上线前确认监控告警已经配置完成。",
    "يرجى مراجعة هذه الصفحة قبل الاجتماع القادم.",
    "יש לעדכן את הטבלה אחרי כל שינוי בהגדרות.",
    "담당자는 매주 월요일에 지표를 갱신합니다.",
    "Σε περίπτωση σφάλματος επικοινωνήστε με την ομάδα υποδομών.",
    "Nobody remembers why the timeout is 47 seconds — it has worked since 2019 🤷.",
    "A dry run prints what it would do and touches nothing.",
    "Exports land in s3://reports/{team}/{year}/ and are deleted after 400 days.",
    "The dashboard turns red when three checks in a row fail; one failure is noise.",
    "Interview notes stay private; only the summary belongs on this page.",
    "Use `make verify` locally; the pipeline runs the same target with `--strict`.",
)  # fmt: skip

COMMENTS = (
    "Could we link the ticket here?", "Done, thanks!", "I would move this to the runbook.", "+1",
    "Is this still true after the migration?", "Which region does this apply to?",
    "Typo: should be \"receive\".", "The table is missing the EU numbers & totals.", "👍🎉",
    "Können wir das bis Freitag klären?", "了解しました。", "Не согласен, давайте обсудим.", "شكرا جزيلا",
    "Resolved in the meantime, see version history.",
    "Please don't merge before legal has signed off <wait for it>.",
)  # fmt: skip

VERSION_MESSAGES = (
    "", "", "", "", "Fixed a typo", "Added the results of the review", "Updated numbers for Q3",
    "Reverted the last change", "Nach Rückmeldung überarbeitet", "リンクを修正",
    "Moved details to a child page",
)  # fmt: skip

SPACE_NAMES = (
    ("ENG", "Engineering"), ("OPS", "Operations & Reliability"), ("PROD", "Product"), ("HR", "People Team"),
    ("DESIGN", "Design System"), ("SALES", "Sales"), ("KB", "Help Center"), ("FIN", "Finance"),
    ("LEGAL", "Legal & Compliance"), ("DATA", "Data Platform"), ("MKT", "Marketing \"Launch Pad\""),
    ("SEC", "Security"), ("FR", "Équipe France"), ("JP", "東京オフィス"), ("UA", "Команда Київ"), ("AR",
    "فريق دبي"),
)  # fmt: skip

_UNICODE_TITLES = (
    "Übersicht: {topic} ({n})", "設計メモ {n} — {system}", "Заметки о релизе {n}", "ملاحظات الاجتماع {n}",
    "סיכום פגישה {n}", "회의록 {n} ({team})", "Guide d'équipe n° {n} : l'été à {team}", "发布检查清单 {n}",
    "Σημειώσεις ομάδας {n}", "🚀 Launch checklist {n}", "🔥 Post-mortem {n}: {topic}", "कार्य सूची {n}",
)  # fmt: skip

_TITLES = (
    "{Team} {topic} {n}", "ADR-{n:04}: Use {system} for the {topic}", "Runbook: {topic} (RB-{n})",
    "{date} {Team} meeting notes #{n}", "How to set up the {topic} ({n})",
    "Incident INC-{n}: {system} unavailable",
    "Q&A: {topic} <{n}>", "{Team} goals & results, iteration {n}", "\"{topic}\" explained, part {n}",
    "RFC {n} - {topic} on {system}", "Retrospective {n} | {Team}", "What's new in {system}: week {n}",
    "{Team} / {topic} / overview {n}", "FAQ {n}: {topic}?", "Checklist {n}: {topic} 100% done",
)  # fmt: skip


def title(chance: Chance, number: int, day: str) -> str:
    """A title for page or post `number`; no two numbers share one."""
    bits = chance.bits(number, 11)
    pool = _UNICODE_TITLES if bits & 7 == 0 else _TITLES
    team = TEAMS[(bits >> 8) % len(TEAMS)]
    return pool[(bits >> 16) % len(pool)].format(
        Team=team,
        team=team,
        topic=TOPICS[(bits >> 24) % len(TOPICS)],
        system=SYSTEMS[(bits >> 32) % len(SYSTEMS)],
        date=day,
        n=number,
    )
