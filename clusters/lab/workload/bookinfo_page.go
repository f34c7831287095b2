package main

import (
	"fmt"
	"html"
	"net/http"
	"strings"
	"time"
)

const patience = 3 * time.Second

type product struct {
	ID          int    `json:"id"`
	Title       string `json:"title"`
	Description string `json:"descriptionHtml"`
}

var products = []product{{Title: "The Comedy of Errors", Description: "A comedy of two pairs of twins, by William Shakespeare."}}

func productpage(it sample) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /health", func(writer http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(writer, "Product page is healthy")
	})
	mux.HandleFunc("GET /{$}", func(writer http.ResponseWriter, _ *http.Request) {
		writePage(writer, `<p><a href="/productpage?u=normal">Normal user</a> <a href="/productpage?u=test">Test user</a></p>`)
	})
	mux.HandleFunc("GET /productpage", it.page)
	mux.HandleFunc("POST /login", login)
	mux.HandleFunc("GET /logout", logout)
	mux.HandleFunc("GET /static/tailwind/tailwind.css", func(writer http.ResponseWriter, _ *http.Request) {
		writer.Header().Set("Content-Type", "text/css")
		fmt.Fprintln(writer, "body { font-family: sans-serif } .text-red-500 { color: red }")
	})
	mux.HandleFunc("GET /api/v1/products", func(writer http.ResponseWriter, _ *http.Request) {
		writeJSON(writer, http.StatusOK, products)
	})
	parts := map[string]func(*http.Request, string) (int, any){
		"": func(request *http.Request, id string) (int, any) {
			return it.ask(request, it.others.details+id, "details", 1)
		},
		"/reviews": func(request *http.Request, id string) (int, any) {
			return it.ask(request, it.others.reviews+id, "reviews", 2)
		},
		"/ratings": func(request *http.Request, id string) (int, any) {
			return it.ask(request, it.others.ratings+id, "ratings", 1)
		},
	}
	for path, part := range parts {
		mux.HandleFunc("GET /api/v1/products/{id}"+path, byNumber(func(writer http.ResponseWriter, request *http.Request, id int) {
			status, value := part(request, fmt.Sprint(id))
			writeJSON(writer, status, value)
		}))
	}
	return mux
}

// ask passes on what another service answers, or says in its words that it does not, after so many tries.
func (it sample) ask(request *http.Request, url, what string, tries int) (int, any) {
	var value any
	status := it.get(request, url, tries, &value)
	if status != http.StatusOK {
		return status, map[string]string{"error": unavailable(what)}
	}
	return status, value
}

// get asks with the headers of the request, and with the user of its session: the one way in which that gets further.
func (it sample) get(request *http.Request, url string, tries int, value any) int {
	headers := forward(request)
	if user := userOf(request); user != "" {
		headers.Set("end-user", user)
	}
	status := http.StatusInternalServerError
	for range tries {
		if status = fetch(request.Context(), url, headers, patience, value); status == http.StatusOK {
			break
		}
	}
	return status
}

func (it sample) page(writer http.ResponseWriter, request *http.Request) {
	var body strings.Builder
	if user := userOf(request); user != "" {
		fmt.Fprintf(&body, "<p>%s <a href=\"/logout\">Sign out</a></p>\n", html.EscapeString(user))
	} else {
		body.WriteString("<form action=\"/login\" method=\"post\"><input name=\"username\"><input name=\"passwd\" type=\"password\"><button>Sign in</button></form>\n")
	}
	fmt.Fprintf(&body, "<h1>%s</h1>\n", html.EscapeString(products[0].Title))
	var facts map[string]any
	if it.get(request, it.others.details+"0", 1, &facts) == http.StatusOK {
		fmt.Fprintf(&body, "<h4>Book Details</h4>\n<p>Author: %s</p>\n", html.EscapeString(fmt.Sprint(facts["author"])))
	} else {
		writeError(&body, "details")
	}
	var found reviewsOf
	if it.get(request, it.others.reviews+"0", 2, &found) == http.StatusOK {
		body.WriteString("<h4>Book Reviews</h4>\n")
		for _, one := range found.Reviews {
			writeReview(&body, one, found.PodName)
		}
	} else {
		writeError(&body, "reviews")
	}
	writePage(writer, body.String())
}

func writeReview(body *strings.Builder, one review, by string) {
	if one.Rating != nil && one.Rating.Error != "" {
		fmt.Fprintf(body, "<p class=\"text-red-500\">%s</p>\n", html.EscapeString(one.Rating.Error))
	} else if one.Rating != nil {
		stars := strings.Repeat(`<span class="glyphicon glyphicon-star">★</span>`, one.Rating.Stars)
		fmt.Fprintf(body, "<p class=\"text-%s-500\">%s</p>\n", html.EscapeString(one.Rating.Color), stars)
	}
	fmt.Fprintf(body, "<blockquote>%s</blockquote>\n<p>%s</p>\n<div>Reviews served by: %s</div>\n",
		html.EscapeString(one.Text), html.EscapeString(one.Reviewer), html.EscapeString(by))
}

func writeError(body *strings.Builder, what string) {
	fmt.Fprintf(body, "<p>Error fetching product %s</p>\n<p>%s</p>\n", what, unavailable(what))
}

func unavailable(what string) string {
	return "Sorry, product " + what + " are currently unavailable for this book."
}

func writePage(writer http.ResponseWriter, body string) {
	writer.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprintf(writer, "<!doctype html>\n<html><head>\n<title>Simple Bookstore App</title>\n"+
		"<link rel=\"stylesheet\" href=\"/static/tailwind/tailwind.css\">\n</head><body>\n%s</body></html>\n", body)
}
