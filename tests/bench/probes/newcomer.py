# SPDX-License-Identifier: Apache-2.0
"""Somebody with an invitation: from `join URL` on a machine without a key, a profile or a way to the
office until the office's names resolve there.  As tests/netns/test_newcomer.py, without its package."""

import re
import time

from doctor import nameserver
from rivals.lanyard import LANYARD
from world import DATACENTER, settle, until

NAME, ADDRESS = "printer", "2001:db8:100::99"  # in the domain that the server pushes
LIMIT_S = 15


def resolves(host):
    done = host.run("getent", "ahostsv6", NAME, check=False)
    return done.stdout.startswith(f"{ADDRESS} ")


def join_s(world, lanyard, number):
    """A fresh host, user and invitation, at a server that runs; the time includes the asking."""
    user = f"newcomer{number}"
    host = world.laptop(user, resolvconf=True)
    lanyard.call("user", "add", user)
    url = re.search(r"lanyard://\S+", lanyard.call("invite", user))[0]
    # its /etc is its own; the server's name is known everywhere
    host.run("sh", "-c", f"echo {world.cable(host).office4} vpn.example.net >> /etc/hosts")
    with nameserver(world.datacenter, DATACENTER, {f"{NAME}.corp.example": [ADDRESS]}):
        assert not resolves(host), "the name is known already"
        start_s = time.monotonic()
        joining = host.start(LANYARD, "join", url)
        try:
            until(lambda: resolves(host), "the name is not known", LIMIT_S)
            took_s = time.monotonic() - start_s
        finally:
            joining.terminate()
            joining.wait(LIMIT_S)
    settle()
    return took_s
