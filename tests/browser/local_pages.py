"""The start page and the pages of the local runtime, by name."""

from __future__ import annotations

LOCAL_PAGES = {
    "start": "/",
    "overview": "/_local/",
    "mails": "/_local/mails",
    "mail": "/_local/mails/1",
    "no-mail": "/_local/mails/99",
    "reset": "/_local/forms/reset",
    "no-order": "/_local/pay/order_none",
}
