package httpapi

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"html/template"
	"maps"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"github.com/paymux/paymux/core/api"
)

const docsStyle = `body{font:1rem/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem}` +
	`table{border-collapse:collapse;width:100%}td,th{border-bottom:1px solid #ccc;padding:.3rem .6rem;text-align:left;vertical-align:top}`

const docsPage = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{.Title}}</title><style>{{.Style}}</style></head><body>
<h1>{{.Title}}</h1>
<p>{{.Text}}</p>
<p>The whole of it, with every field: <a href="openapi.json">openapi.json</a>.</p>
<h2>Paths</h2>
<table><tr><th>Method and path</th><th>Does</th><th>Scope</th></tr>
{{range .Routes}}<tr><td><code>{{.Method}} {{.Path}}</code></td><td>{{.Summary}}</td><td>{{.Scopes}}</td></tr>
{{end}}</table>
<h2>Problems</h2>
<table><tr><th>Code</th><th>Status</th><th>Means</th></tr>
{{range .Problems}}<tr><td><code>{{.Code}}</code></td><td>{{.Status}}</td><td>{{.Title}}</td></tr>
{{end}}</table>
</body></html>
`

type docsRoute struct{ Method, Path, Summary, Scopes string }

// addDocs serves a page made of the document. It has no script and nothing from
// elsewhere; its one style is allowed by its hash.
func (s *server) addDocs(document *huma.OpenAPI) error {
	page, err := template.New("docs").Parse(docsPage)
	if err != nil {
		return fmt.Errorf("httpapi: docs: %w", err)
	}
	var text bytes.Buffer
	err = page.Execute(&text, map[string]any{
		"Title": document.Info.Title, "Text": document.Info.Description, "Style": template.CSS(docsStyle),
		"Routes": docsRoutes(document), "Problems": api.ProblemKinds(),
	})
	if err != nil {
		return fmt.Errorf("httpapi: docs: %w", err)
	}
	sum := sha256.Sum256([]byte(docsStyle))
	policy := "default-src 'none'; frame-ancestors 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	s.mux.HandleFunc("GET /docs", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Security-Policy", policy)
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write(text.Bytes())
	})
	return nil
}

func docsRoutes(document *huma.OpenAPI) []docsRoute {
	var routes []docsRoute
	for _, path := range slices.Sorted(maps.Keys(document.Paths)) {
		for _, op := range operationsOf(document.Paths[path]) {
			routes = append(routes, docsRoute{Method: op.Method, Path: path, Summary: op.Summary, Scopes: scopesOf(op)})
		}
	}
	return routes
}
