"""Every route of the application: the right it takes at the desk, or why anybody may knock.

A new route is written down here with a thought about who may use it; until then the tests of rights fail.
"""

# What anybody may ask for, and what keeps it from being anybody's business.
PUBLIC = """
GET  /                                        the front page: the chat as a stranger
POST /chat                                    the same without script; the chat's token says who it is
GET  /beside                                  in the demo only, whose ledger is made up
GET  /health                                  whether it is up
GET  /openapi.json                            how the chat is spoken with
ANY  /static                                  style sheets and scripts
GET  /sign-in                                 how one comes in
POST /sign-in                                 the password is asked
POST /sign-out                                ends what the browser's own key began
GET  /sign-in/oidc                            how one comes in
GET  /sign-in/oidc/back                       the organisation's answer is checked
POST /api/chat                                the chat's token
GET  /api/chat                                the chat's token
GET  /api/chat/live                           the chat's token
POST /api/chat/files                          the chat's token
GET  /api/chat/files/{file_id}                the chat's token
POST /api/chat/rating                         the chat's token
POST /api/chat/session                        makes a stranger's token; a host site's own is checked
GET  /api/chat/widget                         how the seller's chat looks
GET  /widget/parley-chat.js                   the chat's script
POST /twilio/messages                         Twilio's signature
POST /twilio/status/{message_id:uuid}         Twilio's signature
POST /sendgrid/events                         SendGrid's signature
POST /sendgrid/events/                        SendGrid's signature
POST /sendgrid/inbound                        SendGrid's signature
POST /sendgrid/inbound/                       SendGrid's signature
POST /sendgrid/inbound/{token}                a secret in the address
POST /sendgrid/inbound/{token}/               a secret in the address
POST /webhooks/stripe                         Stripe's signature
POST /webhooks/mollie                         nothing it says is believed: Mollie is asked
POST /webhooks/captured                       signed by the stand-in
GET  /unsubscribe/{token}                     a signed link
POST /unsubscribe/{token}                     a signed link
GET  /preferences/{token}                     a signed link
POST /preferences/{token}                     a signed link
GET  /pay/{token}                             a signed link
POST /pay/{token}                             a signed link
GET  /pay/{token}/to/{payment_id}             a signed link
GET  /pay/{token}/back/{payment_id}           a signed link
GET  /api/v1/openapi.json                     how the API is spoken with
"""

