# A program that calls a small function three times. Without cgo no C compiler is needed.
folder=$PWD
cd "$CASE/../../fixtures/calls" && CGO_ENABLED=0 go build -o "$folder/calls" . || exit
echo "program=$folder/calls"
echo "source=$(pwd -P)"
echo ready
cat > /dev/null
