# The keeper: waits until the owner of a server ends, which closes our stdin.
# Then ends the server and removes its directory.
#
# $1: the directory; the server works in it, or in data below it
# $2: the signal that ends the server quickly and tidily
directory=$1 signal=$2

# Ctrl-C is for the owner.
trap '' HUP INT QUIT TERM
cat >/dev/null

running() {
  for process in /proc/[0-9]*; do
    # shellcheck disable=SC3013  # -ef is in POSIX since 2024
    if [ "$process/cwd" -ef "$directory" ] ||
      [ "$process/cwd" -ef "$directory/data" ]; then
      echo "${process#/proc/}"
    fi
  done
}

round=0
while [ "$round" -lt 300 ]; do
  processes=$(running)
  [ -n "$processes" ] || break
  [ "$round" -lt 50 ] || signal=KILL
  if [ "$round" -eq 0 ] || [ "$signal" = KILL ]; then
    # shellcheck disable=SC2086  # one word a process
    kill -s "$signal" $processes
  fi
  round=$((round + 1))
  sleep 0.1
done
rm -rf "$directory"
