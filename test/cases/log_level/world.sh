printf 'name=app\nlevel=info\n' >app.conf
echo notice >current
echo "conf=$PWD/app.conf"
echo "current=$PWD/current"
echo ready
cat >/dev/null
