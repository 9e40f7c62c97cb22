# SPDX-License-Identifier: Apache-2.0
"""SoftEther 5.01: vpnserver bridged to a TAP, vpnclient, one TCP connection, TLS 1.3 AES-256-GCM.

Debian's packages are unpacked into the build folder, not installed: installed, the server would
start on this machine and listen on port 443.  The programs keep their state in /var/lib/softether,
which is the host's own, in memory.
"""

import shutil
import subprocess

from rivals.way import StaticWay
from world import ROOT, until

PROGRAMS = ("vpnserver", "vpnclient", "vpncmd")
FOLDER = ROOT / "build/packages/softether"
HAMCORE = "usr/share/softether-common/hamcore.se2"  # what all three look for beside themselves
HUB, PORT, CIPHER, PASSWORD = "bench", 5555, "TLS_AES_256_GCM_SHA384", "a-password"

# One listener, and nothing that goes out by itself.
SERVER_CONFIG = f"""declare root
{{
	declare DDnsClient
	{{
		bool Disabled true
	}}
	declare ListenerList
	{{
		declare Listener0
		{{
			bool Enabled true
			uint Port {PORT}
		}}
	}}
	declare ServerConfiguration
	{{
		bool DisableNatTraversal true
		string PortsUDP $
		bool UseKeepConnect false
	}}
	declare VirtualHUB
	{{
	}}
}}
"""

SERVER_SCRIPT = f"""ServerCipherSet {CIPHER}
HubCreate {HUB} /PASSWORD:{PASSWORD}
BridgeCreate {HUB} /DEVICE:{HUB} /TAP:yes
Hub {HUB}
LogDisable packet
LogDisable security
UserCreate laptop /GROUP: /REALNAME: /NOTE:
UserPasswordSet laptop /PASSWORD:{PASSWORD}
"""

CLIENT_SCRIPT = f"""NicCreate se
AccountCreate office /SERVER:{{office}}:{PORT} /HUB:{HUB} /USERNAME:laptop /NICNAME:se
AccountPasswordSet office /PASSWORD:{PASSWORD} /TYPE:standard
AccountDetailSet office /MAXTCP:1 /INTERVAL:1 /TTL:0 /HALF:no /BRIDGE:no /MONITOR:no \
/NOTRACK:yes /NOQOS:yes /DISABLEUDP:yes
AccountEncryptEnable office
AccountCompressDisable office
AccountConnect office
"""

# What the session is to be; the names are those of AccountStatusGet.
WANTED = (("Session Status", "Connection Completed"), ("Number of TCP Connections", "1"),
          ("Encryption", CIPHER), ("Use of Compression", "No"),
          ("UDP Acceleration is Active", "No"))


def unpack():
    """The programs beside each other in FOLDER; raises CalledProcessError."""
    if FOLDER.exists():
        return
    made = FOLDER.with_suffix(".new")
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir(parents=True)
    for name in ("common", *PROGRAMS):
        package = made / f"{name}.package"
        subprocess.run([ROOT / "packaging/setup", "--unpack", f"softether-{name}", package],
                       check=True, capture_output=True, text=True)
        found = HAMCORE if name == "common" else f"usr/libexec/softether/{name}/{name}"
        shutil.copy(package / found, made)
        shutil.rmtree(package)
    made.rename(FOLDER)


def status_value(text, item):
    """The value of a row of a vpncmd table; empty if there is none."""
    for line in text.splitlines():
        name, separator, value = line.partition("|")
        if separator and name.strip() == item:
            return value.strip()
    return ""


class SoftEther(StaticWay):
    name, number = "SoftEther", 3
    office_device, laptop_device = f"tap_{HUB}", "vpn_se"

    def __init__(self, world):
        super().__init__(world)
        self.servers = [self._daemon(world.office, "vpnserver", "softether-server")]
        self.clients = [self._daemon(self.laptop(number), "vpnclient", f"softether-client{number}")
                        for number in range(2)]

    def _daemon(self, host, program, name):
        # it forks; in a process namespace of its own all of it ends with what we end
        return self.world.daemon(host, name, ["unshare", "--pid", "--fork", "--kill-child",
                                              "--mount-proc", FOLDER / program, "execsvc"])

    @classmethod
    def missing(cls):
        try:
            unpack()
        except (subprocess.CalledProcessError, OSError):
            return ["softether-vpnserver"]
        return []

    @classmethod
    def version(cls):
        if cls.missing():
            return None
        done = subprocess.run([FOLDER / "vpncmd", "/TOOLS", "/CMD:About"], capture_output=True,
                              text=True, stdin=subprocess.DEVNULL, check=False)
        return next((line for line in done.stdout.splitlines() if line.startswith("Version")), None)

    def __enter__(self):
        office = self.world.office
        self._private_state(office)
        office.run("tee", "/var/lib/softether/vpn_server.config", input=SERVER_CONFIG)
        self.servers[0].start()
        self._script(office, [f"localhost:{PORT}", "/SERVER"], PORT, SERVER_SCRIPT)
        self.address_office()
        return self

    def start(self, number=0):
        host = self.laptop(number)
        self._private_state(host)
        super().start(number)
        self._script(host, ["localhost", "/CLIENT"], 9931,
                     CLIENT_SCRIPT.format(office=self.world.cable(host).office4))

    @staticmethod
    def _private_state(host):
        host.run("sh", "-ec", """
            mkdir -p /run/softether
            for folder in /var/lib /var/log; do
                mountpoint -q $folder || mount -t tmpfs tmpfs $folder
                mkdir -p $folder/softether
            done""")

    def _script(self, host, where, port, script):
        until(lambda: f":{port} " in host.run("ss", "-Hltn").stdout, f"nobody on port {port}")
        path = self.world.folder / f"softether-{host.name}.script"
        path.write_text(script)
        host.run(FOLDER / "vpncmd", *where, f"/IN:{path}", input="")

    def connected(self, number):
        text = self.laptop(number).run(FOLDER / "vpncmd", "localhost", "/CLIENT", "/CMD",
                                       "AccountStatusGet", "office", check=False, input="").stdout
        if not status_value(text, "Session Status").startswith("Connection Completed"):
            return False
        for item, value in WANTED:
            if value not in status_value(text, item):
                raise RuntimeError(f"SoftEther: {item} is not {value}:\n{text[-2500:]}")
        return True
