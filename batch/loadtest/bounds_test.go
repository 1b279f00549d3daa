package loadtest

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestBounds(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*Options)
		want   string // "" if in bounds
	}{
		"most of each": {func(o *Options) {
			*o = Options{Rate: MaxRate, Duration: MaxDuration, Requests: MaxRequests, Connections: MaxConnections, Patience: MaxPatience}
		}, ""},
		"least of each":        {func(o *Options) { *o = Options{Rate: 1e-9, Duration: 1, Requests: 1, Connections: 1, Patience: 1} }, ""},
		"no rate":              {func(o *Options) { o.Rate = 0 }, "rate"},
		"rate above":           {func(o *Options) { o.Rate = MaxRate + 1e-9*MaxRate }, "rate"},
		"rate not a number":    {func(o *Options) { o.Rate = math.NaN() }, "rate"},
		"no duration":          {func(o *Options) { o.Duration = 0 }, "duration"},
		"duration above":       {func(o *Options) { o.Duration = MaxDuration + 1 }, "duration"},
		"requests below":       {func(o *Options) { o.Requests = -1 }, "requests"},
		"requests above":       {func(o *Options) { o.Requests = MaxRequests + 1 }, "requests"},
		"together too many":    {func(o *Options) { o.Rate, o.Duration = 10_000, 101*time.Second }, "requests"},
		"together just enough": {func(o *Options) { o.Rate, o.Duration = 10_000, 100*time.Second }, ""},
		"no connection":        {func(o *Options) { o.Connections = 0 }, "connections"},
		"connections above":    {func(o *Options) { o.Connections = MaxConnections + 1 }, "connections"},
		"patience below":       {func(o *Options) { o.Patience = -1 }, "patience"},
		"patience above":       {func(o *Options) { o.Patience = MaxPatience + 1 }, "patience"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := options(t, &endpoint{})
			test.change(&o)
			err := o.Check()
			if test.want == "" {
				require.NoError(t, err)
				return
			}
			var bounds *BoundsError
			require.ErrorAs(t, err, &bounds)
			assert.Equal(t, test.want, bounds.Option)
			_, err = Run(t.Context(), nil, o)
			require.ErrorAs(t, err, &bounds, "nothing is sent")
		})
	}
}

func TestPlanned(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		rate     float64
		duration time.Duration
		requests int
		want     int
	}{
		{50, 10 * time.Second, 0, 500},
		{50, 10 * time.Second, 499, 499},
		{50, 10 * time.Second, 501, 500},
		{0.1, 10 * time.Second, 0, 1},
		{0.1, 11 * time.Second, 0, 2},
		{3, time.Second / 3, 0, 1},
		{0.001, time.Second, 0, 1},
	} {
		o := Options{Rate: test.rate, Duration: test.duration, Requests: test.requests}
		assert.Equal(t, test.want, o.planned(), fmt.Sprint(test))
	}
}
