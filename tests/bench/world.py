# SPDX-License-Identifier: Apache-2.0
"""What is measured: hosts in network namespaces, and on them Lanyard and, beside it, OpenVPN.

    laptop -- veth --.
                      office -- veth -- datacenter
    rival  -- veth --'

The laptop runs Lanyard, the rival OpenVPN, the office both servers.  The datacenter's prefix is
known to nobody but the office.  All of it goes when `with World() as world:` is left.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/netns"))
from host import CommandFailed, Daemon, Host, until  # noqa: E402

BUILD = ROOT / "build/bench"
LANYARD = BUILD / "cli/lanyard"
SWARM = BUILD / "tests/bench/swarm"

DATACENTER = "2001:db8:100::2"
PUSHED = "2001:db8:100::/48"
OPENVPN_PREFIX = "2001:db8:200::"
# The cables to the office: interface at the office, network, IPv6 network
CABLES = {"laptop": ("lap0", "192.0.2.", "2001:db8:ffff:1::"),
          "rival": ("riv0", "198.51.100.", "2001:db8:ffff:2::")}


class World:
    def __init__(self):
        self.hosts, self.daemons = [], []

    def __enter__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="lanyard-bench-"))
        self.no_programs = self.folder / "no-programs"
        self.no_programs.mkdir()
        try:
            self._make_hosts()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for daemon in reversed(self.daemons):
            if daemon.running():
                daemon.process.kill()
                daemon.process.wait()
        for host in self.hosts:
            host.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _host(self, name):
        host = Host(name)
        self.hosts.append(host)
        # hosts that have been up for long: duplicate detection of their own addresses is over
        host.sysctl("net.ipv6.conf.default.accept_dad", 0)
        return host

    def _make_hosts(self):
        self.office, self.datacenter = self._host("office"), self._host("datacenter")
        self.laptop, self.rival = self._host("laptop"), self._host("rival")
        for host in (self.laptop, self.rival):
            interface, network4, network6 = CABLES[host.name]
            self.office.plug(interface, host, "eth0")
            for end, device, number in ((self.office, interface, 1), (host, "eth0", 2)):
                end.ip("address", "add", f"{network4}{number}/24", "dev", device)
                end.ip("address", "add", f"{network6}{number}/64", "dev", device, "nodad")
            host.sysctl("net.ipv6.conf.default.accept_dad", 1)  # of its tunnel: as everywhere
        self.office.plug("lan0", self.datacenter, "eth0")
        self.office.ip("address", "add", "2001:db8:100::1/64", "dev", "lan0", "nodad")
        self.datacenter.ip("address", "add", f"{DATACENTER}/64", "dev", "eth0", "nodad")
        self.datacenter.ip("route", "add", "default", "via", "2001:db8:100::1")
        self.office.sysctl("net.ipv6.conf.all.forwarding", 1)

    def daemon(self, host, name, command, path=None):
        daemon = Daemon(host, name, command, self.folder, path)
        self.daemons.append(daemon)
        return daemon

    def bare(self, host):
        """The office's address on the bare cable of a host."""
        return CABLES[host.name][2] + "1"


def end(daemon):
    """Ends it as its user would; whoever does not end is made to."""
    if not daemon.running():
        return
    daemon.process.terminate()
    try:
        daemon.process.wait(15)
    except subprocess.TimeoutExpired:
        daemon.process.kill()
        daemon.process.wait()


def wait_for_line(daemon, text, seconds=15):
    def is_there():
        if not daemon.running():
            raise RuntimeError(f"{daemon.name} ended:\n{daemon.log()[-2000:]}")
        return text in daemon.log(all_starts=False)
    until(is_there, lambda: f"{daemon.name} never said '{text}':\n{daemon.log()[-2000:]}", seconds)


class Lanyard:
    """Server on the office, client on the laptop.  `with` runs the server."""

    name = "lanyard"

    def __init__(self, world):
        self.world, self.host = world, world.laptop
        folder = world.folder
        self.conf, self.profile = folder / "server.conf", folder / "laptop.conf"
        self.client_socket = folder / "client.sock"
        self.conf.write_text(f"[server]\nlisten = 192.0.2.1:443\nname = vpn.example.net\n"
                             f"max-per-profile = 60000\n"  # the swarm's sessions have one
                             f"state = {folder}/state\ncontrol = {folder}/server.sock\n"
                             f"[ra]\nprefix = auto\nroute = {PUSHED} high\n"
                             f"dns = {DATACENTER}\nsearch = corp.example\n")
        self.server = world.daemon(world.office, "server", [LANYARD, "server", "-c", self.conf])
        self.client = world.daemon(self.host, "client", [LANYARD, "connect", self.profile],
                                   str(world.no_programs))

    def __enter__(self):
        self.server.start()
        wait_for_line(self.server, "ready")
        if not self.profile.exists():
            self._make_profile()
        return self

    def __exit__(self, *_):
        self.stop()
        end(self.server)

    def _call(self, *arguments):
        return self.world.office.run(LANYARD, *arguments, "-c", self.conf).stdout

    def _make_profile(self):
        self._call("user", "add", "laptop")
        text = self._call("user", "profile", "laptop", "--server", "192.0.2.1")
        self.profile.touch(mode=0o600)
        self.profile.write_text(text.replace("[client]\n",
                                             f"[client]\ncontrol = {self.client_socket}\n"))

    def start(self):
        self.client.start()

    def stop(self):
        end(self.client)

    def office_address(self):
        """The office's own address in the tunnel."""
        return until(lambda: self.world.office.address("lanyard0", "fd00::/8"),
                     "the server's interface has no address")

    def has_address(self):
        return self.host.address("lanyard0", "fd00::/8")

    def resident_kib(self):
        """What the server's process occupies now."""
        pid = self.server.process.pid  # what entered the namespaces has become the server
        assert os.readlink(f"/proc/{pid}/exe") == str(LANYARD), "that is not the server"
        text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
        return next(int(line.split()[1]) for line in text.splitlines() if line.startswith("Rss:"))


