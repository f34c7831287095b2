module vmesh.dev/container-disk

go 1.26.0
