# SPDX-License-Identifier: Apache-2.0
"""OpenVPN 2.6 TAP, over UDP or TCP, AES-256-GCM; optionally with radvd on the server's interface.

With radvd the client's kernel does SLAAC, which is what `connect` measures; without, addresses are
static.
"""

import shutil
import subprocess

from rivals.way import StaticWay
from world import DATACENTER, PUSHED, end, wait_for_line

# Certificates as of a guide: P-256, one CA, one for each end with its extended key usage.
CERTIFICATES = """
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 \
	-subj /CN=ca -keyout ca.key -out ca.crt
for end in server client0 client1; do
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=$end \
		-keyout $end.key -out $end.csr
	printf 'extendedKeyUsage=%sAuth\\nkeyUsage=digitalSignature\\n' ${end%[01]} >$end.ext
	openssl x509 -req -in $end.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 3650 \
		-extfile $end.ext -out $end.crt
done
"""

SERVER = """
dev-type tap
dev {device}
proto {proto}
port {port}
{mode}
client-to-client
ca ca.crt
cert server.crt
key server.key
dh none
data-ciphers AES-256-GCM
keepalive 10 60
{options}
verb 3
"""

CLIENT = """
client
dev-type tap
dev {device}
proto {proto}
remote {office} {port}
nobind
ca ca.crt
cert client{number}.crt
key client{number}.key
remote-cert-tls server
data-ciphers AES-256-GCM
{options}
verb 3
"""

RADVD = """
interface {device} {{
	AdvSendAdvert on;
	AdvDefaultLifetime 0;
	prefix {prefix}/64 {{ }};
	route {pushed} {{ AdvRoutePreference high; }};
	RDNSS {dns} {{ }};
	DNSSL corp.example {{ }};
}};
"""


class OpenVpn(StaticWay):
    """`optimistic`: the interface settings by which Lanyard's client has its addresses sooner,
    made by hand; it needs radvd."""

    transport = None
    server_options = client_options = ""

    def __init__(self, world, radvd=False, optimistic=False):
        super().__init__(world)
        self.optimistic = optimistic
        self.office_device = self.laptop_device = f"tap-{self.transport}"
        self.folder = world.folder / f"openvpn-{self.transport}"
        self.folder.mkdir(exist_ok=True)
        self.values = {
            "device": self.office_device, "proto": self.transport, "port": 1194,
            "mode": f"server-bridge 10.{self.number}.0.1 255.255.255.0 10.{self.number}.0.50 "
                    f"10.{self.number}.0.100",
            "prefix": self.office_address().removesuffix("1"), "pushed": PUSHED, "dns": DATACENTER,
        }
        self._write("server", SERVER, options=self.server_options)
        self.servers = [self._daemon(world.office, "server")]
        for number in range(2):
            self._write(f"client{number}", CLIENT, number=number,
                        office=world.cable(self.laptop(number)).office4,
                        options=self.client_options)
            self.clients.append(self._daemon(self.laptop(number), f"client{number}"))
        self.radvd = self._radvd() if radvd else None

    def _write(self, name, text, **values):
        (self.folder / f"{name}.conf").write_text(text.format(**self.values, **values))
        (self.folder / f"{name}.conf").chmod(0o644)  # radvd refuses one that others can write

    def _daemon(self, host, name):
        return self.world.daemon(host, f"{self.folder.name}-{name}", [
            "openvpn", "--cd", self.folder, "--config", f"{name}.conf"])

    def _radvd(self):
        self._write("radvd", RADVD)
        return self.world.daemon(self.world.office, "radvd", [
            "radvd", "--nodaemon", "--logmethod=stderr", f"--config={self.folder}/radvd.conf",
            f"--pidfile={self.folder}/radvd.pid", "--debug=1"])

    @classmethod
    def missing(cls):
        return [name for name in ("openvpn", "radvd", "openssl") if not shutil.which(name)]

    @classmethod
    def version(cls):
        done = subprocess.run(["openvpn", "--version"], capture_output=True, text=True, check=False)
        return " ".join(done.stdout.split()[:2])

    def __enter__(self):
        if not (self.folder / "ca.crt").exists():
            subprocess.run(["sh", "-ec", CERTIFICATES], cwd=self.folder, capture_output=True,
                           check=True)
        self.servers[0].start()
        wait_for_line(self.servers[0], "Initialization Sequence Completed")
        self.address_office()
        if self.radvd:
            self._advertise()
        return self

    def _advertise(self):
        self.radvd.start()
        settings = {"accept_ra_rt_info_max_plen": 128, "optimistic_dad": int(self.optimistic),
                    "use_optimistic": int(self.optimistic)}
        for key, value in settings.items():
            self.laptop().sysctl(f"net.ipv6.conf.default.{key}", value)

    def __exit__(self, *_):
        super().__exit__()
        if self.radvd:
            end(self.radvd)

    def connected(self, number):
        return "Initialization Sequence Completed" in self.clients[number].log(all_starts=False)


class OpenVpnUdp(OpenVpn):
    name, number, transport = "OpenVPN UDP", 1, "udp"
    client_options = "explicit-exit-notify 1"  # one round leaves nothing for the next


class OpenVpnTcp(OpenVpn):
    name, number, transport = "OpenVPN TCP", 2, "tcp"
    server_options = "tcp-nodelay"  # for both ends: it is pushed
