"""Sentences for invalid fields: one for each rule of domain/accounts.py and applications.py."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from watchword.domain.errors import Problem
from watchword.i18n import _


def _label(field: str) -> str:
    return {
        "username": _("Username"),
        "full_name": _("Full name"),
        "email": _("Email"),
        "groups": _("Groups"),
        "password": _("Password"),
        "repeat_password": _("Repeat password"),
        "current_password": _("Current password"),
        "proof_password": _("Password"),
        "new_password": _("New password"),
        "repeat_new_password": _("Repeat new password"),
        "passphrase": _("Passphrase"),
        "since": _("From"),
        "until": _("Until"),
        "category": _("Category"),
        "changes": _("Changes only"),
        "failures": _("Failed attempts"),
        "event": _("Event"),
        "interface": _("Interface"),
        "time_zone": _("Time zone"),
        "name": _("Name"),
        "hosts": _("Hosts"),
        "public_paths": _("Public paths"),
        "upstream": _("Upstream"),
        "certificate": _("Certificate"),
        "key": _("Key"),
        "max_login_age": _("Maximum age of the login"),
        "idle_seconds": _("Session ends without requests after"),
        "absolute_seconds": _("Session ends after"),
    }.get(field, field)


_SENTENCES: Mapping[str, Callable[..., str]] = {
    "required": lambda **f: _("%(label)s: please fill this in.", **f),
    "too-short": lambda **f: _("%(label)s: use at least %(shortest)s characters.", **f),
    "too-long": lambda **f: _("%(label)s: this is too long (at most %(most)s).", **f),
    "unseen": lambda **f: _("%(label)s: it contains characters that cannot be seen or typed.", **f),
    "unseen-colon": lambda **f: _("%(label)s: it contains a character that counts as a colon; "
                                  "please type the colon itself.", **f),
    "unassigned": lambda **f: _("%(label)s: it contains a character that is not assigned in Unicode.", **f),
    "space-at-end": lambda **f: _("%(label)s: no space at the beginning or end, please.", **f),
    "leading-hyphen": lambda **f: _("%(label)s: it must not begin with a hyphen.", **f),
    "dots": lambda **f: _("%(label)s: it must contain more than dots.", **f),
    "mixed-scripts": lambda **f: _("%(label)s: Latin, Cyrillic and Greek letters look alike; "
                                   "please use those of one script.", **f),
    "unstable": lambda **f: _("%(label)s: this name changes when it is normalised; please choose "
                              "another one.", **f),
    "taken": lambda **f: _("%(label)s: another account has this username, or one that looks the "
                           "same.", **f),
    "too-many-groups": lambda **f: _("%(label)s: an account can be in at most %(most)s groups.", **f),
    "long-group": lambda **f: _("%(label)s: the name of a group has at most %(most)s characters.", **f),
    "not-a-group": lambda **f: _("%(label)s: the name of a group consists of the letters a to z, digits, "
                                 "dots, hyphens and underscores, and begins with a letter or a "
                                 "digit.", **f),
    "not-an-address": lambda **f: _("%(label)s: this is not an email address, such as "
                                    "name@example.org.", **f),
    "not-a-time": lambda **f: _("%(label)s: this is not a date such as 2026-11-24. It was ignored.", **f),
    "before-since": lambda **f: _("%(label)s: this is before the time in \"From\". It was ignored.", **f),
    "not-a-choice": lambda **f: _("%(label)s: this value does not exist. It was ignored.", **f),
    "unknown-time-zone": lambda **f: _("%(label)s: this time zone does not exist. Choose one from the "
                                       "list.", **f),
    "not-a-place": lambda **f: _("The address contains no valid position, so the newest events are "
                                 "shown.", **f),
    "few-characters": lambda **f: _("%(label)s: use more different characters.", **f),
    "context-word": lambda **f: _("%(label)s: this is a name of the account, of this server or "
                                  "of the product, which attackers try first. Use several "
                                  "unrelated words.", **f),
    "guessable": lambda **f: _("%(label)s: this is easy to guess. It consists of common words, "
                               "names of the account or the server, dates, repeated words or "
                               "patterns. Add several unrelated words.", **f),
    "like-an-api-password": lambda **f: _("%(label)s: it looks like an API password; please "
                                          "choose another one.", **f),
    "same-as-before": lambda **f: _("%(label)s: this is the one you logged in with; please "
                                    "choose another one.", **f),
    "not-the-same": lambda **f: _("%(label)s: the two passwords are not the same.", **f),
    "name-characters": lambda **f: _("%(label)s: use letters, digits, hyphens, underscores and dots, "
                                     "and begin with a letter or a digit. The name is part of "
                                     "addresses.", **f),
    "too-many": lambda **f: _("%(label)s: at most %(most)s are possible.", **f),
    "not-a-host": lambda **f: _("%(label)s: \"%(value)s\" is not a host name such as "
                                "wiki.example.org. A port other than 443 follows after a colon.", **f),
    "host-with-path": lambda **f: _("%(label)s: \"%(value)s\" contains more than a host name. Leave out "
                                    "https:// and everything from the next slash on.", **f),
    "host-with-star": lambda **f: _("%(label)s: \"%(value)s\" contains an asterisk. Enter each host "
                                    "name in full.", **f),
    "not-a-path": lambda **f: _("%(label)s: \"%(value)s\" does not begin with a slash. Enter a path "
                                "such as /favicon.ico, or /public/* for everything below /public.", **f),
    "not-an-upstream": lambda **f: _("%(label)s: this is not an address such as http://127.0.0.1:3000. "
                                     "It must not contain a path.", **f),
    "not-a-file-path": lambda **f: _("%(label)s: enter the full path of a file, of letters, digits, "
                                     "dots, hyphens and underscores.", **f),
    "path-too-long": lambda **f: _("%(label)s: \"%(value)s\" is too long. Enter a shorter path, such as "
                                   "that of the folder with /* at the end.", **f),
    "everything-public": lambda **f: _("%(label)s: \"%(value)s\" would open the whole application "
                                       "without a login. Enter the paths that need none.", **f),
    "query-in-path": lambda **f: _("%(label)s: \"%(value)s\" contains a question mark. Enter the path "
                                   "only: a query cannot make a page public.", **f),
    "star-inside": lambda **f: _("%(label)s: \"%(value)s\" contains an asterisk. An asterisk is possible "
                                 "at the end only, as in /public/*.", **f),
    "ambiguous-path": lambda **f: _("%(label)s: a proxy and the application can read \"%(value)s\" "
                                    "differently. Enter a path without //, ./, ../, semicolons, "
                                    "backslashes, spaces, encoded slashes and the like.", **f),
    "no-such-proxy": lambda **f: _("%(label)s: there is no recipe for it, only for %(known)s.", **f),
    "not-minutes": lambda **f: _("%(label)s: use %(shortest)s to %(longest)s minutes.", **f),
    "seconds-out-of-range": lambda **f: _("%(label)s: use %(shortest)s to %(longest)s seconds.", **f),
    "longer-than-session": lambda **f: _("%(label)s: this is longer than the session can last. Use a "
                                         "shorter time.", **f),
    "wrong": lambda **f: _("%(label)s: this is not your password.", **f),
}  # fmt: skip


def sentence(problem: Problem) -> str:
    """Return the problem and the remedy; the sentence begins with the label of the field."""
    return _SENTENCES[problem.rule](label=_label(problem.field), **problem.facts)
