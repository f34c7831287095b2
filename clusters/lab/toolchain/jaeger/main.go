// Command jaeger is Jaeger with what the lab's traces need alone: spans come by
// Zipkin's protocol, are kept in memory, and are asked for by the query API.
// The stock main compiles five more storages. Jaeger keeps its own below
// internal/, which Go opens to import paths below Jaeger's: hence the module's
// name.
package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"syscall"

	"github.com/gorilla/mux"
	"github.com/open-telemetry/opentelemetry-collector-contrib/receiver/zipkinreceiver"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/receiver"
	"go.uber.org/zap"

	"github.com/jaegertracing/jaeger/cmd/query/app/apiv3"
	"github.com/jaegertracing/jaeger/cmd/query/app/querysvc/v2/querysvc"
	"github.com/jaegertracing/jaeger/internal/jptrace/sanitizer"
	memoryconfig "github.com/jaegertracing/jaeger/internal/storage/v1/memory"
	"github.com/jaegertracing/jaeger/internal/storage/v2/memory"
	"github.com/jaegertracing/jaeger/internal/telemetry"
)

const (
	kept   = 20_000 // traces; the oldest go first
	zipkin = ":9411"
	api    = ":16686"
	base   = "/jaeger" // as in Istio's sample
)

func main() {
	stopped, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if err := serve(stopped); err != nil {
		fmt.Fprintln(os.Stderr, "jaeger:", err)
		os.Exit(1)
	}
}

// serve returns when the context ends, or the query API.
func serve(ctx context.Context) error {
	store, err := memory.NewStore(memoryconfig.Configuration{MaxTraces: kept})
	if err != nil {
		return err
	}
	spans, err := receive(ctx, store)
	if err != nil {
		return err
	}
	defer spans.Shutdown(context.WithoutCancel(ctx))

	router := mux.NewRouter()
	gateway := apiv3.HTTPGateway{
		QueryService: querysvc.NewQueryService(store, store, querysvc.QueryServiceOptions{}),
		Logger:       zap.NewNop(),
		Tracer:       telemetry.NoopSettings().TracerProvider,
	}
	gateway.RegisterRoutes(router.PathPrefix(base).Subrouter())
	server := &http.Server{Addr: api, Handler: router}
	failed := make(chan error, 1)
	go func() { failed <- server.ListenAndServe() }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
		return server.Close()
	}
}

// receive starts the receiver for Zipkin's spans, which end in the store.
func receive(ctx context.Context, store *memory.Store) (receiver.Traces, error) {
	factory := zipkinreceiver.NewFactory()
	config := factory.CreateDefaultConfig().(*zipkinreceiver.Config)
	config.Endpoint = zipkin
	next, err := consumer.NewTraces(func(ctx context.Context, spans ptrace.Traces) error {
		return store.WriteTraces(ctx, sanitizer.Sanitize(spans))
	})
	if err != nil {
		return nil, err
	}
	settings := receiver.Settings{
		ID:                component.NewID(factory.Type()),
		TelemetrySettings: telemetry.NoopSettings().ToOtelComponent(),
	}
	spans, err := factory.CreateTraces(ctx, settings, config, next)
	if err != nil {
		return nil, err
	}
	return spans, spans.Start(ctx, componenttest.NewNopHost())
}
