import type { Address } from "../../model/target.js";
import { quote } from "../quote.js";

/** `unix PATH` or `tcp HOST PORT` are its arguments; it says `ok` once it is connected, or why not on standard error. */
const python = `
import os, socket, sys, threading
kind, *to = sys.argv[1:]
try:
    if kind == "unix":
        s = socket.socket(socket.AF_UNIX)
        s.connect(to[0])
    else:
        s = socket.create_connection((to[0], int(to[1])))
except OSError as error:
    sys.exit(str(error))
os.write(1, b"ok\\n")
def up():
    while True:
        data = os.read(0, 65536)
        if not data:
            break
        s.sendall(data)
    s.shutdown(socket.SHUT_WR)
threading.Thread(target=up, daemon=True).start()
out = os.fdopen(1, "wb", 0)
while True:
    data = s.recv(65536)
    if not data:
        break
    while data:
        data = data[out.write(data):]
os._exit(0)
`;

const perl = `
use strict;
use Socket qw(:DEFAULT getaddrinfo);
my ($kind, @to) = @ARGV;
my $s;
if ($kind eq "unix") {
  socket($s, PF_UNIX, SOCK_STREAM, 0) && connect($s, pack_sockaddr_un($to[0])) or die "$!\\n";
} else {
  my ($error, @found) = getaddrinfo(@to, { socktype => SOCK_STREAM });
  die "$error\\n" if $error;
  my $there = 0;
  for (@found) {
    last if $there = socket($s, $_->{family}, SOCK_STREAM, 0) && connect($s, $_->{addr});
  }
  die "$!\\n" unless $there;
}
sub copy {
  my ($from, $to) = @_;
  while (sysread($from, my $data, 65536)) {
    for (my $done = 0; $done < length $data;) {
      $done += syswrite($to, $data, length($data) - $done, $done) || return;
    }
  }
}
syswrite(STDOUT, "ok\\n");
my $up = fork;
if ($up) { copy($s, *STDOUT); kill 9, $up }
else { copy(*STDIN, $s); shutdown($s, 1) }
`;

/** bash cannot end one direction alone. */
const bash = `
exec 3<>"/dev/tcp/$2/$3" || exit 1
echo ok
cat <&0 >&3 &
cat <&3
kill $!
`;

/**
 * Becomes a program of the host that carries a connection: the first of those that are there and can. socat and nc do not tell
 * when they are connected, so that a refusal shows as the end of the connection.
 */
export function relayProgram(address: Address, number: number, mark: string, folder: string): string {
  const to = "path" in address ? ["unix", address.path] : ["tcp", address.host, String(address.port)];
  const values = to.map(quote).join(" ");
  const others =
    "path" in address
      ? `elif command -v socat >/dev/null; then
  echo ok
  exec socat - ${quote(`UNIX-CONNECT:${address.path}`)}`
      : `elif command -v bash >/dev/null; then
  exec bash -p -c ${quote(bash)} relay ${values}
elif command -v nc >/dev/null; then
  echo ok
  exec nc ${quote(address.host)} ${address.port}`;
  return `
read -r stat </proc/$$/stat
echo "+KILL 0 1 $stat" >>${quote(`${folder}/registry`)}
echo "${number} p $stat" >${quote(`${folder}/events`)}
printf %s ${quote(mark)}
if python3 -c "import socket, threading" 2>/dev/null; then
  exec python3 -c ${quote(python)} ${values}
elif perl -MSocket -e 1 2>/dev/null; then
  exec perl -e ${quote(perl)} ${values}
${others}
fi
echo "nothing to connect with: the host has neither python3 nor perl, nor ${"path" in address ? "socat" : "bash or nc"}" >&2
exit 1
`;
}
