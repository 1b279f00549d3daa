package redistest

import (
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// slots is how many hash slots every Redis Cluster has.
const slots = 16384

// Nodes are the masters of a cluster, with a third of the slots each and
// without replicas.
type Nodes []*Instance

// Cluster starts a cluster of three nodes and returns once all of them agree
// that it serves.
func Cluster(t testing.TB) Nodes {
	t.Helper()
	nodes := make(Nodes, 3)
	clients := make([]*redis.Client, len(nodes))
	for n := range nodes {
		nodes[n] = newClusterNode(t)
		clients[n] = nodes[n].Client(t)
	}
	ctx := ctxFor(t)
	for n, client := range clients {
		first, last := n*slots/len(nodes), (n+1)*slots/len(nodes)-1
		check(t, client.Do(ctx, "CLUSTER", "SET-CONFIG-EPOCH", n+1).Err())
		check(t, client.ClusterAddSlotsRange(ctx, first, last).Err())
		host, port, _ := net.SplitHostPort(nodes[n].Addr)
		if n > 0 {
			check(t, clients[0].Do(ctx, "CLUSTER", "MEET", host, port, nodes[n].busPort()).Err())
		}
	}
	// There is no event to await: nodes tell each other in their own time.
	for tick := time.NewTicker(20 * time.Millisecond); ; {
		if clusterServes(t, clients) {
			tick.Stop()
			return nodes
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("the cluster does not serve after %s", startTimeout)
		}
	}
}

func newClusterNode(t testing.TB) *Instance {
	t.Helper()
	_, bus, _ := net.SplitHostPort(freeAddr(t)) // by default the port plus 10000, which may be none
	return newInstance(t, append(slices.Clone(durable), "--cluster-enabled", "yes", "--cluster-port", bus,
		"--cluster-node-timeout", "2000", "--cluster-announce-ip", "127.0.0.1")...)
}

func (i *Instance) busPort() string {
	for n, arg := range i.args {
		if arg == "--cluster-port" {
			return i.args[n+1]
		}
	}
	return ""
}

func clusterServes(t testing.TB, clients []*redis.Client) bool {
	t.Helper()
	for _, client := range clients {
		info, err := client.ClusterInfo(ctxFor(t)).Result()
		check(t, err)
		if !strings.Contains(info, "cluster_state:ok") ||
			!strings.Contains(info, fmt.Sprintf("cluster_known_nodes:%d", len(clients))) {
			return false
		}
	}
	return true
}

// URL is the URL of the cluster.
func (n Nodes) URL() string {
	addrs := make([]string, len(n))
	for i, node := range n {
		addrs[i] = node.Addr
	}
	return "redis+cluster://" + strings.Join(addrs, ",")
}

// Client connects to the cluster, past whatever the test is about.
func (n Nodes) Client(t testing.TB) *redis.ClusterClient {
	var addrs []string
	for _, node := range n {
		addrs = append(addrs, node.Addr)
	}
	client := redis.NewClusterClient(&redis.ClusterOptions{Addrs: addrs})
	t.Cleanup(func() { _ = client.Close() })
	return client
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("set up the cluster: %v", err)
	}
}
