package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// shop is the whole sample, with the version of reviews that is asked for, and what its services were asked.
type shop struct {
	page string
	seen map[string]http.Header
	shut map[string]bool
}

func openShop(t *testing.T, reviewsVersion string) *shop {
	t.Helper()
	it := &shop{seen: map[string]http.Header{}, shut: map[string]bool{}}
	serve := func(name string, others upstreams) string {
		handler, service := sampleOf(name, others), strings.Split(name, "-")[0]
		server := httptest.NewServer(http.HandlerFunc(func(writer http.ResponseWriter, request *http.Request) {
			it.seen[service] = request.Header
			if it.shut[service] {
				http.Error(writer, "shut", http.StatusServiceUnavailable)
				return
			}
			handler.ServeHTTP(writer, request)
		}))
		t.Cleanup(server.Close)
		return server.URL
	}
	var others upstreams
	others.details = serve("details-v1", upstreams{}) + "/details/"
	others.ratings = serve("ratings-v1", upstreams{}) + "/ratings/"
	others.reviews = serve("reviews-"+reviewsVersion+"-7bf8c9648f-n9tmq", others) + "/reviews/"
	it.page = serve("productpage-v1", others)
	return it
}

func (it *shop) get(t *testing.T, path string, headers map[string]string) (int, string) {
	t.Helper()
	request, _ := http.NewRequest(http.MethodGet, it.page+path, nil)
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	return answerTo(t, request)
}

func answerTo(t *testing.T, request *http.Request) (int, string) {
	t.Helper()
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, _ := io.ReadAll(response.Body)
	return response.StatusCode, string(body)
}

func TestThePageHasTheReviewsOfEachVersionInItsColor(t *testing.T) {
	colors := map[string]string{"v1": "", "v2": "text-black-500", "v3": "text-red-500"}
	for version, color := range colors {
		status, body := openShop(t, version).get(t, "/productpage", nil)
		for _, part := range []string{
			"<title>Simple Bookstore App</title>", "William Shakespeare",
			"Reviews served by: reviews-" + version + "-7bf8c9648f-n9tmq<", color,
		} {
			if status != 200 || !strings.Contains(body, part) {
				t.Errorf("%s: expected 200 and `%s`, got %d, %s", version, part, status, body)
			}
		}
		want := map[bool]int{true: 0, false: 9}[color == ""]
		if stars := strings.Count(body, "glyphicon-star"); stars != want {
			t.Errorf("%s: expected %d stars, got %d", version, want, stars)
		}
	}
}

func TestReviewsOfVersionOneAskForNoRatings(t *testing.T) {
	it := openShop(t, "v1")
	it.get(t, "/productpage", nil)
	if it.seen["ratings"] != nil || it.seen["reviews"] == nil {
		t.Errorf("expected a request to reviews and none to ratings, got %v", it.seen)
	}
}

func TestTracesGoAllTheWayAndTheUserComesFromTheSessionAlone(t *testing.T) {
	it := openShop(t, "v2")
	it.get(t, "/productpage", map[string]string{
		"X-Request-Id": "one", "X-B3-TraceId": "two", "Traceparent": "three", "End-User": "jason", "X-Other": "four",
	})
	for _, service := range []string{"details", "reviews", "ratings"} {
		headers := it.seen[service]
		if headers.Get("x-request-id") != "one" || headers.Get("x-b3-traceid") != "two" || headers.Get("traceparent") != "three" {
			t.Errorf("%s: expected the headers of the trace, got %v", service, headers)
		}
		if headers.Get("end-user") != "" || headers.Get("x-other") != "" {
			t.Errorf("%s: expected nobody's user and no other header, got %v", service, headers)
		}
	}
}

func TestWhoLogsInIsTheEndUserUntilTheLogout(t *testing.T) {
	it := openShop(t, "v2")
	form := url.Values{"username": {"jason"}, "passwd": {""}}.Encode()
	request, _ := http.NewRequest(http.MethodPost, it.page+"/login", strings.NewReader(form))
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	cookie := response.Cookies()[0]
	if response.StatusCode != 302 || response.Header.Get("Location") != "/productpage" || cookie.Name != "session" {
		t.Fatalf("expected a redirect and a session, got %d, %v", response.StatusCode, response.Header)
	}
	session := cookie.Name + "=" + cookie.Value
	if _, body := it.get(t, "/productpage", map[string]string{"Cookie": session}); !strings.Contains(body, "jason") {
		t.Errorf("expected the user's name, got %s", body)
	}
	for _, service := range []string{"details", "reviews", "ratings"} {
		if user := it.seen[service].Get("end-user"); service != "details" && user != "jason" {
			t.Errorf("%s: expected jason, got `%s`", service, user)
		}
	}
	it.get(t, "/productpage", map[string]string{"Cookie": session + "x"})
	if user := it.seen["reviews"].Get("end-user"); user != "" {
		t.Errorf("a session with a wrong signature: expected nobody, got `%s`", user)
	}
	logout, _ := http.NewRequest(http.MethodGet, it.page+"/logout", nil)
	response, err = http.DefaultTransport.RoundTrip(logout)
	if err != nil || response.StatusCode != 302 || response.Cookies()[0].MaxAge >= 0 {
		t.Errorf("expected a redirect and the end of the session, got %v, %v", response, err)
	}
}

