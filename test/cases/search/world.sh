mkdir tree
printf 'package a\n\nvar l = net.Listen("tcp", "localhost:0")\nvar m = 1\n' > tree/server.go
printf 'package a\nvar l = net.Listen("tcp", "localhost:0")\n' > tree/server_test.go
printf 'net.Listen("tcp", "localhost:0")\n' > tree/notes.txt
echo "tree=$PWD/tree"
echo ready
cat > /dev/null
