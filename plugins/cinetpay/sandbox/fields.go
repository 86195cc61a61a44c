package sandbox

import (
	"bytes"
	"encoding/json"
	"mime"
	"net/http"
	"strconv"
)

// fields is a JSON body, read field by field because CinetPay takes some of
// them as string or number.
type fields map[string]json.RawMessage

func readFields(c call) (fields, bool) {
	if !hasType(c.request, "application/json") {
		return nil, false
	}
	var read fields
	if json.Unmarshal(c.body, &read) != nil || read == nil {
		return nil, false
	}
	return read, true
}

func hasType(r *http.Request, wanted string) bool {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && kind == wanted
}

// text returns a string field, or an empty string.
func (f fields) text(name string) string {
	var text string
	if json.Unmarshal(f[name], &text) != nil {
		return ""
	}
	return text
}

// site returns site_id, which may also be a number.
func (f fields) site() string {
	if text := f.text("site_id"); text != "" {
		return text
	}
	return string(bytes.TrimSpace(f["site_id"]))
}

// whole returns an integer written as a JSON number without fraction.
func (f fields) whole(name string) (int64, bool) {
	number, err := strconv.ParseInt(string(bytes.TrimSpace(f[name])), 10, 64)
	return number, err == nil
}

// jsonMetadata tells whether the firewall takes metadata for JSON.
func (f fields) jsonMetadata() bool {
	return structured(f["metadata"]) || structured([]byte(f.text("metadata")))
}

func structured(text []byte) bool {
	text = bytes.TrimSpace(text)
	return len(text) > 0 && (text[0] == '{' || text[0] == '[') && json.Valid(text)
}
