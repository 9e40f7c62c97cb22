# SPDX-License-Identifier: Apache-2.0
"""What the server's log says of logins that failed."""

import re

import pytest

import certificates
from lan import OFFICE4, Lan
from speaker import Speaker
from test_login import CONF, pair_of, password_hash, put, refused


def test_the_log_says_who_failed_and_why_and_no_more():
    """Once a minute of a kind; what a stranger calls himself is escaped, what he tries is not there."""
    with Lan() as lan:
        server = lan.server(CONF)
        for user, group in ("alice", "staff"), ("carl", "none"):
            assert server.cli("user", "add", user, "--group", group).returncode == 0
        put(lan, "alice", password=password_hash("alice's password"))
        own = certificates.authority_of(lan.folder / "state").certificate
        away = lan.host("away")
        lan.join_internet(away, "192.0.2.66", "2001:db8:ffff::66")
        pair = pair_of(lan, "carl")
        assert server.cli("user", "block", "carl", "--reason", "left us").returncode == 0

        def lines():
            return [line for line in server.daemon.log().splitlines() if "login as" in line]

        speaker = Speaker(away, OFFICE4, own, None, "192.0.2.66")
        with pytest.raises(AssertionError, match="asked once more"):
            speaker.log_in("al\x1b[31mice'\n", "hunter2")
        lan.until(lines, "the log does not say it")
        assert re.fullmatch(r"connection from 192\.0\.2\.66:\d+ refused: login as "
                            r"'al\\x1b\[31mice'\\x0a': user or password is wrong", lines()[0])
        again = Speaker(away, OFFICE4, own, None, "192.0.2.66")
        assert refused(again, "alice", *["hunter2"] * 6) in ("wrong", "slowly")
        blocked = Speaker(away, OFFICE4, own, pair, "192.0.2.66")
        assert refused(blocked, "") == "blocked"
        lan.until(lambda: len(lines()) > 1, "nothing of the blocked user")
        assert lines()[-1].endswith("refused: login as 'carl': this user is blocked: left us")
        assert len([line for line in lines() if "user or password is wrong" in line]) == 1
        assert "hunter2" not in server.daemon.log()
        for one in speaker, again, blocked:
            one.close()
