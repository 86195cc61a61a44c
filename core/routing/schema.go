package routing

import (
	_ "embed" // For the schema.
	"slices"
)

//go:embed schema.json
var schema []byte

// Schema returns the JSON Schema of routes.yaml, in the part of draft 07 that
// editors know. It says which keys and values there are; what only the whole file
// shows, such as a rule that can never match, is left to [Parse] and [Compile].
func Schema() []byte { return slices.Clone(schema) }