func TestWhatDoesNotAnswerIsToldOnThePage(t *testing.T) {
	for service, sentence := range map[string]string{
		"details": "Sorry, product details are currently unavailable for this book.",
		"reviews": "Sorry, product reviews are currently unavailable for this book.",
		"ratings": "Ratings service is currently unavailable",
	} {
		it := openShop(t, "v2")
		it.shut[service] = true
		if status, body := it.get(t, "/productpage", nil); status != 200 || !strings.Contains(body, sentence) {
			t.Errorf("%s: expected 200 and `%s`, got %d, %s", service, sentence, status, body)
		}
	}
}

func TestEveryPathOfTheSampleHasItsStatus(t *testing.T) {
	it := openShop(t, "v3")
	for path, want := range map[string]int{
		"/": 200, "/productpage": 200, "/health": 200, "/static/tailwind/tailwind.css": 200, "/static/other": 404,
		"/api/v1/products": 200, "/api/v1/products/0": 200, "/api/v1/products/0/reviews": 200,
		"/api/v1/products/0/ratings": 200, "/api/v1/products/x": 400, "/login": 405, "/logout": 302, "/other": 404,
	} {
		if status, body := it.get(t, path, nil); status != want || status == 404 && body == "" {
			t.Errorf("%s: expected %d, got %d, %s", path, want, status, body)
		}
	}
}

func TestTheServicesAnswerInTheShapesOfTheSample(t *testing.T) {
	ask := func(name, path string, value any) {
		t.Helper()
		recorder := httptest.NewRecorder()
		sampleOf(name, upstreams{}).ServeHTTP(recorder, httptest.NewRequest("GET", path, nil))
		if err := json.Unmarshal(recorder.Body.Bytes(), value); err != nil || recorder.Code != 200 {
			t.Errorf("%s %s: got %d, %v, %s", name, path, recorder.Code, err, recorder.Body)
		}
	}
	var book map[string]any
	ask("details-v1", "/details/0", &book)
	var given ratingsOf
	ask("ratings-v1", "/ratings/7", &given)
	var found reviewsOf
	ask("reviews-v2", "/reviews/0", &found)
	if book["author"] != "William Shakespeare" || given.ID != 7 || given.Ratings["Reviewer1"] != 5 {
		t.Errorf("got %v and %v", book, given)
	}
	if found.PodName != "reviews-v2" || len(found.Reviews) != 2 || found.Reviews[0].Rating.Error == "" {
		t.Errorf("expected two reviews without ratings, got %+v", found)
	}
	var health map[string]string
	ask("reviews-v1", "/health", &health)
	if health["status"] != "Reviews is healthy" {
		t.Errorf("got %v", health)
	}
}

func TestOnlyNamesOfTheSampleAreServed(t *testing.T) {
	for name, want := range map[string]bool{
		"reviews-v2-7bf8c9648f-n9tmq": true, "ratings-v1": true, "productpage-v2-abc": true,
		"reviews": false, "reviews-v2x": false, "guest": false, "my-reviews-v1": false,
	} {
		if sampleName.MatchString(name) != want {
			t.Errorf("%s: expected %v", name, want)
		}
	}
}

func TestOtherServicesAreWhereTheEnvironmentSays(t *testing.T) {
	none := func(string) string { return "" }
	if got := upstreamsOf(none); got.reviews != "http://reviews:9080/reviews/" {
		t.Errorf("got %v", got)
	}
	values := map[string]string{"RATINGS_HOSTNAME": "app.vmns", "RATINGS_SERVICE_PORT": "8000", "SERVICES_DOMAIN": "svc"}
	if got := upstreamsOf(func(name string) string { return values[name] }); got.ratings != "http://app.vmns.svc:8000/ratings/" {
		t.Errorf("got %v", got)
	}
}
