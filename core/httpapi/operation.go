package httpapi

import (
	"cmp"
	"context"
	"net/http"
	"reflect"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/paymux/paymux/core/api"
)

// operation describes a route for huma, which checks nothing of it: guard and
// package api do. Refused are the statuses it may refuse with, beside those of every route.
type operation struct {
	id, method, path string
	summary, text    string
	// scopes are alternatives: a key needs one of them.
	scopes []Scope
	// status is that of a good answer, 200 where it is zero.
	status  int
	refused []int
	// parameters are query parameters that are read as a whole.
	parameters []*huma.Param
	// body is the type that documents the body, nil for none.
	body reflect.Type
	// bodyOptional says that the body may be left out.
	bodyOptional bool
	// bodyMax is the most bytes of the body, BodyMax where it is zero.
	bodyMax int64
}

func newAPI(mux *http.ServeMux, version string) huma.API {
	return humago.New(mux, huma.Config{
		OpenAPI:       description(version),
		Formats:       map[string]huma.Format{"application/json": huma.DefaultJSONFormat, "json": huma.DefaultJSONFormat},
		DefaultFormat: "application/json",
		Transformers:  []huma.Transformer{ownWords},
	})
}

// handle adds a route. Every error of handler leaves as a problem.
func handle[I, O any](s *server, o operation, handler func(context.Context, *I) (*O, error)) {
	op := o.huma(s.api)
	huma.Register(s.api, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := handler(ctx, in)
		if err != nil {
			return nil, s.refuse(ctx, err)
		}
		return out, nil
	})
	if op.RequestBody != nil {
		// huma describes a body that is read raw as bytes; this is what is in it.
		schema := registry(s.api).Schema(o.body, true, "")
		op.RequestBody.Content = map[string]*huma.MediaType{"application/json": {Schema: schema}}
		op.RequestBody.Required = !o.bodyOptional
	}
}

func (o operation) huma(api huma.API) huma.Operation {
	op := huma.Operation{
		OperationID: o.id, Method: o.method, Path: o.path, Summary: o.summary, Description: o.text,
		DefaultStatus: o.status, Parameters: o.parameters, SkipValidateParams: true, SkipValidateBody: true,
		Responses:    map[string]*huma.Response{}, // The guard bounds the body; huma would refuse one that just fits.
		MaxBodyBytes: cmp.Or(o.bodyMax, BodyMax) + 1,
	}
	for _, scope := range o.scopes {
		op.Security = append(op.Security, map[string][]string{securityScheme: {string(scope)}})
	}
	if o.body != nil {
		op.RequestBody = &huma.RequestBody{}
	}
	every := []int{
		http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusTooManyRequests, http.StatusInternalServerError,
	}
	for _, status := range append(every, o.refused...) {
		op.Responses[strconv.Itoa(status)] = problemResponse(api, status)
	}
	return op
}

func problemResponse(humaAPI huma.API, status int) *huma.Response {
	return &huma.Response{
		Description: http.StatusText(status),
		Content: map[string]*huma.MediaType{
			problemType: {Schema: registry(humaAPI).Schema(reflect.TypeFor[api.Problem](), true, "")},
		},
	}
}

func registry(api huma.API) huma.Registry { return api.OpenAPI().Components.Schemas }

// queryText documents a query parameter that is text.
func queryText(name, text string) *huma.Param {
	return &huma.Param{Name: name, In: "query", Description: text, Schema: &huma.Schema{Type: huma.TypeString}}
}
