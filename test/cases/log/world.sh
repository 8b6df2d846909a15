printf '2026-01-01T00:00:00Z started\n' >app.log
echo "app_log=$PWD/app.log"
echo ready
cat >/dev/null
