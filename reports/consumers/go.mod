module vmesh.dev/consumers

go 1.26.0

// The last version that is tagged. go.sum holds what `go test` needs; `go mod tidy` would add 2,000 lines to it, for
// modules of TestGrid's server that its reader of JUnit does not use.
require github.com/GoogleCloudPlatform/testgrid v0.0.173
