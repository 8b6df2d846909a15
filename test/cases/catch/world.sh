# A program that calls a small function three times. As Go builds it without being told anything, which needs no rebuilt library.
folder=$PWD
cd "$CASE/../../fixtures/calls" && go build -o "$folder/calls" . || exit
echo "program=$folder/calls"
echo "source=$(pwd -P)"
echo ready
cat > /dev/null
