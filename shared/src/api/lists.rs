//! The lists of `/v1` whose handlers return JSON, with the columns of their entries in the other formats. Guarantees: a list
//! that is not here, and has no parameter `format` of its own, is available as JSON only and refuses other formats (406); the columns
//! are all the fields of an entry, which a test checks against the documented schemas.

use crate::http::list::{List, flag, integer, moment, stamp, text};

const KEYS: List = List {
    name: "keys",
    columns: &[
        integer("id"),
        text("name"),
        text("scope"),
        text("begins"),
        text("state"),
        moment("created_at"),
        moment("expires_at"),
        moment("used_at"),
        moment("revoked_at"),
    ],
};

const SESSIONS: List = List {
    name: "sessions",
    columns: &[
        text("id"),
        flag("current"),
        flag("active"),
        moment("began_at"),
        moment("refreshed_at"),
        moment("expires_at"),
        moment("ended_at"),
        text("ended_by"),
        text("user_agent"),
    ],
};

const NOTICES: List = List {
    name: "notices",
    columns: &[
        text("id"),
        integer("subscription_id"),
        text("subscription"),
        text("event"),
        text("channel"),
        text("state"),
        integer("attempts"),
        text("failure"),
        moment("made_at"),
        moment("next_at"),
        moment("ended_at"),
        moment("read_at"),
        text("found"),
    ],
};

const VISIBLE: List = List {
    name: "curves",
    columns: &[
        integer("id"),
        text("data_type"),
        text("market"),
        text("control_area"),
        text("state"),
        text("load_zone"),
        text("capacity_zone"),
        text("utility"),
        text("block_type"),
        text("cost_group"),
        text("cost_component"),
        text("sub_cost_component"),
        text("details"),
        text("unit"),
        text("months"),
    ],
};

/// The lists, by path.
static LISTS: [(&str, List); 18] = [
    (
        "/v1/admin/legacy-usage",
        List {
            name: "uses",
            columns: &[
                text("path"),
                text("successor"),
                integer("user_id"),
                text("email"),
                text("month"),
                integer("count"),
                moment("last_used"),
            ],
        },
    ),
    (
        "/v1/audit",
        List {
            name: "entries",
            columns: &[
                integer("id"),
                moment("at"),
                text("by"),
                text("came_from"),
                text("action"),
                text("subject"),
                text("detail"),
            ],
        },
    ),
    (
        "/v1/graphs",
        List {
            name: "graphs",
            columns: &[
                integer("id"),
                text("name"),
                text("owner"),
                text("may"),
                moment("created_at"),
                moment("changed_at"),
                text("lines"),
            ],
        },
    ),
    ("/v1/me/inbox", NOTICES),
    ("/v1/me/notices", NOTICES),
    ("/v1/me/keys", KEYS),
    ("/v1/users/{id}/keys", KEYS),
    ("/v1/me/sessions", SESSIONS),
    ("/v1/users/{id}/sessions", SESSIONS),
    ("/v1/me/visible", VISIBLE),
    ("/v1/users/{id}/visible", VISIBLE),
    (
        "/v1/me/subscriptions",
        List {
            name: "subscriptions",
            columns: &[
                integer("id"),
                text("name"),
                text("rule"),
                text("channel"),
                text("url"),
                text("cron"),
                text("zone"),
                moment("created_at"),
                moment("changed_at"),
            ],
        },
    ),
    (
        "/v1/outbox",
        List {
            name: "sendings",
            columns: &[
                text("id"),
                text("user"),
                text("subscription"),
                text("event"),
                text("channel"),
                text("state"),
                integer("attempts"),
                text("failure"),
                moment("made_at"),
                moment("next_at"),
                moment("ended_at"),
                text("content"),
            ],
        },
    ),
    (
        "/v1/packages",
        List {
            name: "packages",
            columns: &[
                integer("id"),
                text("name"),
                text("about"),
                moment("created_at"),
                integer("rule_count"),
                integer("user_count"),
            ],
        },
    ),
    (
        "/v1/packages/{id}/users",
        List { name: "users", columns: &[integer("id"), text("email"), moment("granted_at")] },
    ),
    (
        "/v1/places",
        List { name: "places", columns: &[text("kind"), text("market"), text("key"), text("spellings")] },
    ),
    (
        "/v1/switches",
        List {
            name: "switches",
            columns: &[text("name"), text("state"), text("reason"), moment("changed_at")],
        },
    ),
    (
        "/v1/users",
        List {
            name: "users",
            columns: &[
                integer("id"),
                text("email"),
                text("role"),
                flag("enabled"),
                moment("created_at"),
                moment("password_changed_at"),
                moment("last_seen_at"),
                moment("locked_until"),
                moment("link_expires_at"),
            ],
        },
    ),
];

/// More lists, whose entries are many columns wide.
static WIDE: [(&str, List); 2] = [
    (
        "/v1/uploads",
        List {
            name: "uploads",
            columns: &[
                integer("id"),
                text("file"),
                text("status"),
                text("data_type"),
                text("market"),
                stamp("stamp"),
                flag("cob"),
                moment("received_at"),
                moment("finished_at"),
                text("uploaded_by"),
                integer("curves"),
                integer("months"),
                integer("cells"),
                integer("missing"),
                integer("snapshot_id"),
                integer("flaw_count"),
                integer("warning_count"),
                text("note"),
                integer("archive_id"),
                text("bucket"),
                text("key"),
                integer("size"),
                text("sha256"),
                integer("attempts"),
                text("flaws"),
                text("warnings"),
            ],
        },
    ),
    (
        "/v1/users/{id}/grants",
        List {
            name: "rules",
            columns: &[
                integer("id"),
                moment("granted_at"),
                text("data_type"),
                text("market"),
                text("control_area"),
                text("state"),
                text("load_zone"),
                text("capacity_zone"),
                text("utility"),
                text("block_type"),
                text("cost_group"),
                text("cost_component"),
                text("sub_cost_component"),
                text("from"),
                text("to"),
                integer("balanced_months"),
            ],
        },
    ),
];

/// The list that GET returns for a path, if it is one of these.
#[must_use]
pub(super) fn of(path: &str) -> Option<&'static List> {
    LISTS.iter().chain(&WIDE).find(|(known, _)| *known == path).map(|(_, list)| list)
}

#[cfg(test)]
mod tests;
