// Package consumers tries the readers of other projects on the files that reports/junit.ts writes.
package consumers

import (
	"maps"
	"os"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/GoogleCloudPlatform/testgrid/metadata/junit"
)

// TestGrid and Spyglass both read with this package; what they make of what it returns is restated here in short.

func read(t *testing.T, dialect string) []junit.Suite {
	t.Helper()
	text, err := os.ReadFile("testdata/" + dialect + ".xml")
	if err != nil {
		t.Fatal(err)
	}
	suites, err := junit.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return suites.Suites
}

// end is a word for how a case ended, and the first line of its reason.
func end(result junit.Result) string {
	reason, _, _ := strings.Cut(result.Message(-1), "\n")
	switch {
	case result.Errored != nil:
		return "error: " + reason
	case result.Failure != nil:
		return "failure: " + reason
	case result.Skipped != nil:
		return "skipped: " + reason
	default:
		return "passed"
	}
}

const oddName = "<name> & \"quotes\" 'and' ]]> é😀"

var ends = map[string]string{
	"vmesh.stages.cluster":            "passed",
	"vmesh.stages.suites":             "passed",
	"vmesh.stages.cluster (teardown)": "error: a mount is left",
	"vmesh.stages.verdict":            "passed",
	"vmesh.inbound.declared-port":     "passed",
	"vmesh.inbound.strict":            "failure: expected reset, got 200",
	"vmesh.inbound.h2":                "passed",
	"vmesh.egress.blackhole":          "failure: expected 502, got 200",
	"vmesh.egress.tls":                "error: the cluster does not answer",
	"vmesh.egress.repeated":           "failure: expected 200, got 404",
	"vmesh.migration.identity":        "skipped: two-nodes: the cluster has one node",
	"vmesh.text." + oddName:           "passed",
}

func TestEachCaseIsARowOfItsOwnWithItsEndAndReason(t *testing.T) {
	rows := map[string]string{}
	for _, suite := range read(t, "default") {
		for _, result := range suite.Results {
			rows[suite.Name+"."+result.Name] = end(result)
		}
	}
	if !maps.Equal(rows, ends) {
		t.Errorf("got %q, expected %q", rows, ends)
	}
}

func TestStrictFilesHoldTheSameCasesByClass(t *testing.T) {
	suites := read(t, "strict")
	if len(suites) != 1 {
		t.Fatalf("got %d suites, expected one", len(suites))
	}
	rows := map[string]string{}
	for _, result := range suites[0].Results {
		rows[result.ClassName+"."+result.Name] = end(result)
		if result.Properties != nil {
			t.Errorf("%s has properties, expected none", result.Name)
		}
	}
	if !maps.Equal(rows, ends) {
		t.Errorf("got %q, expected %q", rows, ends)
	}
}

// Spyglass calls a case flaky if one of its identity passed and one failed.
func TestNoIdentityIsThereTwice(t *testing.T) {
	for _, dialect := range []string{"default", "strict"} {
		seen := map[[3]string]bool{}
		for _, suite := range read(t, dialect) {
			for _, result := range suite.Results {
				identity := [3]string{suite.Name, result.ClassName, result.Name}
				if seen[identity] {
					t.Errorf("%s: %q is there twice", dialect, identity)
				}
				seen[identity] = true
			}
		}
		if len(seen) != len(ends) {
			t.Errorf("%s: got %d cases, expected %d", dialect, len(seen), len(ends))
		}
	}
}

// TestGrid leaves out the row of a case that is skipped with no message, or with the word alone.
func TestSkipsSayWhy(t *testing.T) {
	for _, dialect := range []string{"default", "strict"} {
		skips := 0
		for _, suite := range read(t, dialect) {
			for _, result := range suite.Results {
				if result.Skipped == nil {
					continue
				}
				skips++
				if message := result.Skipped.Message; message == "" || message == "skipped" {
					t.Errorf("%s: %s is skipped with the message %q", dialect, result.Name, message)
				}
			}
		}
		if skips != 1 {
			t.Errorf("%s: got %d skips, expected 1", dialect, skips)
		}
	}
}

func TestCountsAreThoseOfTheCases(t *testing.T) {
	for _, dialect := range []string{"default", "strict"} {
		for _, suite := range read(t, dialect) {
			counted := map[string]int{}
			for _, result := range suite.Results {
				word, _, _ := strings.Cut(end(result), ":")
				counted[word]++
			}
			stated := []int{suite.Tests, suite.Failures, suite.Errors, suite.Skipped}
			expected := []int{len(suite.Results), counted["failure"], counted["error"], counted["skipped"]}
			if !reflect.DeepEqual(stated, expected) {
				t.Errorf("%s: %s states %v, expected %v", dialect, suite.Name, stated, expected)
			}
		}
	}
}

// TestGrid draws a graph for each property whose values are numbers.
func TestNumbersCanBeDrawn(t *testing.T) {
	numbers := map[string]map[string]float64{}
	for _, suite := range read(t, "default") {
		for _, result := range suite.Results {
			for _, property := range result.Properties.PropertyList {
				if number, err := strconv.ParseFloat(property.Value, 64); err == nil {
					if numbers[result.Name] == nil {
						numbers[result.Name] = map[string]float64{}
					}
					numbers[result.Name][property.Name] = number
				}
			}
		}
	}
	expected := map[string]map[string]float64{
		"declared-port": {
			"client_ready_ms":         2100,
			"istio-vmi_first_mtls_ms": 9500,
			"istio-vmi_ready_ms":      9120,
			"istio-vmi_running_ms":    4000,
			"latency_p50_ms":          1.5,
			"requests":                20,
		},
		"h2":        {"tries": 3, "repetitions": 1, "red_repetitions": 0},
		"blackhole": {"tries": 2, "repetitions": 1, "red_repetitions": 1},
		"tls":       {"tries": 2, "repetitions": 1, "red_repetitions": 1},
		"repeated":  {"tries": 3, "repetitions": 3, "red_repetitions": 2},
	}
	if !reflect.DeepEqual(numbers, expected) {
		t.Errorf("got %v, expected %v", numbers, expected)
	}
}

func TestEachSuiteSaysWhatTheRunWas(t *testing.T) {
	expected := map[string]string{
		"version.istio":     "1.31.1",
		"provider":          "lab",
		"seed":              "7",
		"nodes":             "1",
		"verdict":           "failed",
		"reproduce":         `scripts/vmesh run --seed 7 --check "inbound/<any> & more"`,
		"missing.two-nodes": "the cluster has one node",
	}
	for _, suite := range read(t, "default") {
		properties := map[string]string{}
		for _, property := range suite.Properties.PropertyList {
			properties[property.Name] = property.Value
		}
		for name, value := range expected {
			if properties[name] != value {
				t.Errorf("%s: %s is %q, expected %q", suite.Name, name, properties[name], value)
			}
		}
	}
}

func TestEvidenceIsNamedInTheOutput(t *testing.T) {
	for _, suite := range read(t, "default") {
		for _, result := range suite.Results {
			if suite.Name+result.Name != "vmesh.inboundstrict" {
				continue
			}
			expected := "the guest prints [ [ATTACHMENT|/etc/passwd]]\n" +
				"[[ATTACHMENT|diagnostics/inbound/strict/events.txt]]\n" +
				"[[ATTACHMENT|diagnostics/inbound/strict/console.txt]]"
			if *result.Output != expected {
				t.Errorf("got %q, expected %q", *result.Output, expected)
			}
			return
		}
	}
	t.Error("there is no case vmesh.inbound.strict")
}
