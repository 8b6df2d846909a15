/**
 * Has a Delve (`$1`: its pid) give up a step that another goroutine's breakpoint interrupted: the breakpoints of such a step are
 * Delve's own, and it would leave them in the program's code when it lets go. Where a program runs Delve answers only once it stands.
 * In bash, which can speak TCP, with the port found by the socket at which Delve listens.
 */
export const cancelStep = `
shopt -s nullglob
sockets=
for link in /proc/"$1"/fd/*; do
  link=$(readlink "$link")
  case $link in socket:*) sockets="$sockets \${link//[^0-9]/} " ;; esac
done
while read -r _ local _ state _ _ _ _ _ inode _; do
  [ "$state" = 0A ] || continue
  case $sockets in *" $inode "*) port=$((16#\${local#*:})) ;; esac
done </proc/"$1"/net/tcp
[ -n "$port" ] && exec 3<>"/dev/tcp/127.0.0.1/$port" || exit 1
echo '{"method":"RPCServer.CancelNext","params":[{}],"id":1}' >&3
IFS= read -r -t 10 reply <&3
`;