# Certificates as of a guide: P-256, one CA, one for each end with its extended key usage.
CERTIFICATES = """
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 \
	-subj /CN=ca -keyout ca.key -out ca.crt
for end in server client; do
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=$end \
		-keyout $end.key -out $end.csr
	printf 'extendedKeyUsage=%sAuth\\nkeyUsage=digitalSignature\\n' $end >$end.ext
	openssl x509 -req -in $end.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 3650 \
		-extfile $end.ext -out $end.crt
done
"""

OPENVPN_SERVER = """
dev-type tap
dev tap0
proto udp
local 198.51.100.1
port 1194
server-bridge 10.8.0.1 255.255.255.0 10.8.0.50 10.8.0.100
ca ca.crt
cert server.crt
key server.key
dh none
data-ciphers AES-256-GCM
keepalive 10 60
verb 3
"""

OPENVPN_CLIENT = """
client
dev-type tap
dev tap0
proto udp
remote 198.51.100.1 1194
nobind
ca ca.crt
cert client.crt
key client.key
remote-cert-tls server
data-ciphers AES-256-GCM
explicit-exit-notify 1
verb 3
"""

RADVD = f"""
interface tap0 {{
	AdvSendAdvert on;
	AdvDefaultLifetime 0;
	prefix {OPENVPN_PREFIX}/64 {{ }};
	route {PUSHED} {{ AdvRoutePreference high; }};
	RDNSS {DATACENTER} {{ }};
	DNSSL corp.example {{ }};
}};
"""


class OpenVpn:
    """OpenVPN TAP over UDP with radvd on the server's interface; the client's kernel does SLAAC.

    `optimistic`: the interface settings by which Lanyard's client has its addresses sooner,
    made by hand.
    """

    name = "openvpn"

    def __init__(self, world, optimistic=False):
        self.world, self.host, self.optimistic = world, world.rival, optimistic
        self.folder = folder = world.folder / "openvpn"
        folder.mkdir(exist_ok=True)
        for name, text in (("server.conf", OPENVPN_SERVER), ("client.conf", OPENVPN_CLIENT),
                           ("radvd.conf", RADVD)):
            (folder / name).write_text(text)
        (folder / "radvd.conf").chmod(0o644)  # radvd refuses one that others can write
        self.server = self._daemon(world.office, "openvpn-server", "server.conf")
        self.client = self._daemon(world.rival, "openvpn-client", "client.conf")
        self.radvd = world.daemon(world.office, "radvd", [
            "radvd", "--nodaemon", "--logmethod=stderr", f"--config={folder}/radvd.conf",
            f"--pidfile={folder}/radvd.pid", "--debug=1"])

    def _daemon(self, host, name, conf):
        return self.world.daemon(host, name, ["openvpn", "--cd", self.folder, "--config", conf])

    @staticmethod
    def missing():
        return [name for name in ("openvpn", "radvd", "openssl") if not shutil.which(name)]

    def __enter__(self):
        if not (self.folder / "ca.crt").exists():
            subprocess.run(["sh", "-ec", CERTIFICATES], cwd=self.folder, capture_output=True,
                           check=True)
        self.server.start()
        wait_for_line(self.server, "Initialization Sequence Completed")
        office = self.world.office
        office.ip("address", "add", "10.8.0.1/24", "dev", "tap0")
        office.ip("address", "add", f"{OPENVPN_PREFIX}1/64", "dev", "tap0", "nodad")
        office.ip("link", "set", "tap0", "up")
        self.radvd.start()
        settings = {"accept_ra_rt_info_max_plen": 128, "optimistic_dad": int(self.optimistic),
                    "use_optimistic": int(self.optimistic)}
        for key, value in settings.items():
            self.host.sysctl(f"net.ipv6.conf.default.{key}", value)
        return self

    def __exit__(self, *_):
        self.stop()
        end(self.radvd)
        end(self.server)

    def start(self):
        self.client.start()

    def stop(self):
        end(self.client)

    def office_address(self):
        return f"{OPENVPN_PREFIX}1"

    def has_address(self):
        return self.host.address("tap0", f"{OPENVPN_PREFIX}/64")


def settle(seconds=1):
    """Between two measurements: what the last one set in motion comes to rest."""
    time.sleep(seconds)
