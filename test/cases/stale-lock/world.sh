# A lock whose owner has ended: its pid is beyond what the kernel gives.
echo 4194305 >service.lock
mkdir service.lock.d
touch service.lock.d/a.lock
echo "lock=$PWD/service.lock"
echo ready
cat >/dev/null
