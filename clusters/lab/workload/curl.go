package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"
)

// curlCodes are curl's own exit codes for the ways a call fails.
var curlCodes = map[string]int{"dns": 6, "refused": 7, "unreachable": 7, "timeout": 28, "closed": 52, "reset": 56}

// curl does what vmesh asks of the program of this name: GET, headers, a time-out, the head of the answer.
func curl(arguments []string, output, errors io.Writer) int {
	var headers list
	var address string
	head, seconds := false, 300
	for i := 0; i < len(arguments); i++ {
		switch arguments[i] {
		case "-sS":
		case "-i":
			head = true
		case "-m", "-H":
			if i++; i == len(arguments) {
				return curlFails(errors, 2, "option "+arguments[i-1]+": requires parameter")
			}
			if arguments[i-1] == "-H" {
				headers = append(headers, arguments[i])
				continue
			}
			var err error
			if seconds, err = strconv.Atoi(arguments[i]); err != nil {
				return curlFails(errors, 2, "-m: expected whole seconds")
			}
		default:
			address = arguments[i]
		}
	}
	target, err := url.Parse(address)
	if err != nil || target.Host == "" {
		return curlFails(errors, 3, "URL rejected")
	}
	request, err := newRequest(target, headers, ": ", "")
	if err != nil {
		return curlFails(errors, 2, err.Error())
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Duration(seconds)*time.Second)
	defer cancel()
	result := callHTTP(request.WithContext(ctx), false, nil)
	if result.Outcome != "answered" {
		code, known := curlCodes[result.Outcome]
		if !known {
			code = 1
		}
		return curlFails(errors, code, result.Error)
	}
	if head {
		writeHead(output, result)
	}
	io.WriteString(output, result.Body)
	return 0
}

func writeHead(output io.Writer, result exchange) {
	fmt.Fprintf(output, "HTTP/1.1 %d %s\r\n", result.Status, http.StatusText(result.Status))
	names := []string{}
	for name := range result.Headers {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		for _, value := range result.Headers[name] {
			fmt.Fprintf(output, "%s: %s\r\n", name, value)
		}
	}
	io.WriteString(output, "\r\n")
}

func curlFails(errors io.Writer, code int, why string) int {
	fmt.Fprintf(errors, "curl: (%d) %s\n", code, why)
	return code
}
