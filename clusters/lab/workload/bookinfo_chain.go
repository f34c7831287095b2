package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// upstreams are the URLs of the services that another one calls.
type upstreams struct{ details, reviews, ratings string }

// upstreamsOf reads the variables of the sample: a host for each service, a domain for all. Kubernetes sets the ports.
func upstreamsOf(environment func(string) string) upstreams {
	or := func(name, otherwise string) string {
		if value := environment(name); value != "" {
			return value
		}
		return otherwise
	}
	domain := ""
	if value := environment("SERVICES_DOMAIN"); value != "" {
		domain = "." + value
	}
	of := func(service, variable string) string {
		host, port := or(variable+"_HOSTNAME", service), or(variable+"_SERVICE_PORT", "9080")
		return fmt.Sprintf("http://%s%s:%s/%s/", host, domain, port, service)
	}
	return upstreams{of("details", "DETAILS"), of("reviews", "REVIEWS"), of("ratings", "RATINGS")}
}

// passedOn are the headers that belong to a request for all the way it goes: traces, and whose it is.
var passedOn = []string{
	"x-request-id", "x-ot-span-context", "x-datadog-trace-id", "x-datadog-parent-id", "x-datadog-sampling-priority",
	"traceparent", "tracestate", "x-cloud-trace-context", "grpc-trace-bin", "b3", "x-b3-traceid", "x-b3-spanid",
	"x-b3-parentspanid", "x-b3-sampled", "x-b3-flags", "sw8", "user-agent", "cookie", "authorization", "jwt",
}

// forward is what a service adds to its own requests of those it was asked by.
func forward(request *http.Request) http.Header {
	headers := http.Header{}
	for _, name := range passedOn {
		if value := request.Header.Get(name); value != "" {
			headers.Set(name, value)
		}
	}
	return headers
}

var client = &http.Client{Transport: &http.Transport{}} // no proxy of the environment

// fetch asks for JSON and returns the status that came, 500 where none did. Only with status 200 is the value filled.
func fetch(ctx context.Context, url string, headers http.Header, timeout time.Duration, value any) int {
	limit, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(limit, http.MethodGet, url, nil)
	if err != nil {
		return http.StatusInternalServerError
	}
	request.Header = headers
	response, err := client.Do(request)
	if err != nil {
		return http.StatusInternalServerError
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return response.StatusCode
	}
	if json.NewDecoder(response.Body).Decode(value) != nil {
		return http.StatusInternalServerError
	}
	return http.StatusOK
}
