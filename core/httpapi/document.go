package httpapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"
)

func description(version string) *huma.OpenAPI {
	if version == "" {
		version = "0"
	}
	return &huma.OpenAPI{
		OpenAPI: "3.1.0",
		Info: &huma.Info{
			Title: "Paymux", Version: version,
			Description: "One API for many payment providers. Money is a decimal string in major units and an ISO 4217 code. " +
				"In requests absent, null and \"\" mean the same; unknown fields are refused. Refusals are problem+json: branch on code.",
		},
		Components: &huma.Components{
			Schemas: huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer),
			SecuritySchemes: map[string]*huma.SecurityScheme{
				securityScheme: {
					Type: "http", Scheme: "bearer",
					Description: "An API key. The scopes listed with an operation are alternatives: a key needs one of them.",
				},
			},
		},
	}
}

// addDocument writes the OpenAPI document once, when every route is there, and
// serves it and a page made of it.
func (s *server) addDocument() error {
	document := s.api.OpenAPI()
	describePlainRoutes(document)
	correct(document.Components.Schemas.Map())
	raw, err := json.Marshal(document)
	if err != nil {
		return fmt.Errorf("httpapi: openapi document: %w", err)
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, raw, "", "  "); err != nil {
		return fmt.Errorf("httpapi: openapi document: %w", err)
	}
	indented.WriteByte('\n')
	s.mux.HandleFunc("GET /openapi.json", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(indented.Bytes())
	})
	return s.addDocs(document)
}

// correct puts right what huma cannot say of a Go type: that an object may be null,
// and that answers, unlike requests, may get new fields. Its own error model is
// dropped: nobody gets it.
func correct(schemas map[string]*huma.Schema) {
	delete(schemas, "ErrorModel")
	delete(schemas, "ErrorDetail")
	for name, schema := range schemas {
		if !slices.Contains(requestSchemas(), name) && schema.AdditionalProperties == false {
			schema.AdditionalProperties = nil
		}
	}
	for _, name := range []string{"next_action", "reason", "decision", "bank_account"} {
		mayBeNull(schemas["Transaction"], name)
	}
	mayBeNull(schemas["Generations"], "last_error")
	for _, name := range []string{"row", "record"} {
		mayBeNull(schemas["Finding"], name)
	}
	mayBeNull(schemas["BacktestedMove"], "success")
}

func mayBeNull(schema *huma.Schema, name string) {
	property := schema.Properties[name]
	schema.Properties[name] = &huma.Schema{
		Description: property.Description,
		AnyOf:       []*huma.Schema{{Ref: property.Ref}, {Type: "null"}},
	}
}

// requestSchemas names the schemas of what clients send.
func requestSchemas() []string {
	return []string{
		"Payment", "PaymentCustomer", "Payout", "Recipient", "RecipientBankAccount", "Refund", "Decide", "Resolve", "Lookup",
		"Assign", "Reload", "Rollback", "CompareStatement", "Adopt", "AdoptAttempt", "AdoptTransfer",
		"Evaluate", "Backtest",
	}
}

// describePlainRoutes documents the routes that huma does not serve.
func describePlainRoutes(document *huma.OpenAPI) {
	add := func(id, method, path, summary string, answers map[string]string, parameters ...string) {
		op := &huma.Operation{
			OperationID: id, Method: method, Path: path, Summary: summary,
			Security: []map[string][]string{}, Responses: map[string]*huma.Response{},
		}
		for status, text := range answers {
			op.Responses[status] = &huma.Response{Description: text}
		}
		for _, name := range parameters {
			op.Parameters = append(op.Parameters, &huma.Param{
				Name: name, In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString},
			})
		}
		document.AddOperation(op)
	}
	heard := map[string]string{
		"default": "What the plugin says; 200 where the notification was kept", "404": "No such account",
		"413": "Larger than 256 KiB", "503": "Not kept: send it again",
	}
	back := map[string]string{"303": "On to the merchant's return URL", "200": "A page for the customer", "404": "A page for the customer"}
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		suffix := map[string]string{http.MethodGet: "ByGet", http.MethodPost: "ByPost"}[method]
		add("notify"+suffix, method, "/v1/webhooks/{account}", "A provider's notification, by any method", heard, "account")
		add("return"+suffix, method, "/v1/return/{ref}", "A customer sent back by a provider, by any method", back, "ref")
	}
	add("health", http.MethodGet, "/healthz", "The process is alive", map[string]string{"200": "It is"})
	add("metrics", http.MethodGet, "/metrics", "What is measured, for Prometheus; from another machine with an operator's key", map[string]string{
		"200": "In the text format of Prometheus", "401": "From another machine without a key", "403": "The key is no operator's",
		"404": "Nothing is measured here",
	})
	add("ready", http.MethodGet, "/readyz", "Work can be taken", map[string]string{"200": "Yes", "503": "No, with the reasons"})
}

// operationsOf returns the operations of a path in the order of the methods.
func operationsOf(item *huma.PathItem) []*huma.Operation {
	all := []*huma.Operation{item.Get, item.Post, item.Put, item.Patch, item.Delete}
	return slices.DeleteFunc(all, func(op *huma.Operation) bool { return op == nil })
}
