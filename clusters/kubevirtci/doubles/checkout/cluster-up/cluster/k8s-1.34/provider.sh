set -e
source "$standin/cluster/cli.sh"