# What is asked for at the desk, and the right it takes.
DESK = """
GET  /account                                                   own_account
POST /account/password                                          own_account
POST /account/other-sign-ins/end                                own_account
GET  /users                                                     manage_users
POST /users                                                     manage_users
GET  /users/{user_id}                                           manage_users
POST /users/{user_id}                                           manage_users
POST /users/{user_id}/disable                                   manage_users
POST /users/{user_id}/enable                                    manage_users
POST /users/{user_id}/sign-ins/end                              manage_users
POST /users/{user_id}/password                                  manage_users
GET  /audit                                                     see_audit
GET  /audit.csv                                                 see_audit
GET  /cases                                                     see_desk
GET  /cases.csv                                                 see_desk
GET  /cases/causes                                              see_desk
GET  /cases/causes.csv                                          see_desk
GET  /cases/new                                                 record
POST /cases/new                                                 record
GET  /cases/{kinds}/{number:path}                               see_desk
POST /cases/{kinds}/{number:path}/assign                        resolve_cases
POST /cases/{kinds}/{number:path}/deadline                      resolve_cases
POST /cases/{kinds}/{number:path}/evidence                      see_desk
POST /cases/{kinds}/{number:path}/resolve                       resolve_cases
GET  /inbox                                                     see_desk
GET  /inbox/live                                                see_desk
GET  /inbox/rows                                                see_desk
POST /inbox/do                                                  speak
GET  /ladders                                                   see_finance
POST /ladders/choose                                            edit_rules
GET  /ladders/{name}                                            see_finance
GET  /ladders/{name}/edit                                       edit_rules
POST /ladders/{name}/edit                                       edit_rules
GET  /finance/notices                                           see_finance
GET  /finance/notices/{notice_id}.pdf                           see_finance
POST /finance/notices/{notice_id}                               approve_reminders
GET  /rules/new                                                 edit_rules
GET  /rules/{name}/edit                                         edit_rules
POST /rules/{name}/edit                                         edit_rules
POST /ledger/customers/{ref:path}/links/revoke                  revoke_links
GET  /conversations                                             see_desk
GET  /conversations/{conversation_id}                           see_desk
GET  /conversations/{conversation_id}/rows                      see_desk
POST /conversations/{conversation_id}/presence                  see_desk
POST /conversations/{conversation_id}/take-over                 speak
POST /conversations/{conversation_id}/reply                     speak
POST /conversations/{conversation_id}/keep                      speak
POST /conversations/{conversation_id}/suggest                   speak
POST /conversations/{conversation_id}/note                      speak
POST /conversations/{conversation_id}/hand-back                 speak
POST /conversations/{conversation_id}/resolve                   speak
POST /conversations/{conversation_id}/promise                   record
POST /conversations/{conversation_id}/dispute                   record
POST /conversations/{conversation_id}/complaint                 record
POST /conversations/{conversation_id}/hold                      record
POST /conversations/{conversation_id}/credit                    record
GET  /canned-replies                                            edit_answers
POST /canned-replies                                            edit_answers
GET  /ledger                                                    see_desk
GET  /ledger/customers/{ref:path}                               see_desk
GET  /ledger/customers/{ref:path}/statement-{currency}.pdf      see_desk
GET  /ledger/customers/{ref:path}/invoices/{invoice_id}.pdf     see_desk
GET  /ledger/messages/{message_id}                              see_desk
GET  /ledger/files/{file_id}                                    see_desk
GET  /ledger/money                                              see_finance
GET  /finance                                                   see_finance
GET  /finance/money                                             see_finance
GET  /finance/money/{transaction_id}                            see_finance
POST /finance/money/{transaction_id}/book                       match_money
POST /finance/money/{transaction_id}/ignore                     match_money
POST /finance/money/{transaction_id}/release                    match_money
POST /finance/money/{transaction_id}/set                        match_money
GET  /finance/promises                                          see_finance
POST /finance/promises                                          record
POST /finance/plans/{plan_id}                                   record
GET  /finance/holds                                             see_finance
POST /finance/holds                                             record
POST /finance/holds/{hold_id}                                   record
GET  /finance/expected                                          see_finance
GET  /finance/log                                               see_outbox
GET  /figures                                                   see_finance
GET  /figures/ageing/{age}                                      see_finance
GET  /figures/{name}.{form}                                     see_finance
GET  /outbox                                                    see_outbox
GET  /outbox/tasks                                              see_outbox
POST /outbox/tasks/{task_id}                                    fix_data
GET  /outbox/{message_id}                                       see_outbox
GET  /outbox/{message_id}/mail                                  see_outbox
GET  /rules                                                     see_finance
POST /rules/acknowledge                                         decide
POST /rules/close                                               decide
POST /rules/decide                                              decide
POST /rules/switch                                              edit_rules
GET  /reminders                                                 see_finance
POST /reminders                                                 approve_reminders
GET  /reminders/ahead                                           see_finance
GET  /reminders/{message_id}                                    see_finance
POST /reminders/{message_id}                                    approve_reminders
"""

# Answers that go on for as long as the page is open.
STREAMS = ("GET /inbox/live", "GET /api/chat/live")


def table(written: str) -> dict[str, str]:
    """What stands behind each route, by "METHOD /path"."""
    rows = (line.split(maxsplit=2) for line in written.strip().splitlines())
    return {f"{method} {path}": rest for method, path, rest in rows}
