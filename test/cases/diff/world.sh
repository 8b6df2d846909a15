printf 'one\ntwo\n' > file
echo "file=$PWD/file"
echo ready
cat > /dev/null
