package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"net/http"
	"os"
	"regexp"
	"strconv"
)

// sample is one service of Bookinfo in one version, as its answers tell it.
type sample struct {
	// The pod's name, or that of the machine.
	name    string
	version string
	others  upstreams
}

// A Deployment's pods begin with its name, so a pod's own name tells which image of the sample it stands for.
var sampleName = regexp.MustCompile(`^(productpage|details|reviews|ratings)-(v\d+)(-|$)`)

var samples = map[string]func(sample) http.Handler{
	"productpage": productpage, "details": details, "reviews": reviews, "ratings": ratings,
}

func bookinfo(arguments []string) {
	flags := flag.NewFlagSet("bookinfo", flag.ExitOnError)
	flags.Usage = func() { fmt.Fprint(os.Stderr, usage) }
	port := flags.Int("port", 9080, "port to serve on")
	flags.Parse(arguments)
	name := flags.Arg(0)
	if name == "" {
		name, _ = os.Hostname()
	}
	if flags.NArg() > 1 || !sampleName.MatchString(name) {
		fail("expected one name such as reviews-v2, got `%s`", name)
	}
	log.Fatal(http.ListenAndServe(":"+strconv.Itoa(*port), sampleOf(name, upstreamsOf(os.Getenv))))
}

// sampleOf serves as the service of this name; the name must match sampleName.
func sampleOf(name string, others upstreams) http.Handler {
	parts := sampleName.FindStringSubmatch(name)
	return samples[parts[1]](sample{name: name, version: parts[2], others: others})
}

func details(it sample) http.Handler {
	mux := it.mux("Details is healthy")
	mux.HandleFunc("GET /details/{id}", byNumber(func(writer http.ResponseWriter, _ *http.Request, id int) {
		writeJSON(writer, http.StatusOK, map[string]any{
			"id": id, "author": "William Shakespeare", "year": 1595, "type": "paperback", "pages": 200,
			"publisher": "PublisherA", "language": "English", "ISBN-10": "1234567890", "ISBN-13": "123-1234567890",
		})
	}))
	return mux
}

func ratings(it sample) http.Handler {
	mux := it.mux("Ratings is healthy")
	mux.HandleFunc("GET /ratings/{id}", byNumber(func(writer http.ResponseWriter, _ *http.Request, id int) {
		writeJSON(writer, http.StatusOK, ratingsOf{ID: id, Ratings: map[string]int{"Reviewer1": 5, "Reviewer2": 4}})
	}))
	return mux
}

type ratingsOf struct {
	ID      int            `json:"id"`
	Ratings map[string]int `json:"ratings"`
}

// mux has what every service of the sample answers. Unlike there, `/` answers in each, for the health probe of a VM.
func (it sample) mux(health string) *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /health", func(writer http.ResponseWriter, _ *http.Request) {
		writeJSON(writer, http.StatusOK, map[string]string{"status": health})
	})
	mux.HandleFunc("GET /{$}", func(writer http.ResponseWriter, _ *http.Request) { fmt.Fprintln(writer, it.name) })
	return mux
}

func byNumber(answer func(http.ResponseWriter, *http.Request, int)) http.HandlerFunc {
	return func(writer http.ResponseWriter, request *http.Request) {
		id, err := strconv.Atoi(request.PathValue("id"))
		if err != nil {
			writeJSON(writer, http.StatusBadRequest, map[string]string{"error": "please provide numeric product ID"})
			return
		}
		answer(writer, request, id)
	}
}

func writeJSON(writer http.ResponseWriter, status int, value any) {
	writer.Header().Set("Content-Type", "application/json")
	writer.WriteHeader(status)
	json.NewEncoder(writer).Encode(value)
}
