// Pins the server that stands in for MongoDB in tests; go.sum holds the digest of its source.
module gateway/deploy/mongo

go 1.24

require github.com/FerretDB/FerretDB v1.24.2
