package main

import (
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// starColors: v1 shows no stars and asks for none.
var starColors = map[string]string{"v2": "black", "v3": "red"}

var reviewTexts = []struct{ reviewer, text string }{
	{"Reviewer1", "Two pairs of twins and no end of trouble: read it aloud."},
	{"Reviewer2", "Light and quick, and over before one has sorted out who is who."},
}

type reviewsOf struct {
	ID          string   `json:"id"`
	PodName     string   `json:"podname"`
	ClusterName string   `json:"clustername"`
	Reviews     []review `json:"reviews"`
}

type review struct {
	Reviewer string  `json:"reviewer"`
	Text     string  `json:"text"`
	Rating   *rating `json:"rating,omitempty"`
}

type rating struct {
	Stars int    `json:"stars,omitempty"`
	Color string `json:"color,omitempty"`
	Error string `json:"error,omitempty"`
}

func reviews(it sample) http.Handler {
	mux := it.mux("Reviews is healthy")
	mux.HandleFunc("GET /reviews/{id}", byNumber(func(writer http.ResponseWriter, request *http.Request, id int) {
		answer := reviewsOf{ID: strconv.Itoa(id), PodName: it.name, ClusterName: "null"}
		color, withStars := starColors[it.version]
		var given ratingsOf
		if withStars {
			given = it.ratingsFor(id, request)
		}
		for _, one := range reviewTexts {
			entry := review{Reviewer: one.reviewer, Text: one.text}
			if withStars {
				entry.Rating = ratingOf(given.Ratings[one.reviewer], color)
			}
			answer.Reviews = append(answer.Reviews, entry)
		}
		writeJSON(writer, http.StatusOK, answer)
	}))
	return mux
}

// ratingsFor has no ratings where the service does not answer with some.
func (it sample) ratingsFor(id int, request *http.Request) ratingsOf {
	headers := forward(request)
	if user := request.Header.Get("end-user"); user != "" {
		headers.Set("end-user", user)
	}
	// The sample's black stars wait longer than its red ones; tasks about time-outs build on it.
	limit := 2500 * time.Millisecond
	if starColors[it.version] == "black" {
		limit = 10 * time.Second
	}
	var found ratingsOf
	fetch(request.Context(), fmt.Sprintf("%s%d", it.others.ratings, id), headers, limit, &found)
	return found
}

func ratingOf(stars int, color string) *rating {
	if stars == 0 {
		return &rating{Error: "Ratings service is currently unavailable"}
	}
	return &rating{Stars: stars, Color: color}
}
